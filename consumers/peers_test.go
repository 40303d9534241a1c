package consumers

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// boundary collects what reactors submit, and remembers answers by command id, as the gateway does.
type boundary struct {
	mu      sync.Mutex
	sent    []*es.Command // each id once
	answers map[uuid.UUID]es.Answer
	decide  func(*es.Command) es.Answer // nil: everything is accepted
	fail    func(*es.Command) error     // of those, the ones that get no answer; nil: none
	asked   []uuid.UUID                 // ids, as often as they were asked for
}

func (b *boundary) Submit(_ context.Context, c *es.Command) (es.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, c.ID)
	if b.fail != nil {
		if err := b.fail(c); err != nil {
			return es.Answer{}, err
		}
	}
	if a, known := b.answers[c.ID]; known {
		return a, nil
	}
	a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	if b.decide != nil {
		a = b.decide(c)
	}
	if b.answers == nil {
		b.answers = map[uuid.UUID]es.Answer{}
	}
	b.answers[c.ID] = a
	b.sent = append(b.sent, c)
	return a, nil
}

// of gives the payloads of the commands of T's type, in their order.
func of[T interface{ CommandType() string }](t *testing.T, b *boundary) (out []T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.sent {
		var v T
		if c.Type != v.CommandType() {
			continue
		}
		if err := es.Unmarshal(c.Data, &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// ring has a key for everybody but who was erased. The keys' secret is all zeros: only their binding is tried here.
type ring struct{ erased map[uuid.UUID]bool }

func (r ring) Keys(_ context.Context, org uuid.UUID, subjects []uuid.UUID) (out []pii.Key, _ error) {
	for _, s := range subjects {
		out = append(out, pii.Key{Ref: pii.Ref{Org: org, Subject: s, ID: 7}})
	}
	return out, nil
}

func (r ring) Existing(_ context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error) {
	out := map[uuid.UUID]pii.Key{}
	for _, s := range subjects {
		if !r.erased[s] {
			out[s] = keyOf(org, s)
		}
	}
	return out, nil
}

func keyOf(org, subject uuid.UUID) pii.Key {
	return pii.Key{Ref: pii.Ref{Org: org, Subject: subject, ID: 7}}
}

// fact is an event as the log would have it.
func fact(t *testing.T, org uuid.UUID, p events.Event) *es.Event {
	t.Helper()
	data, err := es.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return &es.Event{ID: es.NewID(), Type: p.EventType(), Org: org, Subject: p.AggregateID(), CommandID: es.NewID(), CorrelationID: es.NewID(), Data: data}
}

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }
