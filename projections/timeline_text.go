package projections

import (
	"encoding/json"
	"strings"

	"outrider/events"
	"outrider/internal/es"
)

// TimelineText is what a timeline entry says to people.
type TimelineText struct {
	Key     string // stable, and the same for all that is said in the same way: a dashboard finds its own language's words by it
	English string
}

// timelineText is how one type of event is told: what a timeline keeps of it, and what is said from that. A timeline's rows
// outlive the program that wrote them, so a detail's fields are only ever added, and texts are made when they are read.
type timelineText struct {
	eventType string
	untold    bool                         // it happens all the time, and its newest stands in a row of its own
	detail    func(events.Event) any       // nil = the type says it all
	text      func(detail []byte) sentence // nil = the words of the type
}

// sentence is one way of telling an event; variant tells the ways apart and becomes the end of the key.
type sentence struct{ variant, english string }

// timelineTexts holds every event of the catalogue (a test goes through them), by type.
var timelineTexts = indexTimelineTexts(organizationTexts(), campaignTexts(), mailboxTexts(), leadTexts(), enrollmentTexts(), messageTexts(), sendingTexts(), engagementTexts(), meetingTexts()) //nolint:gochecknoglobals // a constant table

func indexTimelineTexts(families ...[]timelineText) map[string]timelineText {
	index := map[string]timelineText{}
	for _, family := range families {
		for _, t := range family {
			index[t.eventType] = t
		}
	}
	return index
}

func eventTypeOf[E events.Event]() string {
	var zero E
	return zero.EventType()
}

// tellNothing leaves an event out of all timelines.
func tellNothing[E events.Event]() timelineText {
	return timelineText{eventType: eventTypeOf[E](), untold: true}
}

// tellType tells an event by the words of its type.
func tellType[E events.Event]() timelineText {
	return timelineText{eventType: eventTypeOf[E]()}
}

// tellSentence tells an event by one sentence, without a detail.
func tellSentence[E events.Event](english string) timelineText {
	return timelineText{eventType: eventTypeOf[E](), text: func([]byte) sentence { return sentence{english: english} }}
}

// tellDetail keeps a detail of an event, and tells it by the words of its type.
func tellDetail[E events.Event, D any](detail func(E) D) timelineText {
	return timelineText{eventType: eventTypeOf[E](), detail: func(p events.Event) any {
		e, _ := p.(E) // the index is by type
		return detail(e)
	}}
}

// tellAs keeps a detail of an event, and says a sentence from it.
func tellAs[E events.Event, D any](detail func(E) D, text func(D) sentence) timelineText {
	t := tellDetail(detail)
	t.text = func(stored []byte) sentence {
		var d D
		if len(stored) > 0 {
			_ = json.Unmarshal(stored, &d) // our own object; without it the sentence says less
		}
		return text(d)
	}
	return t
}

// timelineDetail returns what a timeline keeps of an event beyond its type: nothing personal, so no text, no address, no client.
// It reports false for an event that isn't told.
func timelineDetail(e *es.Event) (detail any, told bool) {
	t := timelineTexts[e.Payload.EventType()]
	if t.detail == nil {
		return nil, !t.untold
	}
	return t.detail(e.Payload), true
}

// Text says to people what happened.
func (e *TimelineEntry) Text() TimelineText {
	parts := strings.Split(e.Type, ".") // campaign.launched.v1
	parts = parts[:len(parts)-1]
	key := strings.Join(parts, ".")
	t := timelineTexts[e.Type] // none for a type that is no longer written
	if t.text == nil {
		s := spellOut(strings.Join(parts, " "))
		return TimelineText{key, strings.ToUpper(s[:1]) + s[1:] + "."}
	}
	s := t.text(e.Detail)
	if s.variant != "" {
		key += "." + s.variant
	}
	return TimelineText{key, s.english}
}
