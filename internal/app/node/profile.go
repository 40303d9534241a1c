package node

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/metrics"
	"runtime/pprof"
	"syscall"
	"time"
)

// Profile writes a CPU profile until stop is called, and to file.heap what was in memory when most was; no file, no profile. SIGUSR1 begins the
// CPU's anew, so that a set-up can be left out.
func Profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("create a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("begin a profile: %w", err)
	}
	anew, over, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	heap := time.NewTicker(heapEvery)
	largest := uint64(0)
	signal.Notify(anew, syscall.SIGUSR1)
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
			case <-heap.C:
				if live := liveHeap(); live > largest+largest/10 {
					largest = live
					writeHeap(file + ".heap")
				}
			case <-anew:
				pprof.StopCPUProfile()
				_, _ = f.Seek(0, io.SeekStart)
				_ = f.Truncate(0)
				_ = pprof.StartCPUProfile(f) // nothing else takes one
			}
		}
	}()
	return func() {
		signal.Stop(anew)
		heap.Stop()
		close(over)
		<-done
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that is cut off shows itself
	}, nil
}

const heapEvery = 500 * time.Millisecond

// liveHeap returns the bytes that the last collection of garbage left.
func liveHeap() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

// writeHeap replaces a file by a profile of the heap; a profile that is missing shows itself.
func writeHeap(file string) {
	f, err := os.Create(file)
	if err != nil {
		return
	}
	_ = pprof.WriteHeapProfile(f)
	_ = f.Close()
}
