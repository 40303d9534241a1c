package aggregates

import (
	"time"

	"outrider/events"
)

// warmup is how far a mailbox that warms up by stages has come.
type warmup struct {
	plan  events.Warmup
	cap   int
	stage int
	day   int // number of the local day for which the cap was decided; 0 = none was
	used  int // sent since then
}

// CapAt returns the cap of the local day in which a time lies; of a day to come, if nothing speaks against the mailbox until then.
func (o *Organization) CapAt(m *Mailbox, at time.Time) int {
	if w := m.warmup; w != nil {
		if !m.Warming {
			return m.Pace.CapPerDay
		}
		limit := w.cap
		if w.day > 0 {
			for day := dayNumber(at.In(o.mailboxZone(m))); day > w.day && limit < m.Pace.CapPerDay; day-- {
				limit = CapAfter(w.plan, limit, 1)
			}
		}
		return min(m.Pace.CapPerDay, limit)
	}
	if !m.Warming || m.Pace.WarmupStart == 0 {
		return m.Pace.CapPerDay
	}
	loc := o.mailboxZone(m)
	days := dayNumber(at.In(loc)) - dayNumber(toTime(m.warmupFrom).In(loc))
	return min(m.Pace.CapPerDay, m.Pace.WarmupStart+m.Pace.WarmupPerDay*max(days, 0))
}

// capRecorded is the cap that was decided last.
func (m *Mailbox) capRecorded() int {
	if m.warmup == nil || !m.Warming {
		return m.Pace.CapPerDay
	}
	return min(m.Pace.CapPerDay, m.warmup.cap)
}

// StageOf returns the stage that a cap belongs to, from 1.
func StageOf(w events.Warmup, limit int) int {
	for i, s := range w.Stages {
		if limit < s.UpTo {
			return i + 1
		}
	}
	return len(w.Stages)
}

// CapAfter returns the cap after so many good days; with a negative number, before them.
func CapAfter(w events.Warmup, limit, days int) int {
	for ; days > 0; days-- {
		s := w.Stages[StageOf(w, limit)-1]
		limit = min(limit+s.PerDay, max(s.UpTo, limit))
	}
	for ; days < 0; days++ {
		limit = max(limit-w.Stages[StageOf(w, limit)-1].PerDay, w.Start)
	}
	return limit
}

// FullCap returns where a warm-up ends.
func (m *Mailbox) FullCap() int {
	if m.warmup == nil {
		return m.Pace.CapPerDay
	}
	return min(m.Pace.CapPerDay, m.warmup.plan.Stages[len(m.warmup.plan.Stages)-1].UpTo)
}

func (m *Mailbox) setWarmup(e events.MailboxWarmupSet) {
	if len(e.Stages) == 0 {
		m.warmup = nil
		return
	}
	m.warmup = &warmup{plan: e.Warmup, cap: e.Cap, stage: e.Stage}
	m.Warming = true
}

func (m *Mailbox) stepWarmup(e events.MailboxWarmupStepped) {
	if w := m.warmup; w != nil {
		w.cap, w.stage, w.used = e.Cap, e.Stage, 0
		if t, err := time.Parse(time.DateOnly, e.Day); err == nil {
			w.day = dayNumber(t)
		}
	}
}

// Warmup returns how a mailbox warms up, its cap and stage now; ok = it does so by stages.
func (m *Mailbox) Warmup() (plan events.Warmup, limit, stage int, ok bool) {
	if m.warmup == nil {
		return events.Warmup{}, m.capRecorded(), 0, false
	}
	return m.warmup.plan, m.capRecorded(), m.warmup.stage, true
}

// WarmsUp reports whether a mailbox has stages to warm up by, and is not at their end.
func (m *Mailbox) WarmsUp() bool {
	return m.warmup != nil && min(m.Pace.CapPerDay, m.warmup.cap) < m.FullCap()
}

// WarmupFrom returns when its warm-up began; zero = not yet.
func (m *Mailbox) WarmupFrom() time.Time { return toTime(m.warmupFrom) }

// endWarmup records the end of a warm-up once the day's cap has reached the full one.
func (p *pacer) endWarmup(m *Mailbox) {
	if m.Warming && (m.warmup == nil && p.o.CapAt(m, p.time) >= m.Pace.CapPerDay || m.warmup != nil && m.capRecorded() >= m.FullCap()) {
		p.addEvent(events.MailboxWarmedUp{MailboxRef: events.MailboxRef{MailboxID: m.ID}})
	}
}

// stepWarmup decides the cap of a new local day, and reports whether it did.
func (p *pacer) stepWarmup(m *Mailbox) bool {
	w := m.warmup
	local := p.time.In(p.o.mailboxZone(m))
	if w == nil || !m.Warming || dayNumber(local) <= w.day || m.capRecorded() >= m.FullCap() {
		return false
	}
	change, reason, count, n := m.warmupChange(p.time)
	limit := w.cap
	switch change {
	case events.WarmupRaised:
		limit = CapAfter(w.plan, limit, 1)
	case events.WarmupRaisedMore:
		limit = CapAfter(w.plan, limit, 2)
	case events.WarmupSteppedBack:
		limit = CapAfter(w.plan, limit, -2)
	}
	limit = min(limit, m.Pace.CapPerDay)
	p.addEvent(events.MailboxWarmupStepped{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Day: local.Format(time.DateOnly), Cap: limit, Stage: StageOf(w.plan, limit), Change: change,
		Reason: reason, Count: count, Sent: n.Sent})
	return true
}

// What makes a warm-up step back: refusals for reputation, or tries that were put off for it, within seven days.
const (
	warmupBlocks    = 2
	warmupDeferrals = 5
)

// repliesWell is the share of people who answer, per 100,000, from which a mailbox warms up faster.
const repliesWell = 3_000

// warmupChange says what becomes of the cap by what was measured in seven days.
func (m *Mailbox) warmupChange(now time.Time) (change, reason string, count int, n Counts) {
	n = m.Rate.At(now)
	first := m.warmup.day == 0
	switch {
	case n.Blocked >= warmupBlocks:
		return events.WarmupSteppedBack, PartBlocks, n.Blocked, n
	case Exceeds(n.Bounced, n.Sent, MailboxBounceLimit):
		return events.WarmupSteppedBack, PartHardBounces, n.Bounced, n
	case Exceeds(n.Complained, n.Sent, ComplaintWarn):
		return events.WarmupSteppedBack, PartComplaints, n.Complained, n
	case n.Deferred >= warmupDeferrals:
		return events.WarmupSteppedBack, PartDeferrals, n.Deferred, n
	case n.Blocked > 0:
		return events.WarmupHeld, PartBlocks, n.Blocked, n
	case n.Complained > 0:
		return events.WarmupHeld, PartComplaints, n.Complained, n
	case n.Bounced >= 2 && n.Bounced*100_000 > n.Sent*MailboxBounceLimit:
		return events.WarmupHeld, PartHardBounces, n.Bounced, n
	case first, 2*m.warmup.used < m.warmup.cap:
		return events.WarmupHeld, "not_used", 0, n
	case Exceeds(n.Replied, n.Sent, repliesWell):
		return events.WarmupRaisedMore, PartReplies, n.Replied, n
	}
	return events.WarmupRaised, "", 0, n
}

// DayCap is the cap of a local day.
type DayCap struct {
	Day string
	Cap int
}

// CapsAhead returns the caps of the days to come, from tomorrow on, if each until then is a good one.
func (o *Organization) CapsAhead(m *Mailbox, now time.Time, days int) (out []DayCap) {
	loc := o.mailboxZone(m)
	for i := 1; i <= days; i++ {
		at := startOfDay(now, i, loc)
		limit := o.CapAt(m, at)
		if w := m.warmup; w != nil && w.day == 0 && m.Warming { // the first day is about to be recorded
			limit = min(m.Pace.CapPerDay, CapAfter(w.plan, w.cap, i))
		}
		out = append(out, DayCap{at.In(loc).Format(time.DateOnly), limit})
	}
	return out
}
