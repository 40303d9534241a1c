package aggregates

import "outrider/events"

// candidates are who may be written to next from one mailbox: of each of its lines the first.
type candidates struct {
	p         *pacer
	m         *Mailbox
	slot, end int64
	waits     map[*Campaign]bool // for a person's approval, as far as that was asked
	own, new  []candidate        // who waits for a follow-up from it; who any mailbox of their campaign may write to
	share     int                // how many new people it may take
	research  int64              // when the first of those whose companies are looked at needs no more wait; 0 = nobody does
}

type candidate struct {
	line *waitingLine
	e    *Enrollment // nil = nobody of the line, for this time
	at   int64
}

// candidatesOf looks at the lines of a mailbox once: only that of who is taken has to be looked at again.
func (p *pacer) candidatesOf(m *Mailbox, slot, end int64) *candidates {
	c := &candidates{p: p, m: m, slot: slot, end: end, waits: map[*Campaign]bool{}, share: p.shareOf(m)}
	look := func(lines []*waitingLine) (out []candidate) {
		for _, l := range lines {
			if l.count == 0 {
				continue
			}
			if !c.awaitsApproval(l.campaign) && p.lineOpens(l, slot, end) {
				x := candidate{line: l}
				c.lookAgain(&x)
				out = append(out, x)
			}
		}
		return out
	}
	c.own = look(m.lines)
	for _, of := range m.campaigns {
		c.new = append(c.new, look(of.lines)...)
	}
	return c
}

// take returns who is to be written to next: who waits for a follow-up, the longest due first, else who was enrolled first; the other way round where
// a campaign has it so.
func (c *candidates) take() (e *Enrollment, at int64) {
	best := c.firstCandidate(true)
	if best == nil {
		best = c.firstCandidate(false)
	}
	if best == nil {
		return nil, 0
	}
	if !c.preferProvider(best) {
		putInMap(&c.p.cursor, best.line, c.p.cursor[best.line]+1)
	}
	e, at = best.e, best.at
	if e.step == 0 {
		c.share--
		putInMap(&c.p.asked, e.campaign, c.p.asked[e.campaign]+1)
	}
	putInMap(&c.p.taken, e, true)
	c.lookAgain(best)
	return e, at
}

// giveBack takes back that somebody was taken, as nothing was asked for.
func (c *candidates) giveBack(e *Enrollment) {
	if e.step == 0 {
		c.share++
		c.p.asked[e.campaign]--
	}
}

// firstCandidate is the first of those of a rank.
func (c *candidates) firstCandidate(ranksBefore bool) (best *candidate) {
	for i := range len(c.own) + len(c.new) {
		x := candidateAt(c.own, c.new, i)
		if x.e == nil || x.e.ranksBefore() != ranksBefore || x.e.step == 0 && c.fullFor(x.e.campaign) {
			continue
		}
		if best == nil || x.e.dueAt() < best.e.dueAt() || x.e.dueAt() == best.e.dueAt() && x.e.order < best.e.order {
			best = x
		}
	}
	return best
}

// fullFor reports whether no more new people of a campaign may be taken now.
func (c *candidates) fullFor(x *Campaign) bool {
	_, full := c.p.freshFull(x, c.slot)
	return full || c.share <= 0
}

func candidateAt(own, others []candidate, i int) *candidate {
	if i < len(own) {
		return &own[i]
	}
	return &others[i-len(own)]
}

// mostSkipped is how many of a line are passed over who wait for something that the others don't. A provider may have most of them.
func mostSkipped(rule string) int {
	if rule == RuleProviderCap || rule == RuleResearch {
		return 200
	}
	return 20
}

// lookAgain finds the first of a line who may get a message by the end.
func (c *candidates) lookAgain(x *candidate) {
	x.e = nil
	e := c.p.headOfLine(x.line)
	if e == nil || e.dueAt() > c.end {
		return
	}
	if e.step == 0 && c.fullFor(x.line.campaign) {
		return
	}
	opens, bound := c.opensFor(e)
	for skip := 0; opens > c.end && waitsAlone(bound) && skip < mostSkipped(bound); skip++ { // only this one waits, not the whole line
		putInMap(&c.p.cursor, x.line, c.p.cursor[x.line]+1)
		if e = c.p.headOfLine(x.line); e == nil {
			return
		}
		opens, bound = c.opensFor(e)
	}
	if opens > c.end && bound != RuleSuppressed { // askFor stops whoever is suppressed
		return
	}
	x.e, x.at = e, opens
}

// opensFor returns when somebody may get their next message. While their company's site is read they aren't asked for at all, however late the slot is:
// what is written for it ought to know what is found.
func (c *candidates) opensFor(e *Enrollment) (int64, string) {
	if until := c.p.o.researchUntil(e); until > c.p.now {
		if c.research == 0 || until < c.research {
			c.research = until
		}
		return max(until, c.end+1), RuleResearch
	}
	return c.p.o.readyAt(e, nil, c.slot)
}

// lineOpens reports whether somebody in a line may get a message within the horizon.
func (p *pacer) lineOpens(l *waitingLine, slot, end int64) bool {
	c := l.campaign
	if c.Status != events.CampaignIsActive || len(c.plans[len(c.plans)-1].steps) == 0 {
		return false
	}
	return p.opensAt(l, slot) <= end
}

func (p *pacer) opensAt(l *waitingLine, slot int64) int64 {
	c := l.campaign
	from := max(slot, toMicros(p.o.startOf(c)))
	return c.opensAt(from, p.o.zones.firstLocation(l.zone, c.zone, p.o.zones.home))
}

// awaitsApproval is the pacer's, asked once of each campaign.
func (c *candidates) awaitsApproval(x *Campaign) bool {
	waits, known := c.waits[x]
	if !known {
		waits = c.p.awaitsApproval(c.m, x)
		c.waits[x] = waits
	}
	return waits
}

// awaitsApproval reports whether a day's messages wait for approval, so that no more are asked for.
func (p *pacer) awaitsApproval(m *Mailbox, c *Campaign) bool {
	if c.Approval == events.ApproveNone && len(p.o.Known.judged) == 0 {
		return false
	}
	n := 0
	for _, msg := range m.open {
		if (msg.person || msg.state == messageDrafted && p.o.Known.Judged(msg.ID)) && msg.state <= messageDrafted && msg.state != messageHeld && msg.e.campaign == c {
			n++
		}
	}
	return n >= max(min(p.o.CapAt(m, p.time), mostWritten), 1)
}

func (p *pacer) headOfLine(l *waitingLine) *Enrollment {
	i := p.cursor[l]
	e := l.at(i)
	for e != nil && p.taken[e] {
		i++
		e = l.at(i)
	}
	return e
}

// nextRequest returns when the mailbox has somebody to write to again.
func (c *candidates) nextRequest() (until int64, why string) {
	until, why = never, RuleNobody
	if c.research != 0 {
		until, why = c.research, RuleResearch
	}
	look := func(l *waitingLine) {
		e := c.p.headOfLine(l)
		if e == nil || l.campaign.Status != events.CampaignIsActive || c.awaitsApproval(l.campaign) {
			return
		}
		at, rule := c.p.o.readyAt(e, nil, c.slot)
		if next, full := c.p.freshFull(l.campaign, c.slot); full && e.step == 0 && next > at {
			at, rule = next+horizon, RuleNewPeople // until then none can be asked for, however near it is
		} else if e.step == 0 && c.share <= 0 {
			at, rule = max(at, c.p.now+max(c.m.gapOnAverage(), minute)+horizon), RuleShare
		}
		if at != never && at-horizon < until {
			until, why = at-horizon, rule
			if rule == RuleRetry {
				why = RuleDelay
			}
		}
	}
	for _, l := range c.m.lines {
		look(l)
	}
	for _, x := range c.m.campaigns {
		for _, l := range x.lines {
			look(l)
		}
	}
	return until, why
}
