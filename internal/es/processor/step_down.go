package processor

import (
	"fmt"
	"time"
)

// stepDown ends the attempt for a reason outside the kernel; only the first reason counts.
func (a *attempt) stepDown(reason string, err error, fatal bool) {
	if a.reason != "" {
		return
	}
	a.reason, a.why = reason, err.Error()
	if fatal {
		a.fatal = err
	}
	if a.owner != nil {
		a.owner.Leave(a.why)
	}
}

func (a *attempt) isOver() bool {
	if a.reason != "" {
		return true
	}
	if a.owner == nil {
		return false
	}
	why, fatal := a.owner.Over()
	if why == "" {
		return false
	}
	a.reason, a.why, a.fatal = reasonOf(why, fatal), why, fatal
	return true
}

func (a *attempt) releaseAll() {
	if a.log != nil {
		a.x.log.detachTap(a.log)
	}
	if a.cmds != nil {
		a.x.commands.detachTap(a.cmds)
	}
	if a.disarm != nil {
		a.disarm()
	}
	if a.epoch != 0 {
		a.x.stats.Owned.Add(-1)
	}
	a.x.stats.InFlight.Add(-a.inFlight)
	if !a.heldFor.IsZero() {
		a.x.stats.Held.Add(-1)
	}
}

func (a *attempt) watchSilence() {
	if n := a.owner.InFlight(); n == 0 {
		a.moved = time.Now()
	} else if time.Since(a.moved) > silentTimeout {
		a.stepDown(ReasonSilent, fmt.Errorf("%d events in flight didn't show up within %v", n, silentTimeout), false)
	}
}

// updateCounters brings the counters up to date.
func (a *attempt) updateCounters() {
	s := &a.x.stats
	v, m := a.owner.Voids()
	s.Voids.Add(v - a.seen.voids)
	s.Malformed.Add(m - a.seen.malformed)
	a.seen.voids, a.seen.malformed = v, m
	f := a.owner.Forged()
	s.Forged.Add(f - a.seen.forged)
	a.seen.forged = f
	n := a.owner.InFlight()
	s.InFlight.Add(n - a.inFlight)
	a.inFlight = n
}
