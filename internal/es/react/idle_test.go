package react_test

import (
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/react"
)

func TestEventsOfIdleOrganisationsArePassedOver(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	c, _ := newSubscription(t, react.Config{Log: log, MayPass: func(typ string) bool { return typ != "added.v1" }})
	org, other := logtest.Org(0, 0), logtest.Org(0, 1)
	tell := func(all ...*es.Event) {
		w.Append(w.Records(all)...)
		w.Fence()
	}
	added := func(subject string) *es.Event {
		e := w.Next(org, subject)[0]
		e.Type = "added.v1"
		return e
	}
	next := func(what string) (*message.Message, *es.Event) {
		m, e := receive(t, c)
		if e.Subject != what {
			t.Fatalf("%s comes, not %s", e.Subject, what)
		}
		return m, e
	}
	tell(w.Next(org, "one")...)
	m, e := next("one")
	react.NoteIdle(m.Context(), e)
	m.Ack()
	tell(w.Next(org, "passed over")...)
	tell(w.Next(other, "of another")...)
	m, _ = next("of another")
	m.Ack()
	tell(added("added"))
	m, _ = next("added")
	m.Ack()
	tell(w.Next(org, "two")...)
	two, e2 := next("two")
	tell(added("added again"))
	m, _ = next("added again") // of another subject: it doesn't wait for two
	m.Ack()
	react.NoteIdle(two.Context(), e2) // what was read for it may be older than what was added
	two.Ack()
	tell(w.Next(org, "three")...)
	m, _ = next("three")
	m.Ack()
}
