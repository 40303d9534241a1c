package projections

import (
	"encoding/json"
	"strconv"
	"strings"

	"outrider/events"
	"outrider/internal/es"
)

// TimelineText is the text of a timeline entry.
type TimelineText struct {
	Key     string // stable, and the same for all entries with the same wording: a dashboard looks up translations by it
	English string
}

// timelineText is how one type of event is shown: what a timeline keeps of it, and the text that is made from that. A timeline's rows
// outlive the program that wrote them, so fields of a detail are only ever added, and texts are made when rows are read.
type timelineText struct {
	eventType string
	untold    bool                         // not shown: it happens all the time, and the newest is in a row of another read model
	detail    func(events.Event) any       // nil = nothing but the type
	text      func(detail []byte) sentence // nil = the words of the type
}

// sentence is one wording for an event; variant tells wordings apart and becomes the end of the key.
type sentence struct{ variant, english string }

// timelineTexts has every event of the catalogue (a test checks that), by type.
var timelineTexts = indexTimelineTexts(organizationTexts(), memberTexts(), campaignTexts(), mailboxTexts(), leadTexts(), enrollmentTexts(), messageTexts(), sendingTexts(), engagementTexts(), meetingTexts(), threadTexts(), experimentTexts(), billingTexts(), factTexts(), aiTexts(), researchTexts(), senderDomainTexts(), flagTexts(), reportTexts(), webhookTexts(), connectionTexts(), scoreTexts(), testSendTexts(), snippetTexts(), segmentTexts()) //nolint:gochecknoglobals // a constant table

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

// tellType shows an event with the words of its type.
func tellType[E events.Event]() timelineText {
	return timelineText{eventType: eventTypeOf[E]()}
}

// tellSentence shows an event with one sentence, without a detail.
func tellSentence[E events.Event](english string) timelineText {
	return timelineText{eventType: eventTypeOf[E](), text: func([]byte) sentence { return sentence{english: english} }}
}

// tellDetail keeps a detail of an event, and shows it with the words of its type.
func tellDetail[E events.Event, D any](detail func(E) D) timelineText {
	return timelineText{eventType: eventTypeOf[E](), detail: func(p events.Event) any {
		e, _ := p.(E) // the index is by type
		return detail(e)
	}}
}

// tellAs keeps a detail of an event, and makes a sentence of it.
func tellAs[E events.Event, D any](detail func(E) D, text func(D) sentence) timelineText {
	t := tellDetail(detail)
	t.text = func(stored []byte) sentence {
		var d D
		if len(stored) > 0 {
			_ = json.Unmarshal(stored, &d) // our own object; without it the sentence just says less
		}
		return text(d)
	}
	return t
}

// timelineDetail returns what a timeline keeps of an event beyond its type: nothing personal, so no text, no address, no client.
// It reports false for an event that isn't shown.
func timelineDetail(e *es.Event) (detail any, told bool) {
	t := timelineTexts[e.Payload.EventType()]
	if t.detail == nil {
		return nil, !t.untold
	}
	return t.detail(e.Payload), true
}

// TellEvent returns what happened, in words, as timelines say it; false for what they leave out and what can't be read.
func TellEvent(e *es.Event) (text TimelineText, told bool) {
	known := *e
	if known.Payload == nil {
		var err error
		if known.Payload, err = Decode(e.Type, e.Data); err != nil || known.Payload == nil {
			return text, false
		}
	}
	detail, told := timelineDetail(&known)
	if !told {
		return text, false
	}
	entry := TimelineEntry{Type: e.Type}
	if detail != nil {
		stored, err := es.Marshal(detail)
		if err != nil {
			return text, false
		}
		entry.Detail = stored
	}
	return entry.Text(), true
}

// tellWords makes a sentence of the words of a type, spelled as everywhere else (docs/glossary.md).
func tellWords(words string) string {
	words = strings.NewReplacer("api key", "API key", "organization", "organisation").Replace(words)
	return strings.ToUpper(words[:1]) + words[1:] + "."
}

// Text returns what happened, in words.
func (e *TimelineEntry) Text() TimelineText {
	parts := strings.Split(e.Type, ".") // campaign.launched.v1
	parts = parts[:len(parts)-1]
	key := strings.Join(parts, ".")
	t := timelineTexts[e.Type]
	for version := 2; t.eventType == "" && version < 10; version++ { // a version that is no longer written is shown like a newer one
		t = timelineTexts[key+".v"+strconv.Itoa(version)]
	}
	if t.text == nil {
		return TimelineText{key, tellWords(spellOut(strings.Join(parts, " ")))}
	}
	s := t.text(e.Detail)
	if s.variant != "" {
		key += "." + s.variant
	}
	return TimelineText{key, s.english}
}
