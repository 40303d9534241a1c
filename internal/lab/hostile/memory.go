package hostile

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryWatch looks at what the server and its mail workers hold, until its end is asked for. Linux only: elsewhere there is nothing to see.
type memoryWatch struct {
	stop chan struct{}
	most chan float64
}

const lookEvery = 100 * time.Millisecond

func watchMemory(pids func() []int) *memoryWatch {
	w := &memoryWatch{stop: make(chan struct{}), most: make(chan float64, 1)}
	go func() {
		highest := 0.0
		for {
			highest = max(highest, residentMB(pids()))
			select {
			case <-w.stop:
				w.most <- highest
				return
			case <-time.After(lookEvery):
			}
		}
	}()
	return w
}

// end gives the highest, in MB.
func (w *memoryWatch) end() float64 {
	close(w.stop)
	return <-w.most
}

// residentMB is what processes hold together with those that they started; what they share, the program's text, counts once.
func residentMB(pids []int) float64 {
	private, shared := 0.0, 0.0
	for _, pid := range pids {
		for _, p := range append([]int{pid}, childrenOf(pid)...) {
			b, err := os.ReadFile("/proc/" + strconv.Itoa(p) + "/statm")
			f := strings.Fields(string(b))
			if err != nil || len(f) < 3 {
				continue // it has ended
			}
			resident, _ := strconv.ParseFloat(f[1], 64)
			common, _ := strconv.ParseFloat(f[2], 64)
			private += resident - common
			shared = max(shared, common)
		}
	}
	return (private + shared) * float64(os.Getpagesize()) / (1 << 20)
}

// childrenOf are those of all threads of a process.
func childrenOf(pid int) (out []int) {
	threads, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		return nil
	}
	for _, t := range threads {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + t.Name() + "/children")
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}
