package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Heard are the mails of which something was recorded, with what: a server that renumbers its folder, or delivers twice,
// shows them again, and nothing may count twice. Each answer has one entry, which is never removed.
type Heard map[uuid.UUID]HeardAs

// HeardAs is what was recorded of a mail, as a set: one mail can be a reply and an unsubscribe.
type HeardAs uint8

// What a mail can be recorded as.
const (
	HeardReply HeardAs = 1 << iota
	HeardAutoReply
	HeardBounce
	HeardComplaint
	HeardUnsubscribe
)

// Has reports whether a mail was recorded as something; false for the zero mail id.
func (h Heard) Has(mail uuid.UUID, as HeardAs) bool { return h[mail]&as != 0 }

func (o *Organization) markHeard(mail uuid.UUID, as HeardAs) {
	if mail != uuid.Nil {
		putInMap((*map[uuid.UUID]HeardAs)(&o.Heard), mail, o.Heard[mail]|as)
	}
}

func (o *Organization) applyHeard(event events.EngagementEvent) {
	switch e := event.(type) {
	case events.MessageReplied:
		o.markHeard(e.MailID, HeardReply)
		if e.From != events.FromCompany {
			o.endReceived(e.LeadID, events.StopReplied)
		}
	case events.MessageAutoReplied:
		o.markHeard(e.MailID, HeardAutoReply)
		if e.ForGood != "" {
			o.endReceived(e.LeadID, e.ForGood)
		}
	case events.MessageBounced:
		o.markHeard(e.MailID, HeardBounce)
	case events.MessageComplained:
		o.markHeard(e.MailID, HeardComplaint)
		o.endReceived(e.LeadID, events.StopComplained)
	case events.LeadUnsubscribed:
		o.markHeard(e.MailID, HeardUnsubscribe)
		o.endReceived(e.LeadID, events.StopUnsubscribed)
	case events.MeetingBooked, events.MessageOpened, events.MessageClicked, events.HitReclassified: // they don't come by mail
	}
}
