package api

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// aboutLead fills an event's lead; false when it carries none.
func aboutLead(zero events.Event, lead uuid.UUID) (events.Event, bool) {
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	f := v.FieldByName("LeadID") // also of what is embedded
	if !f.IsValid() || f.Type() != reflect.TypeFor[uuid.UUID]() {
		return zero, false
	}
	f.Set(reflect.ValueOf(lead))
	e, _ := v.Interface().(events.Event)
	return e, true
}

func TestEveryEventOfALeadIsInItsTimeline(t *testing.T) {
	t.Parallel()
	lead := uuid.New()
	walked := 0
	for _, entry := range events.Catalogue() {
		p, ok := aboutLead(entry.Zero, lead)
		if !ok || entry.Retired {
			continue
		}
		walked++
		name := p.EventType()
		if !slices.Contains(projections.TimelineSubjects(&es.Event{Org: uuid.New(), Type: name, Subject: p.AggregateID(), Payload: p}), lead) {
			t.Errorf("%s carries a lead and isn't in its timeline", name)
		}
		d := detail{}
		if leadSentence(name, d)+messageSentence(name, d)+heardSentence(name, d) == "" {
			t.Errorf("%s has no sentence for people", name)
		}
	}
	if walked < 35 {
		t.Errorf("walked %d types only", walked)
	}
	for _, name := range []string{"suppression.added.v1", "suppression.removed.v1", "command.refused.v1", "enrollment.batch_recorded.v1"} { // these reach a lead without carrying one
		if leadSentence(name, detail{}) == "" {
			t.Errorf("%s has no sentence for people", name)
		}
	}
	if s := sentence(&projections.TimelineEntry{Type: "campaign.launched.v1"}); s != "Campaign launched." {
		t.Errorf("got %q", s)
	}
}
