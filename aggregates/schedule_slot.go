package aggregates

import "outrider/events"

// scheduleMessages gives free slots to messages that may leave now, follow-ups first, and returns when the next one may.
func (p *pacer) scheduleMessages(m *Mailbox, slot int64, rule string) (n int, next int64, why string) {
	next, why = never, RuleNobody
	if rule == RuleFlight && slot == never || slot == never {
		return 0, never, rule
	}
	free := slot <= p.now
	for pass := range 2 {
		for _, msg := range m.open {
			if msg.state != messageReady || msg.e.ranksBefore() != (pass == 0) {
				continue
			}
			at, bound := p.o.readyAt(msg.e, msg, max(p.now, slot))
			if at == never {
				continue
			}
			if at <= p.now && free {
				at, bound = p.o.sharedRoom(p.now, m, msg.e, &p.booked)
			}
			if company := msg.e.lead.Domain; at <= p.now && free && p.left > 0 && !p.wrote[company] && p.mayWrite(msg.e) {
				p.left--
				n++
				putInMap(&p.written, msg.e.lead, msg.e.campaign)
				if !msg.e.lead.FreeMail && msg.e.campaign.Settings.CompanyGapMinutes > 0 {
					putInMap(&p.wrote, company, true)
				}
				p.booked.book(p.o, m, msg.e)
				p.addEvent(events.MessageScheduled{MessageRef: msg.Ref(), MailboxID: m.ID, At: p.time})
				again, _ := p.o.nextSlot(m, p.now, n)
				free = m.gapLength() == 0 && again <= p.now
				if m.gapLength() > 0 {
					return n, never, RuleFlight // its result comes first
				}
				continue
			}
			if at <= p.now { // there was no slot, or the company just got one
				at, bound = max(slot, p.now+minute), RuleGap
				if !free {
					at, _ = p.o.nextSlot(m, p.now, n)
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

// slotAfter estimates the slot after the message that was just scheduled; its result will decide.
func (p *pacer) slotAfter(m *Mailbox, scheduled int) (int64, string) {
	if m.gapLength() > 0 {
		return p.now + m.gapLength() + int64(m.Pace.JitterFrom)*second, RuleGap
	}
	return p.o.nextSlot(m, p.now, scheduled)
}

// mayWrite reports whether no other campaign has just got a slot for this person.
func (p *pacer) mayWrite(e *Enrollment) bool {
	by := p.written[e.lead]
	return by == nil || by == e.campaign || p.o.pacing.people.gap() == 0
}
