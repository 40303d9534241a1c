package node

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// Profile writes a CPU profile until stop is called; no file, no profile. SIGUSR1 begins it anew, so that a set-up can be left out.
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
	signal.Notify(anew, syscall.SIGUSR1)
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
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
		close(over)
		<-done
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that is cut off shows itself
	}, nil
}
