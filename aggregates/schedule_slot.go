package aggregates

import "outrider/events"

// scheduleMessages returns free slots to messages that may leave now, follow-ups first, and says when one that can't leave yet can.
func (p *pacer) scheduleMessages(m *Mailbox, slot int64, rule string) (n int, next int64, why string) {
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
			at, bound := p.o.readyAt(msg.e, msg, max(p.now, slot))
			if at == never {
				continue
			}
			if company := msg.e.lead.Domain; at <= p.now && free && p.left > 0 && !p.wrote[company] {
				p.left--
				n++
				if !msg.e.lead.FreeMail && msg.e.campaign.Settings.CompanyGapMinutes > 0 {
					putInMap(&p.wrote, company, true)
				}
				p.addEvent(events.MessageScheduled{MessageRef: msg.Ref(), MailboxID: m.ID, At: p.time})
				again, _ := p.o.nextSlot(m, p.now, n)
				free = m.gapLength() == 0 && again <= p.now
				if m.gapLength() > 0 {
					return n, never, RuleFlight // its result comes first
				}
				continue
			}
			if at <= p.now { // there was no slot, or the company had one just now
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

// slotAfter estimates the slot behind what was just scheduled: its result will tell.
func (p *pacer) slotAfter(m *Mailbox, scheduled int) (int64, string) {
	if m.gapLength() > 0 {
		return p.now + m.gapLength() + int64(m.Pace.JitterFrom)*second, RuleGap
	}
	return p.o.nextSlot(m, p.now, scheduled)
}
