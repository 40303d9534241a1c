package aggregates

import (
	"slices"

	"outrider/events"
)

// horizon is how long before a slot its message is asked for, so that there is time to write it.
const horizon = 2 * hour

// Bounds of one tick; what doesn't fit goes on with the next.
const (
	mostActions = 400 // requests, schedules and stops
	lookAgain   = second
)

// Pace decides what is due by the clock: leases that are over, pauses that end, campaigns that come to their end, and
// for each mailbox whose time has come which messages to ask for, which one gets the slot, and when to look again.
func (o *Organization) Pace() []events.Event {
	p := pacer{o: o, now: micros(o.Now), left: mostActions}
	p.leases()
	if !o.paces() {
		return p.out
	}
	p.resumes()
	due := o.timers.due(p.now)
	slices.SortFunc(due, func(a, b *timer) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return int(int64(a.order) - int64(b.order))
	})
	for _, t := range due {
		if p.left <= 0 {
			break
		}
		if t.campaign != nil {
			p.campaign(t.campaign)
		}
	}
	for _, t := range due {
		if p.left <= 0 {
			break
		}
		if t.mailbox != nil {
			p.mailbox(t.mailbox)
		}
	}
	return p.out
}

// pacer collects the events of one tick, and what they change for what is decided after them.
type pacer struct {
	o       *Organization
	now     int64
	left    int
	out     []events.Event
	taken   map[*Enrollment]bool
	entered map[Hash]int  // people of a company who got their first message
	wrote   map[Hash]bool // companies that got a slot
	cursor  map[*lane]int // people of a lane who were looked at
}

func (p *pacer) emit(e events.Event) { p.out = append(p.out, e) }

func (p *pacer) leases() {
	for _, m := range p.o.leases {
		if m.lease > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(m.doubt())
	}
}

func (p *pacer) resumes() {
	for _, e := range p.o.resumes.items {
		if e.until > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(events.EnrollmentResumed{InCampaign: e.Ref(), Reason: events.PausedOutOfOffice})
	}
}

// campaign acts on what timeCampaign saw; both must name the same conditions.
func (p *pacer) campaign(c *Campaign) {
	switch {
	case c.nobodyLeft():
		p.left--
		p.emit(events.CampaignCompleted{CampaignID: c.ID, Reason: events.CompletedFinished})
	case c.Status == events.CampaignIsCompleted:
		for _, e := range c.first(p.left) {
			p.left--
			p.out = append(p.out, e.Stop(events.StopCampaignCompleted, nil)...)
		}
	case c.Live():
		p.left--
		p.emit(events.CampaignCompleted{CampaignID: c.ID, Reason: events.CompletedEnded})
	}
}

// mailbox always ends in an event that says when to look again: a tick must move what made it due.
func (p *pacer) mailbox(m *Mailbox) {
	if !m.Sending() {
		p.wait(m, RuleMailbox, never)
		return
	}
	if m.Warming && p.o.CapAt(m, p.o.Now) >= m.Pace.CapPerDay {
		p.emit(events.MailboxWarmedUp{MailboxID: m.ID})
	}
	slot, rule := p.o.slot(m, p.now, 0)
	scheduled, next, nextRule := p.schedule(m, slot, rule)
	if scheduled > 0 {
		slot, rule = p.after(m, scheduled)
	} else if rule == RuleFlight {
		slot = p.now + m.gap() // about then
	}
	if slot == never {
		p.wait(m, rule, next)
		return
	}
	until, why := p.request(m, slot, rule)
	if next < until {
		until, why = next, nextRule
	}
	if p.left <= 0 {
		until, why = p.now+lookAgain, RuleMore
	}
	p.wait(m, why, until)
}

func (p *pacer) wait(m *Mailbox, rule string, until int64) {
	e := events.MailboxWaited{MailboxID: m.ID, Rule: rule}
	if until != never {
		e.Until = instant(max(until, p.now+lookAgain))
	}
	p.emit(e)
}

// after estimates the slot behind what was just scheduled: its result will tell.
func (p *pacer) after(m *Mailbox, scheduled int) (int64, string) {
	if m.Pace.GapSeconds > 0 {
		return p.now + m.gap() + int64(m.Pace.JitterFrom)*second, RuleGap
	}
	return p.o.slot(m, p.now, scheduled)
}

// schedule gives free slots to messages that may leave now, follow-ups first, and says when one that can't leave yet can.
func (p *pacer) schedule(m *Mailbox, slot int64, rule string) (n int, next int64, why string) {
	next, why = never, RuleNobody
	if rule == RuleFlight && slot == never || slot == never {
		return 0, never, rule
	}
	free := slot <= p.now
	for pass := range 2 {
		for _, msg := range m.open {
			if msg.state != messageReady || (msg.e.step > 0) != (pass == 0) {
				continue
			}
			at, bound := p.o.ready(msg.e, msg, max(p.now, slot))
			if at == never {
				continue
			}
			if company := msg.e.lead.Domain; at <= p.now && free && p.left > 0 && !p.wrote[company] {
				p.left--
				n++
				if !msg.e.lead.FreeMail && msg.e.campaign.Settings.CompanyGapMinutes > 0 {
					add(&p.wrote, company, true)
				}
				p.emit(events.MessageScheduled{Ref: msg.Ref(), MailboxID: m.ID, At: p.o.Now})
				again, _ := p.o.slot(m, p.now, n)
				free = m.Pace.GapSeconds == 0 && again <= p.now
				if m.Pace.GapSeconds > 0 {
					return n, never, RuleFlight // its result comes first
				}
				continue
			}
			if at <= p.now { // there was no slot, or the company had one just now
				at, bound = max(slot, p.now+minute), RuleGap
				if !free {
					at, _ = p.o.slot(m, p.now, n)
				}
			} else if at <= slot {
				bound = rule
			}
			if at < next {
				next, why = at, bound
			}
		}
	}
	return n, next, why
}

// request asks for the messages that the slots within the horizon need, and says when there will be more to ask for.
func (p *pacer) request(m *Mailbox, slot int64, rule string) (until int64, why string) {
	end := p.now + horizon
	if slot > end {
		return slot - horizon, rule
	}
	need := p.slots(m, slot, end) - p.pipeline(m, slot, end)
	for need > 0 && p.left > 0 {
		e, at := p.candidate(m, slot, end)
		if e == nil {
			return p.later(m, slot)
		}
		if p.ask(m, e, at) {
			need--
		}
	}
	return never, RuleFlight // a slot that is taken makes room
}

// slots is how many messages may leave by the end of the horizon.
func (p *pacer) slots(m *Mailbox, slot, end int64) int {
	limit := p.o.CapAt(m, instant(end))
	loc := p.o.mailboxZone(m)
	today := startOfDay(instant(end), 0, loc).UnixMicro() - 1
	n := min(limit-m.since(end-24*hour), limit-m.since(today)) - m.claimed
	if each := m.gap() + int64(m.Pace.JitterFrom)*second; each > 0 {
		n = min(n, 1+int((end-slot)/each))
	}
	return max(n, 1)
}

// pipeline is how many messages are on their way to a slot within the horizon.
func (p *pacer) pipeline(m *Mailbox, slot, end int64) (n int) {
	for _, msg := range m.open {
		switch msg.state {
		case messageRequested, messageReady:
			if at, _ := p.o.ready(msg.e, msg, max(slot, p.now)); at <= end {
				n++
			}
		}
	}
	return n
}

// candidate gives who is to be written to next: who waits for a follow-up, the longest due first, else who was enrolled
// first.
func (p *pacer) candidate(m *Mailbox, slot, end int64) (best *Enrollment, at int64) {
	var from *lane
	look := func(l *lane) {
		if !p.open(m, l, slot, end) {
			return
		}
		e := p.head(l)
		if e == nil || e.due > end {
			return
		}
		opens, bound := p.o.ready(e, nil, slot)
		for skip := 0; opens > end && bound == RuleCompany && skip < 20; skip++ { // only this one waits, not the lane
			add(&p.cursor, l, p.cursor[l]+1)
			if e = p.head(l); e == nil {
				return
			}
			opens, bound = p.o.ready(e, nil, slot)
		}
		if opens > end && bound != RuleSuppressed { // who is suppressed is stopped by ask
			return
		}
		if best == nil || e.due < best.due || e.due == best.due && e.order < best.order {
			best, at, from = e, opens, l
		}
	}
	for _, l := range m.lanes {
		look(l)
	}
	if best == nil {
		for _, c := range m.campaigns {
			for _, l := range c.lanes {
				look(l)
			}
		}
	}
	if best != nil {
		add(&p.taken, best, true)
		add(&p.cursor, from, p.cursor[from]+1)
	}
	return best, at
}

// open says whether somebody of a lane may get a message within the horizon.
func (p *pacer) open(m *Mailbox, l *lane, slot, end int64) bool {
	c := l.campaign
	if len(l.items) == 0 || c.Status != events.CampaignIsActive || len(c.plans[len(c.plans)-1].steps) == 0 || p.unapproved(m, c) {
		return false
	}
	return p.opensAt(l, slot) <= end
}

func (p *pacer) opensAt(l *lane, slot int64) int64 {
	c := l.campaign
	from := max(slot, micros(p.o.startOf(c)))
	return c.window.room(from, p.o.zones.first(l.zone, c.zone, p.o.zone))
}

// unapproved says that a person has a day's messages to approve first.
func (p *pacer) unapproved(m *Mailbox, c *Campaign) bool {
	if c.approval == events.ApproveNone {
		return false
	}
	n := 0
	for _, msg := range m.open {
		if msg.person && msg.state <= messageDrafted && msg.state != messageHeld && msg.e.campaign == c {
			n++
		}
	}
	return n >= max(p.o.CapAt(m, p.o.Now), 1)
}

func (p *pacer) head(l *lane) *Enrollment {
	i := p.cursor[l]
	for i < len(l.items) && p.taken[l.items[i]] {
		i++
	}
	if i == len(l.items) {
		return nil
	}
	return l.items[i]
}

// ask requests a message, unless its company has enough of them or it must not be written to.
func (p *pacer) ask(m *Mailbox, e *Enrollment, at int64) bool {
	p.left--
	lead := e.lead
	if p.o.Suppression.Covers(lead) {
		p.out = append(p.out, e.Stop(events.StopSuppressed, nil)...)
		return false
	}
	if p.o.companyFull(e, p.entered[lead.Domain]) {
		p.emit(events.EnrollmentDeferred{InCampaign: e.Ref(), Active: p.o.companyActive(e) + p.entered[lead.Domain]})
		return false
	}
	if !e.is(enrollmentCounted) {
		add(&p.entered, lead.Domain, p.entered[lead.Domain]+1)
	}
	p.emit(e.request(m, at))
	return true
}

// later gives when a mailbox has somebody to write to again.
func (p *pacer) later(m *Mailbox, slot int64) (until int64, why string) {
	until, why = never, RuleNobody
	look := func(l *lane) {
		e := p.head(l)
		if e == nil || l.campaign.Status != events.CampaignIsActive || p.unapproved(m, l.campaign) {
			return
		}
		if at, rule := p.o.ready(e, nil, slot); at != never && at-horizon < until {
			until, why = at-horizon, rule
			if rule == RuleRetry {
				why = RuleDelay
			}
		}
	}
	for _, l := range m.lanes {
		look(l)
	}
	for _, c := range m.campaigns {
		for _, l := range c.lanes {
			look(l)
		}
	}
	return until, why
}

func (e *Enrollment) request(m *Mailbox, at int64) events.MessageRequested {
	c, steps := e.campaign, e.steps()
	s := &steps[e.step]
	ref := e.Ref()
	r := events.MessageRequested{Ref: events.Ref{MessageID: messageID(ref.EnrollmentID, s.id, e.attempt), EnrollmentID: ref.EnrollmentID, LeadID: ref.LeadID, CampaignID: ref.CampaignID},
		StepsVersion: c.plans[e.plan].version, StepID: s.id, Step: int(e.step) + 1, Steps: len(steps), VariantID: s.variants[s.variant(ref.EnrollmentID)].id, MailboxID: m.ID,
		Attempt: int(e.attempt), Earliest: instant(at), Approval: c.approval == events.ApproveAll || c.approval == events.ApproveFirst && e.step == 0}
	if e.previous > 0 {
		r.PreviousID = messageID(ref.EnrollmentID, steps[e.step-1].id, e.previous-1)
	}
	return r
}

func add[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}
