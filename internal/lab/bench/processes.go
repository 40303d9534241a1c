// Package bench makes the loads that `outrider bench` measures, and says what they cost.
package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Use is what one part of the system took. Memory that Postgres' processes share is counted once.
type Use struct {
	PeakRSSMB  float64 `json:"peak_rss_mb"`
	CPUSeconds float64 `json:"cpu_seconds"` // while it was watched
}

// Watch looks at this process and everything that it started, until its end is asked for. Linux only: elsewhere there is
// nothing to see.
type Watch struct {
	mu    sync.Mutex
	first map[string]float64 // CPU seconds at the beginning
	now   map[string]Use
	stop  chan struct{}
	done  chan struct{}
}

// watchEvery is often enough to see a peak of memory, and costs less than a percent of a core.
const watchEvery = 250 * time.Millisecond

// StartWatch begins.
func StartWatch() *Watch {
	w := &Watch{first: map[string]float64{}, now: map[string]Use{}, stop: make(chan struct{}), done: make(chan struct{})}
	for name, p := range measureParts() {
		w.first[name] = p.cpu
	}
	go func() {
		defer close(w.done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				w.lookOnce()
				return
			case <-tick.C:
				w.lookOnce()
			}
		}
	}()
	return w
}

func (w *Watch) lookOnce() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, p := range measureParts() {
		u := w.now[name]
		u.PeakRSSMB = max(u.PeakRSSMB, p.private+p.shared)
		u.CPUSeconds = max(u.CPUSeconds, p.cpu-w.first[name])
		w.now[name] = u
	}
}

// End stops watching and gives each part's use: "self" (load generator), "server", "kafka", "postgres", "clickhouse",
// "mail".
func (w *Watch) End() map[string]Use {
	close(w.stop)
	<-w.done
	return w.now
}

// partUsage sums up the processes of one part; memory in MB, CPU in seconds, also of children that have ended.
type partUsage struct{ private, shared, cpu float64 }

// process is one of the machine.
type process struct {
	parent, pid int
	cpu         float64
}

// readProcesses returns all processes of the machine by id.
func readProcesses() map[int]*process {
	all := map[int]*process{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		end := bytes.LastIndexByte(b, ')')
		if err != nil || end < 0 {
			continue // it has ended
		}
		f := strings.Fields(string(b[end+1:]))
		if len(f) < 22 {
			continue
		}
		p := &process{parent: parseInteger(f[1])}
		p.pid = parseInteger(filepath.Base(filepath.Dir(path)))
		p.cpu = float64(parseInteger(f[11])+parseInteger(f[12])+parseInteger(f[13])+parseInteger(f[14])) / ticksPerSecond
		all[p.pid] = p
	}
	return all
}

// partOf says which part of the system a process is, by its arguments.
func partOf(pid int) string {
	args, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	argv := strings.Split(string(args), "\x00")
	switch {
	case len(argv) > 1 && strings.HasPrefix(argv[1], "internal-"):
		return strings.TrimPrefix(argv[1], "internal-")
	case len(argv) > 1 && strings.HasPrefix(argv[1], "child-"):
		return strings.TrimPrefix(argv[1], "child-")
	case slices.Contains(argv, "kafka.Kafka"):
		return "kafka"
	case strings.Contains(argv[0], "postgres"):
		return "postgres"
	case pid == os.Getpid():
		return "self"
	}
	return "server"
}

// measureParts sums up this process and what it started, by part.
func measureParts() map[string]partUsage {
	all := readProcesses()
	ours := func(p *process) bool {
		for ; p != nil; p = all[p.parent] {
			if p.pid == os.Getpid() {
				return true
			}
		}
		return false
	}
	out := map[string]partUsage{}
	for _, p := range all {
		if !ours(p) {
			continue
		}
		part := partOf(p.pid)
		o := out[part]
		o.cpu += p.cpu
		resident, shared := peakMemory(p.pid)
		o.private += resident - shared
		o.shared = max(o.shared, shared)
		out[part] = o
	}
	return out
}

// ticksPerSecond is USER_HZ, 100 on every Linux that Go runs on.
const ticksPerSecond = 100

func peakMemory(pid int) (resident, shared float64) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	f := strings.Fields(string(b))
	if err != nil || len(f) < 3 {
		return 0, 0
	}
	page := float64(os.Getpagesize()) / (1 << 20)
	return float64(parseInteger(f[1])) * page, float64(parseInteger(f[2])) * page
}

func parseInteger(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
