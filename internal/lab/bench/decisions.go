package bench

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"outrider/internal/es"
)

// DecisionsOf is how large an organisation is whose decisions are measured.
type DecisionsOf struct {
	Leads    int `json:"leads"`
	Enrolled int `json:"enrolled"` // enrollments that are active
}

// Decision is what a command took in a situation: its Decide, its own JSON included, and the Apply of what it decided. While both run
// the partition waits. The times are of the thread's processor, where the system counts that, so that what others do on the
// machine isn't in them.
type Decision struct {
	Command string  `json:"command"`
	Case    string  `json:"case"`
	Runs    int     `json:"runs"`
	Events  int     `json:"events"` // at most, of one
	P50     float64 `json:"p50_ms"`
	Worst   float64 `json:"worst_ms"`        // of both together
	Decide  float64 `json:"worst_decide_ms"` // alone
	Refused int     `json:"refused"`
	took    []time.Duration
}

// Decisions are those of an organisation, the slowest first.
type Decisions struct {
	DecisionsOf
	WorstMS   float64    `json:"worst_ms"`
	HeapMB    float64    `json:"heap_mb"` // of all that is remembered
	Decisions []Decision `json:"decisions"`
}

// MeasureDecisions asks an organisation every command, where it has the most to do.
func MeasureDecisions(of DecisionsOf) (Decisions, error) {
	before := heapBytes()
	w, err := newDecisionWorld(of)
	if err != nil {
		return Decisions{}, err
	}
	heap := heapBytes() - before
	if err := w.askEverything(); err != nil {
		return Decisions{}, err
	}
	out := Decisions{DecisionsOf: of, HeapMB: float64(heap) / 1e6}
	for _, d := range w.measured {
		slices.Sort(d.took)
		d.Runs = len(d.took)
		d.P50, d.Worst = millis(d.took[len(d.took)/2]), millis(d.took[len(d.took)-1])
		out.Decisions = append(out.Decisions, *d)
	}
	slices.SortFunc(out.Decisions, func(a, b Decision) int { return cmp.Or(cmp.Compare(b.Worst, a.Worst), cmp.Compare(a.Case, b.Case)) })
	out.WorstMS = out.Decisions[0].Worst
	return out, nil
}

// SlowestOfEach is the slowest case of every command, the slowest first.
func (d Decisions) SlowestOfEach() (out []Decision) {
	seen := map[string]bool{}
	for _, x := range d.Decisions {
		if !seen[x.Command] {
			seen[x.Command] = true
			out = append(out, x)
		}
	}
	return out
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measureOne decides a command and applies what it decided, and remembers how long it took. It returns what was decided.
func (w *decisionWorld) measureOne(situation string, c *es.Command) ([]es.Payload, error) {
	key := c.Type + " " + situation
	if w.measured[key] == nil {
		w.measured[key] = &Decision{Command: c.Type, Case: situation}
	}
	d := w.measured[key]
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadTime()
	out, err := w.state.Decide(c)
	decided := threadTime()
	w.applyAll(c, out)
	d.took = append(d.took, threadTime()-began)
	d.Decide = max(d.Decide, millis(decided-began))
	d.Events = max(d.Events, len(out))
	if w.garbage += len(out); w.garbage > 100_000 { // see pauseCollector
		w.garbage = 0
		runtime.GC()
	}
	if err != nil {
		if d.Refused++; es.RefusalCode(err) == "" {
			return nil, fmt.Errorf("decide %s, %s: %w", c.Type, situation, err)
		}
		w.lastRefusal = err
	}
	return out, nil
}

// pauseCollector lets no garbage be collected in the middle of a decision that is measured: what a thread does for the collector is no
// part of what grows.
func pauseCollector() (resume func()) {
	runtime.GC()
	old := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(old) }
}

// Asked are the types of the commands that were measured.
func (d Decisions) Asked() []string {
	types := map[string]bool{}
	for _, x := range d.Decisions {
		types[x.Command] = true
	}
	return slices.Sorted(maps.Keys(types))
}
