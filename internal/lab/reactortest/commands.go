// Package reactortest is the world around a reactor in tests: who answers its commands, keys of persons, a mail server.
package reactortest

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

// Boundary collects what reactors submit, and remembers answers by command id, as the gateway does.
type Boundary struct {
	mu        sync.Mutex
	Submitted []*es.Command // each id once
	Answers   map[uuid.UUID]es.Answer
	Decide    func(*es.Command) es.Answer // nil: everything is accepted
	Fail      func(*es.Command) error     // of those, the ones that get no answer; nil: none
	Asked     []uuid.UUID                 // ids, as often as they were asked for
}

// Submit is reaction.Commander's.
func (b *Boundary) Submit(_ context.Context, c *es.Command) (es.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Asked = append(b.Asked, c.ID)
	if b.Fail != nil {
		if err := b.Fail(c); err != nil {
			return es.Answer{}, err
		}
	}
	if a, known := b.Answers[c.ID]; known {
		return a, nil
	}
	a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	if b.Decide != nil {
		a = b.Decide(c)
	}
	if b.Answers == nil {
		b.Answers = map[uuid.UUID]es.Answer{}
	}
	b.Answers[c.ID] = a
	b.Submitted = append(b.Submitted, c)
	return a, nil
}

// Of returns the payloads of the commands of T's type, in their order.
func Of[T interface{ CommandType() string }](t *testing.T, b *Boundary) (out []T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.Submitted {
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

// Ring has a key for everybody but who was erased. The keys' secret is all zeros: only their binding is tried here.
type Ring struct{ Erased map[uuid.UUID]bool }

// Keys is sealedtext.Keyring's, as is Existing.
func (r Ring) Keys(_ context.Context, org uuid.UUID, subjects []uuid.UUID) (out []pii.Key, _ error) {
	for _, s := range subjects {
		out = append(out, pii.Key{Ref: pii.Ref{Org: org, Subject: s, ID: 7}})
	}
	return out, nil
}

func (r Ring) Existing(_ context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error) {
	out := map[uuid.UUID]pii.Key{}
	for _, s := range subjects {
		if !r.Erased[s] {
			out[s] = KeyOf(org, s)
		}
	}
	return out, nil
}

// KeyOf is a person's key in a Ring.
func KeyOf(org, subject uuid.UUID) pii.Key {
	return pii.Key{Ref: pii.Ref{Org: org, Subject: subject, ID: 7}}
}

// Fact returns an event as the log would have it.
func Fact(t *testing.T, org uuid.UUID, p events.Event) *es.Event {
	t.Helper()
	data, err := es.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return &es.Event{ID: es.NewID(), Type: p.EventType(), Org: org, Subject: p.AggregateID(), CommandID: es.NewID(), CorrelationID: es.NewID(), Data: data}
}

// Noon is when it is in tests.
func Noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }
