// Package memory bounds what the garbage collector lets a process grow to.
package memory

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	percent  = 200       // of the live heap, that may come on top of it while all is below smallest: a tenth less CPU under an import than 100
	smallest = 560 << 20 // bytes below which nothing is bounded
	grown    = 0.75      // of the live heap, that may come on top of it above that
	doubled  = 100 << 20 // bytes that a large heap, of more than four times as much, falls short of doubling
	share    = 0.9       // of what the machine or the container has
	every    = 500 * time.Millisecond
)

// Bound has the garbage collector work harder when the process has more than 560 MiB: then its heap grows to 1.75 of what is live, or to nearly twice as much where that is more than 400 MiB, not to three times
// of it. The process stays below nine tenths of what its container, or else its machine, has, as long as that can hold what is live. The variables
// GOGC and GOMEMLIMIT of Go come first where they are set (https://pkg.go.dev/runtime).
func Bound() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	there := available()
	debug.SetMemoryLimit(limitOf(0, 0, there))
	go func() {
		for range time.Tick(every) {
			live, other := use()
			debug.SetMemoryLimit(limitOf(live, other, there))
		}
	}()
}

// limitOf returns the soft limit of a process whose heap has so many live bytes, and which has so many others.
func limitOf(live, other, there uint64) int64 {
	want := max(smallest, float64(other)+float64(live)+max(grown*float64(live), float64(live)-doubled))
	return int64(min(want, share*float64(there), math.MaxInt64/2))
}

// available returns the bytes that the container has, or else the machine.
func available() uint64 {
	if n, err := memlimit.FromCgroup(); err == nil && n > 0 {
		return n
	}
	if n, err := memlimit.FromSystem(); err == nil && n > 0 {
		return n
	}
	return math.MaxInt64
}

// use returns what the last collection of garbage left, and what isn't heap: stacks, tables of the runtime and so on.
func use() (live, other uint64) {
	all := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(all)
	other = all[1].Value.Uint64()
	for _, part := range all[2:] {
		other -= min(other, part.Value.Uint64())
	}
	return all[0].Value.Uint64(), other
}
