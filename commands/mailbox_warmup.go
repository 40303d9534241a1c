package commands

import (
	"reflect"
	"strconv"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// beginWarmup returns what verifying a mailbox brings: a warm-up if its pace or its stages ask for one, continued if it had begun before.
func beginWarmup(m *aggregates.Mailbox, now time.Time) events.MailboxVerified {
	v := events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Status: events.MailboxActive, WarmupFrom: m.WarmupFrom()}
	if v.WarmupFrom.IsZero() {
		v.WarmupFrom = now
	}
	if m.Pace.WarmupStart > 0 && m.Pace.WarmupStart < m.Pace.CapPerDay || m.WarmsUp() {
		v.Status = events.MailboxWarming
	}
	return v
}

// SetMailboxWarmup lets a mailbox warm up by stages: what is measured raises its cap, holds it, and steps it back. Without stages its pace alone
// decides, as it does for a mailbox that never had any.
type SetMailboxWarmup struct {
	events.MailboxRef
	events.Warmup
	Restart bool `json:"restart,omitzero"` // from the start; else from the cap that it has
}

func (SetMailboxWarmup) CommandType() string { return "mailbox.set_warmup.v1" }

// Decide begins at the cap of the day, so that setting a warm-up neither raises nor lowers what a mailbox may send today. It has nothing to do when the
// mailbox warms up just so.
func (c SetMailboxWarmup) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	plan, limit, _, ok := is.Warmup()
	switch {
	case len(c.Stages) == 0 && !ok, ok && reflect.DeepEqual(plan, c.Warmup) && (!c.Restart || limit == c.Start):
		return nil, nil
	case len(c.Stages) == 0:
		return oneEvent(events.MailboxWarmupSet{MailboxRef: c.MailboxRef, Warmup: events.Warmup{Stages: []events.WarmupStage{}}})
	}
	from := max(o.CapAt(is, now), c.Start)
	if !is.Warming && !ok && is.Verified { // it was never warmed up, or is
		from = max(is.Pace.CapPerDay, c.Start)
	}
	if c.Restart || !is.Verified {
		from = c.Start
	}
	return oneEvent(events.MailboxWarmupSet{MailboxRef: c.MailboxRef, Warmup: c.Warmup, Cap: from, Stage: aggregates.StageOf(c.Warmup, from)})
}

func (c SetMailboxWarmup) checkFields() error {
	if len(c.Stages) == 0 {
		return nil
	}
	if len(c.Stages) > events.WarmupStages {
		return errInvalid("stages", "must be at most "+strconv.Itoa(events.WarmupStages))
	}
	if c.Start < 1 || c.Start > mostCap {
		return errInvalid("start", "must be 1 to "+strconv.Itoa(mostCap))
	}
	last := c.Start
	for i, s := range c.Stages {
		field := "stages." + strconv.Itoa(i)
		switch {
		case s.UpTo <= last || s.UpTo > mostCap:
			return errInvalid(field+".up_to", "must be above the stage before")
		case s.PerDay < 1 || s.PerDay > mostCap:
			return errInvalid(field+".per_day", "must be 1 or more")
		}
		last = s.UpTo
	}
	return nil
}

// DefaultWarmup is a warm-up in four stages to a cap: slow at first.
func DefaultWarmup(limit int) events.Warmup {
	w := events.Warmup{Start: max(limit/3, 1)}
	last := w.Start
	for i := 1; i <= events.WarmupStages; i++ {
		to := w.Start + (limit-w.Start)*i/events.WarmupStages
		if to > last {
			w.Stages = append(w.Stages, events.WarmupStage{UpTo: to, PerDay: max((to-last)*(i+1)/10, 1)})
			last = to
		}
	}
	return w
}
