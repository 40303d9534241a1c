package processor

import (
	"slices"
	"time"
)

// Progress is how far a partition has come: enough for an observer to know whether anything is left to do.
type Progress struct {
	Partition int32
	Owned     bool      // decided here
	Commands  int64     // offset in commands before which everything is decided
	From      int64     // offset in events of the snapshot that it began from; 0 = none
	Events    int64     // offset in events before which everything was read
	InFlight  int64     // events appended that the log hasn't shown
	Ticking   int       // ticks of the clock without an effect yet
	Due       time.Time // when the clock must tick next; zero = never
}

// Progress returns the progress of each partition that this process works on, sorted by partition.
func (x *Processor) Progress() []Progress {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]Progress, 0, len(x.stands))
	for _, p := range x.stands {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Progress) int { return int(a.Partition - b.Partition) })
	return out
}

// noteProgress publishes the progress at the end of every turn, when the timer for the next tick is set.
func (a *attempt) noteProgress() {
	p := Progress{Partition: a.p, Owned: a.reason == "" && a.owner.Owns() && a.check == nil, Commands: a.decided, From: a.from, Events: a.high, InFlight: a.owner.InFlight(), Ticking: a.owner.Ticking(), Due: a.owner.NextDue()}
	a.x.mu.Lock()
	a.x.stands[a.p] = p
	a.x.mu.Unlock()
}
