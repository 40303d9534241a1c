package es

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Whoever writes the event that comes next is noticed before anything that rests on it leaves.
func TestOwnerStopsAtAnEventThatItDidNotWrite(t *testing.T) {
	t.Parallel()
	changed := func(s Step) *kgo.Record {
		r := *s.Append[0]
		r.Value = []byte(`{"n":7}`)
		return &r
	}
	cases := map[string]func(p *partition) *kgo.Record{
		"while nothing is in flight":         func(*partition) *kgo.Record { return eventRecord(0, 1, 1, true) },
		"before what is in flight":           func(p *partition) *kgo.Record { p.command(ordered(1, "do.one.v1")); return eventRecord(0, 1, 1, true) },
		"the beginning of a command":         func(*partition) *kgo.Record { return eventRecord(0, 1, 1, false) },
		"with our headers and another value": func(p *partition) *kgo.Record { return changed(p.command(ordered(1, "do.one.v1"))) },
		"with our value and another organisation's": func(p *partition) *kgo.Record {
			r := *p.command(ordered(1, "do.one.v1")).Append[0]
			r.Headers = append([]kgo.RecordHeader(nil), r.Headers...)
			for i := range r.Headers {
				if r.Headers[i].Key == hOrg {
					r.Headers[i].Value = []byte(modelOrg(7).String())
				}
			}
			return &r
		},
	}
	for name, foreign := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPartition(t, scriptDomain())
			s := p.owner.Log(p.put(foreign(p)))
			_, fatal := p.owner.Over()
			var who *ForeignError
			if !errors.As(fatal, &who) || !errors.Is(fatal, ErrForeign) || who.Event.Pseq != 1 || len(s.Replies)+len(s.Append) > 0 || p.owner.Owns() {
				t.Fatalf("goes on: %+v, %v", s, fatal)
			}
		})
	}
}

func TestOwnerPassesOverWhatIsNotAuthentic(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	genuine := map[int64]bool{}
	p.owner.cfg.Authentic = func(r *kgo.Record) error {
		if genuine[r.Offset] {
			return nil
		}
		return errors.New("forged")
	}
	for range 5 {
		if s := p.command(ordered(1, "do.one.v1")); len(s.Append)+len(s.Replies) > 0 {
			t.Fatalf("decided: %+v", s)
		}
	}
	if p.owner.Forged() != 5 || len(p.reports) != 3 || p.owner.fold.orgs[modelOrg(0)] != nil {
		t.Fatalf("%d counted, reported %q", p.owner.Forged(), p.reports)
	}
	genuine[p.commands] = true
	if a, events := p.run(ordered(1, "do.one.v1")); a.Outcome != Accepted || len(events) != 1 {
		t.Fatalf("the real one of the same id: %+v", a)
	}
}

// A command that was decided long ago is forgotten, and must not happen again because somebody writes it again.
func TestOwnerRefusesWhatItMayHaveForgotten(t *testing.T) {
	t.Parallel()
	p := newPartition(t, scriptDomain())
	p.run(ordered(1, "do.one.v1"))
	later := func(id byte, d time.Duration) *Command {
		c := ordered(id, "do.one.v1")
		c.Time = modelTime.Add(d)
		return c
	}
	p.now = func() time.Time { return modelTime.Add(48 * time.Hour) }
	p.begin(scriptDomain())
	p.run(later(2, time.Second))
	p.run(later(3, 25*time.Hour))
	for range 2 {
		a, events := p.run(ordered(1, "do.one.v1"))
		if a.Outcome != Refused || a.Code != CodeStale || len(events) > 0 {
			t.Fatalf("%+v with %d events", a, len(events))
		}
		p.begin(scriptDomain())
	}
	if a, _ := p.run(later(1, 2*time.Second)); a.Outcome != Accepted {
		t.Fatalf("another command of an id that is free again: %+v", a)
	}
	if a, _ := p.run(later(4, 2*time.Second)); a.Outcome != Accepted || !strings.HasPrefix(a.Subject, "Item") {
		t.Fatalf("a late one: %+v", a)
	}
}
