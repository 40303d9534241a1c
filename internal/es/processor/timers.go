package processor

import (
	"context"
	"time"

	"outrider/internal/es"
)

// Timers wakes at a time of the clock that commands go by, which may be simulated. Network timeouts never use it.
type Timers interface {
	// At calls f once, on a goroutine of its own, when the clock has reached t; cancel prevents that.
	At(t time.Time, f func()) (cancel func())
}

// realTimers are for a clock that is time.Now.
type realTimers struct{}

func (realTimers) At(t time.Time, f func()) func() {
	timer := time.AfterFunc(time.Until(t), f)
	return func() { timer.Stop() }
}

// sendTicks sends what is due and arms the clock for what comes next.
func (a *attempt) sendTicks(ctx context.Context) {
	if a.isOver() {
		return
	}
	now := a.x.cfg.Now()
	next := a.owner.NextDue()
	if !next.IsZero() && !next.After(now) {
		for _, c := range a.owner.Ticks(now) {
			r := es.CommandRecord(a.p, c)
			a.x.cfg.Keys.SignCommand(r)
			r.Topic = a.x.cfg.Log.Commands()
			a.x.stats.Ticks.Add(1)
			a.x.prod.Produce(ctx, r, nil) // the owner sends it again if it has no effect
		}
		next = a.owner.NextDue()
	}
	if until := a.heldFor.Add(-future); !a.heldFor.IsZero() && (next.IsZero() || until.Before(next)) {
		next = until
	}
	if next.Equal(a.armed) {
		return
	}
	if a.disarm != nil {
		a.disarm()
		a.disarm = nil
	}
	if a.armed = next; !next.IsZero() {
		a.disarm = a.x.cfg.Timers.At(next, func() { a.work.wakeUp() })
	}
}
