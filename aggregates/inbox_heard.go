package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Heard are the mails of which something was recorded, with what: a server that renumbers its folder, or delivers twice,
// shows them again, and nothing may count twice. Each answer has one entry, which is never removed.
type Heard map[uuid.UUID]HeardAs

// HeardAs is what was recorded of a mail, as a set: one mail can be a reply and an unsubscribe. Its upper byte is what a reply means, as its place in events.Meanings.
type HeardAs uint16

// What a mail can be recorded as.
const (
	HeardReply HeardAs = 1 << iota
	HeardAutoReply
	HeardBounce
	HeardComplaint
	HeardUnsubscribe
	HeardCorrection // by a person, of what it means
)

const meaningShift = 8

// Meaning returns what a mail means, as far as it is known.
func (h Heard) Meaning(mail uuid.UUID) string {
	if i := int(h[mail] >> meaningShift); i > 0 {
		return events.Meanings()[i-1]
	}
	return ""
}

// answerAs is what is understood of an answer.
type answerAs struct{ human, interested bool }

// understood returns what is understood of the answer that an event corrects; nothing of one that corrects none.
func (o *Organization) understood(event events.EngagementEvent) answerAs {
	e, ok := event.(events.ReplyReclassified)
	if !ok || !o.Heard.Has(e.MailID, HeardReply|HeardCorrection) {
		return answerAs{}
	}
	meaning := o.Heard.Meaning(e.MailID)
	return answerAs{meaning != events.MeansAutomatic && meaning != events.MeansOutOfOffice, meaning == events.MeansInterested}
}

func (o *Organization) setMeaning(mail uuid.UUID, meaning string) {
	if i := slices.Index(events.Meanings(), meaning) + 1; mail != uuid.Nil {
		putInMap((*map[uuid.UUID]HeardAs)(&o.Heard), mail, o.Heard[mail]&(1<<meaningShift-1)|HeardAs(i)<<meaningShift)
	}
}

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
		o.setMeaning(e.MailID, e.Meaning)
		if e.From != events.FromCompany && !e.Pauses(e.Meaning) {
			o.endReceived(e.LeadID, events.StopReplied)
		}
	case events.MessageAutoReplied:
		o.markHeard(e.MailID, HeardAutoReply)
		o.setMeaning(e.MailID, automaticMeaning(e))
		if e.ForGood != "" {
			o.endReceived(e.LeadID, e.ForGood)
		}
	case events.ReplyReclassified:
		o.markHeard(e.MailID, HeardCorrection)
		o.setMeaning(e.MailID, e.Meaning)
		if !e.Pauses(e.Meaning) && e.Meaning != events.MeansAutomatic && e.Meaning != events.MeansOutOfOffice {
			o.endReceived(e.LeadID, events.StopReplied)
		}
	case events.MessageBounced:
		o.markHeard(e.MailID, HeardBounce)
	case events.MessageComplained:
		o.markHeard(e.MailID, HeardComplaint)
		o.endReceived(e.LeadID, events.StopComplained)
	case events.LeadUnsubscribed:
		o.markHeard(e.MailID, HeardUnsubscribe)
		o.endReceived(e.LeadID, events.StopUnsubscribed)
	case events.MessageDelivered:
		o.Told.add(e.ReportID, e.ToldAt)
	case events.MessageDelayed:
		o.Told.add(e.ReportID, e.ToldAt)
	case events.MessageDropped:
		o.Told.add(e.ReportID, e.ToldAt)
	case events.MeetingBooked, events.MessageOpened, events.MessageClicked, events.HitReclassified: // they don't come by mail
	}
}

// automaticMeaning returns what an automatic answer says.
func automaticMeaning(e events.MessageAutoReplied) string {
	switch {
	case e.OutOfOffice:
		return events.MeansOutOfOffice
	case e.ForGood == events.StopLeftCompany:
		return events.MeansLeftCompany
	}
	return events.MeansAutomatic
}
