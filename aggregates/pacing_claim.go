package aggregates

import (
	"time"

	"outrider/events"
)

// Freshness is how long ago a mailbox may have been read when it sends: answers must stop messages before they leave.
const Freshness = 10 * time.Minute

// Claimer decides the claims of one command one after the other, as each takes a slot.
type Claimer struct {
	o       *Organization
	m       *Mailbox
	now     time.Time
	claimed int
	wrote   map[Hash]bool
	written map[*Lead]*Campaign // people, by which campaign
	booked  booking
}

// Claims returns a Claimer for a mailbox.
func (o *Organization) Claims(now time.Time, m *Mailbox) *Claimer {
	return &Claimer{o: o, m: m, now: now, wrote: map[Hash]bool{}, written: map[*Lead]*Campaign{}}
}

// Claim checks again everything that can hold back a scheduled message. rule is what does; until is when that
// ends, zero when no clock ends it.
func (c *Claimer) Claim(msg *Message) (ok bool, rule string, until time.Time) {
	now := toMicros(c.now)
	at, rule := c.o.readyAt(msg.e, msg, now)
	slot, slotRule := ruleContext{o: c.o, m: c.m, msg: msg, at: now, claimed: c.claimed}.firstFree(mailboxRules)
	if slot > at {
		at, rule = slot, slotRule
	}
	if room, bound := c.o.sharedRoom(now, c.m, msg.e, &c.booked); room > at {
		at, rule = room, bound
	}
	if at <= now && c.wrote[msg.e.lead.Domain] {
		at, rule = now+int64(msg.e.campaign.Settings.CompanyGapMinutes)*minute, RuleCompany
	}
	if by := c.written[msg.e.lead]; at <= now && by != nil && by != msg.e.campaign {
		at, rule = now+c.o.pacing.people.gap(), RulePerson
	}
	switch {
	case at == never:
		return false, rule, time.Time{}
	case at > now:
		return false, rule, toTime(at)
	}
	c.claimed++
	c.booked.book(c.o, c.m, msg.e)
	c.written[msg.e.lead] = msg.e.campaign
	if !msg.e.lead.FreeMail && msg.e.campaign.Settings.CompanyGapMinutes > 0 {
		c.wrote[msg.e.lead.Domain] = true
	}
	return true, "", time.Time{}
}

// Claimed returns the fact.
func (c *Claimer) Claimed(msg *Message, inboxReadAt time.Time) events.MessageClaimed {
	return events.MessageClaimed{MessageRef: msg.Ref(), MailboxID: c.m.ID, InboxReadAt: inboxReadAt, ClaimedAt: c.now, LeaseUntil: c.now.Add(Lease)}
}
