package reconcile

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// engagementBasis is what engagement depends on: messages that left or were refused, and the kinds of fetches.
type engagementBasis struct {
	messages map[item]bool
	hits     map[item]string
}

// foldEngagement counts events about messages. Events of one command belong together: an answer may come before the message that it answers.
func foldEngagement(s *state, command []*es.Event) {
	past := s.also.(*engagementBasis)
	count := func(e *es.Event, message uuid.UUID, is string) {
		s.counted.addTally(e.Org, is, 1, hashOf(message.String()+"/"+strconv.FormatInt(e.Oseq, 10), is))
	}
	for _, e := range command {
		left := func(message uuid.UUID, is string) {
			past.messages[item{e.Org, message}] = true
			count(e, message, is)
		}
		switch p := events.As[events.MessageEvent](e.Payload).(type) {
		case events.MessageSent:
			left(p.MessageID, "sent")
		case events.MessageFailed:
			left(p.MessageID, "failed")
		case events.MessageInDoubt:
			left(p.MessageID, "in_doubt")
		case events.MessageRequested, events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed, events.MessageApproved,
			events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageDeferred, events.MessageResolved,
			events.MessageCancelled: // change nothing here
		}
	}
	for _, e := range command {
		if message, is := past.answerOf(e); is != "" && past.messages[item{e.Org, message}] {
			count(e, message, is)
		}
	}
}

// answerOf returns the message that an event is about, and its kind; "" = none, or the correction of an unknown fetch.
func (p *engagementBasis) answerOf(e *es.Event) (message uuid.UUID, is string) {
	switch f := events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageOpened:
		return f.MessageID, p.rememberHit(e.Org, f.MessageID, f.HitID, "open/") + f.Class
	case events.MessageClicked:
		return f.MessageID, p.rememberHit(e.Org, f.MessageID, f.HitID, "click/") + f.Class
	case events.HitReclassified:
		if kind := p.hits[item{e.Org, f.HitID}]; kind != "" {
			return f.MessageID, kind + f.Class
		}
	case events.MessageReplied:
		return f.MessageID, "reply"
	case events.ReplyReclassified:
		return f.MessageID, "reply"
	case events.MessageAutoReplied:
		return f.MessageID, "reply" // by a machine, as far as one knows
	case events.MessageBounced:
		if !f.OfDrop() {
			return f.MessageID, "bounce"
		}
	case events.MessageDropped:
		return f.MessageID, "drop"
	case events.MessageDelayed:
		return f.MessageID, "delay"
	case events.MessageComplained:
		return f.MessageID, "complaint"
	case events.LeadUnsubscribed:
		return f.MessageID, "unsubscribe"
	case events.MeetingBooked:
		return f.MessageID, "meeting"
	case events.MessageDelivered: // no figure is made of it
	}
	return uuid.Nil, ""
}

// rememberHit remembers the kind of a fetch of a known message.
func (p *engagementBasis) rememberHit(org, message, hit uuid.UUID, kind string) string {
	if p.messages[item{org, message}] && p.hits[item{org, hit}] == "" {
		p.hits[item{org, hit}] = kind
	}
	return kind
}

func upperHex(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
