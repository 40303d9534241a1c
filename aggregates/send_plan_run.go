package aggregates

import (
	"container/heap"
	"maps"

	"outrider/events"
)

// virtualSend is one that a run expects.
type virtualSend struct {
	At int64
	e  *Enrollment
}

// planRun plays the time from now to the end of a day with mailboxes and clocks of its own, so that the organisation stays as it is. A send
// costs the logarithm of those who wait to be sent to from its mailbox, and a look at the first of each line.
type planRun struct {
	d       *planDay
	o       *Organization // with its own memory of who was written to
	relax   planRelax
	bound   map[string]bool // the rules that held somebody back
	rules   []rule          // of people
	boxed   []rule          // of mailboxes
	windows map[windowKey]windowSpan
	boxes   runBoxes
	lines   map[*queue]*runLine
	entered map[Hash]int
	sends   [][]virtualSend // by box
}

// runBox is a mailbox in a run.
type runBox struct {
	i     int
	m     *Mailbox
	at    int64 // when it may send at the earliest
	until int64
	order int
	own   runPeople // whose message is written, and who is due for a follow-up from here by what the run has sent
	lines []*runLine
}

// runPerson is somebody who may be written to, and when: at, asked from an instant on.
type runPerson struct {
	e        *Enrollment
	msg      *Message
	from, at int64
	bound    string
	gone     bool
}

// play plays the day without some of the rules.
func (d *planDay) play(relax planRelax) *planRun {
	r := &planRun{d: d, relax: maps.Clone(relax), bound: map[string]bool{}, windows: map[windowKey]windowSpan{}, lines: map[*queue]*runLine{}, entered: map[Hash]int{},
		sends: make([][]virtualSend, len(d.boxes))}
	shadow := *d.o
	shadow.pacing.companies.sent = maps.Clone(d.o.pacing.companies.sent)
	shadow.pacing.people.sent = maps.Clone(d.o.pacing.people.sent)
	shadow.pacing.shared = d.o.pacing.shared.clone()
	r.o = &shadow
	r.rules = r.peopleRules()
	r.boxed = r.boxRules()
	for i, b := range d.boxes {
		r.addBox(i, b)
	}
	heap.Init(&r.boxes)
	for r.boxes.Len() > 0 {
		b := r.boxes[0]
		if b.at = r.step(b); b.at >= b.until {
			heap.Pop(&r.boxes)
			continue
		}
		heap.Fix(&r.boxes, 0)
	}
	return r
}

func (r *planRun) addBox(i int, of *planBox) {
	b := &runBox{i: i, m: of.real.shadowOn(nil), at: r.d.now, until: of.to, order: i}
	for _, msg := range of.real.open {
		switch {
		case msg.state == messageScheduled || msg.state == messageClaimed: // leaves now
			r.send(b, &runPerson{e: msg.e, msg: msg}, r.d.now)
		case msg.state == messageInDoubt:
		case msg.state == messageReady, msg.state <= messageDrafted && msg.state != messageHeld && !msg.person, r.relax[RuleDraft]:
			b.own.add(&runPerson{e: msg.e, msg: msg})
		default:
			r.bound[RuleDraft] = true
		}
	}
	for _, l := range of.real.lines {
		r.addLine(b, l.campaign, &l.queue)
	}
	for _, c := range of.real.campaigns {
		for _, l := range c.lines {
			r.addLine(b, c, &l.queue)
		}
		if r.relax[RuleCompanyCap] {
			r.addLine(b, c, &c.deferred)
		} else if c.deferred.count > 0 {
			r.bound[RuleCompanyCap] = true
		}
	}
	if of.real.Sending() {
		r.boxes = append(r.boxes, b)
	}
}

func (r *planRun) addLine(b *runBox, c *Campaign, q *queue) {
	if q.count == 0 {
		return
	}
	if c.Status != events.CampaignIsActive && !(r.relax[RuleCampaign] && c.Status != events.CampaignIsCompleted) {
		r.bound[RuleCampaign] = true
		return
	}
	l := r.lines[q]
	if l == nil {
		l = &runLine{c: c, q: q}
		r.lines[q] = l
	}
	b.lines = append(b.lines, l)
}

// step lets a mailbox send, if it can at its time, and returns when it is to be looked at again.
func (r *planRun) step(b *runBox) int64 {
	slot, _ := ruleContext{o: r.o, m: b.m, at: b.at, days: r.d.days}.firstFree(r.boxed)
	if slot > b.at || slot >= b.until {
		return slot
	}
	for {
		p, at := r.choose(b, slot)
		if p == nil || at > slot {
			return at
		}
		if p.from, p.at = 0, 0; r.readyAt(p, slot) > slot { // somebody else of the company was written to meanwhile
			continue
		}
		p.gone = true
		if !r.relax[RuleCompanyCap] && p.msg == nil && r.o.companyFull(p.e, r.entered[p.e.lead.Domain]) {
			r.bound[RuleCompanyCap] = true
			continue
		}
		r.send(b, p, slot)
		return slot
	}
}

// choose returns who can be written to first from a slot on: of those who can at once, whose message is written, then who waits for a
// follow-up, then who was enrolled first.
func (r *planRun) choose(b *runBox, slot int64) (best *runPerson, first int64) {
	best, first = r.firstOf(&b.own, slot)
	look := func(p *runPerson) bool {
		at := r.readyAt(p, slot)
		if at < first || at == first && best != nil && isBefore(p, best) {
			best, first = p, at
		}
		return at <= slot || !waitsAlone(p.bound) && p.bound != RuleSuppressed
	}
	for _, l := range b.lines {
		for _, p := range r.headOf(l) {
			if look(p) { // as those behind it wait for the same
				break
			}
		}
	}
	return best, first
}

// isBefore is the order of those who could be written to at the same time.
func isBefore(a, b *runPerson) bool {
	rank := func(p *runPerson) int { return 2*countIf(p.msg == nil) + countIf(!p.e.ranksBefore()) }
	if ra, rb := rank(a), rank(b); ra != rb {
		return ra < rb
	}
	if da, db := a.e.dueAt(), b.e.dueAt(); da != db {
		return da < db
	}
	return a.e.order < b.e.order
}

// send counts a message as sent, and queues the next step.
func (r *planRun) send(b *runBox, p *runPerson, at int64) {
	e := p.e
	r.sends[b.i] = append(r.sends[b.i], virtualSend{at, e})
	b.m.sendVirtually(at)
	r.o.meterMessage(b.m, e, at)
	if !e.hasFlag(enrollmentCounted) && p.msg == nil {
		r.entered[e.lead.Domain]++
	}
	if !e.lead.FreeMail {
		putInMap(&r.o.pacing.companies.sent, e.lead.Domain, at)
	}
	if r.o.pacing.people.gap() > 0 {
		putInMap(&r.o.pacing.people.sent, e.lead.ID, personSent{e.campaign, at})
	}
	if int(e.step)+1 >= len(e.planSteps()) || e.hasFlag(enrollmentEnded) {
		return
	}
	if e.campaign.Approval == events.ApproveAll && !r.relax[RuleDraft] {
		r.bound[RuleDraft] = true
		return
	}
	if due := r.o.dueAfter(e, int(e.step)+1, toTime(at)); due != 0 && due < b.until {
		next := *e
		next.step, next.due, next.message = e.step+1, due, nil
		b.own.add(&runPerson{e: &next})
	}
}

// shadowOn is a mailbox to plan with: nothing is in flight from it. What it sends is kept in what is given.
func (m *Mailbox) shadowOn(sends []int64) *Mailbox {
	s := *m
	s.sends, s.inFlight, s.claimed = append(sends, m.sends...), 0, 0
	return &s
}

func (m *Mailbox) sendVirtually(at int64) {
	m.sends = append(m.sends, max(at, lastOf(m.sends)))
	m.free = max(m.free, at+m.gapOnAverage())
}

func lastOf(sends []int64) int64 {
	if len(sends) == 0 {
		return 0
	}
	return sends[len(sends)-1]
}

// gapOnAverage is the gap with the middle of what is drawn.
func (m *Mailbox) gapOnAverage() int64 {
	return m.gapLength() + int64(m.Pace.JitterFrom+m.Pace.JitterTo)*second/2
}

// runBoxes is a heap, the earliest first.
type runBoxes []*runBox

func (h runBoxes) Len() int { return len(h) }
func (h runBoxes) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}
func (h runBoxes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *runBoxes) Push(x any) { *h = append(*h, x.(*runBox)) }

// Pop is for package heap.
func (h *runBoxes) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
