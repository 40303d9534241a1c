package projections_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// messageOf fills every id of a fact with one.
func messageOf(x uuid.UUID, zero events.Event) *es.Event {
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	fill(v, x)
	p := v.Interface().(events.Event)
	data, _ := es.Marshal(p)
	return &es.Event{Org: x, Type: p.EventType(), Data: data, Payload: p, Time: at(1)}
}

func fill(v reflect.Value, x uuid.UUID) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[uuid.UUID]():
			f.Set(reflect.ValueOf(x))
		case f.Kind() == reflect.Struct && v.Type().Field(i).Anonymous:
			fill(f, x)
		}
	}
}

// A type that is new somewhere in the folds, and that the past leaves out, fails here.
func TestEveryEventThatChangesARowIsNeeded(t *testing.T) {
	t.Parallel()
	x, changes := uuid.New(), 0
	for model, show := range map[string]func(*projections.Past) any{
		"organizations": func(p *projections.Past) any { return p.Organization() },
		"campaigns":     func(p *projections.Past) any { return []any{p.Campaign(x), p.Enrollment(x)} },
		"leads":         func(p *projections.Past) any { return p.Lead(x) },
		"mailboxes":     func(p *projections.Past) any { return p.Mailbox(x) },
		"messages":      func(p *projections.Past) any { return p.Message(x) },
	} {
		needs, foreign := projections.NeedsOf(model, x), projections.NeedsOf(model, uuid.New())
		for _, kind := range events.Catalogue() {
			past, err := projections.NewPast(x, uuid.Nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			apply := func(e *es.Event) string {
				if err := past.Apply(t.Context(), e); err != nil {
					t.Fatalf("%s: %v", e.Type, err)
				}
				b, _ := json.Marshal(show(past))
				return string(b)
			}
			var before string
			for _, e := range []events.Event{events.OrganizationCreated{}, events.MailboxAdded{}, events.CampaignCreated{}, events.LeadCreated{}, events.EnrollmentStarted{}, events.MessageRequested{}} {
				before = apply(messageOf(x, e))
			}
			e := messageOf(x, kind.Zero)
			e.Time = at(2)
			if apply(e) != before {
				changes++
				if !needs.Has(e) {
					t.Errorf("%s changes %s and isn't asked for", e.Type, model)
				}
			}
			if _, row := e.Payload.(events.LeadCreated); row && foreign.Has(e) {
				t.Errorf("%s of somebody else is asked for by %s", e.Type, model)
			}
			past.Close()
		}
		if unknown := (&es.Event{Type: "unheard.of.v1"}); !needs.Has(unknown) {
			t.Errorf("what nobody knows is passed over by %s", model)
		}
	}
	if changes < 50 {
		t.Errorf("%d events changed something", changes)
	}
}
