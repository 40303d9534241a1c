package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ClaimMessages asks for scheduled messages of a mailbox. Only claimed messages may be sent, and only until the
// lease is over.
type ClaimMessages struct {
	MailboxID   uuid.UUID   `json:"mailbox_id"`
	MessageIDs  []uuid.UUID `json:"message_ids"`
	InboxReadAt time.Time   `json:"inbox_read_at"` // when the mailbox was last read to its end
}

func (ClaimMessages) CommandType() string { return "message.claim.v1" }

// Decide checks again what was checked for scheduling: a stop, a pause, a suppression, a cap or an unread inbox may have come up
// since. A single message is answered by itself; of several, the last event names those that were claimed.
func (c ClaimMessages) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	box := o.Mailboxes.Get(c.MailboxID)
	if err := checkCount("message_ids", len(c.MessageIDs)); err != nil {
		return nil, err
	}
	if box == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if oldest := now.Add(-aggregates.Freshness); c.InboxReadAt.Before(oldest) && box.Transport == events.TransportSMTP {
		return nil, refuseAbout(c.MailboxID, CodeInboxStale, detailStale{c.InboxReadAt, oldest})
	}
	var out []events.Event
	record := events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}}
	refuse := func(id uuid.UUID, code, rule string) {
		record.Refused = append(record.Refused, events.RefusedClaim{MessageID: id, Code: code, Rule: rule})
	}
	claims := o.Claims(now, box)
	seen := map[uuid.UUID]bool{}
	for _, id := range c.MessageIDs {
		msg := o.Messages[id]
		switch {
		case msg == nil || msg.Mailbox() != box || msg.Ended() && !msg.Away():
			refuse(id, CodeNotFound, "")
			continue
		case msg.Away() || seen[id]:
			refuse(id, CodeClaimed, "")
			continue
		case !msg.Scheduled():
			refuse(id, CodeNotScheduled, "")
			continue
		}
		seen[id] = true
		if lapsed := o.Known.Unsayable(msg, now); len(lapsed) > 0 { // its time is over since it got the slot
			refuse(id, CodePostponed, aggregates.RuleDraft)
			out = append(out, lapsedDraft(o, msg, lapseOf(o, lapsed))...)
			continue
		}
		ok, rule, until := claims.Claim(msg)
		switch {
		case ok:
			record.Claimed = append(record.Claimed, id)
			out = append(out, claims.Claimed(msg, c.InboxReadAt))
		case rule == aggregates.RuleSuppressed:
			refuse(id, CodeSuppressed, "")
			out = append(out, msg.Enrollment().Stop(events.StopSuppressed, nil)...)
		default:
			refuse(id, CodePostponed, rule)
			out = append(out, events.MessagePostponed{MessageRef: msg.Ref(), MailboxID: c.MailboxID, Rule: rule, Until: until})
		}
	}
	switch {
	case len(c.MessageIDs) == 1 && len(out) == 0:
		return nil, refuseAbout(c.MailboxID, record.Refused[0].Code, detailID{c.MessageIDs[0]})
	case len(c.MessageIDs) == 1 && len(record.Claimed) == 1:
		return out, nil
	}
	return append(out, record), nil
}
