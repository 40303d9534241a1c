package es

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The script domain does what the command's type says.

type scripted struct {
	N     int       `json:"n"`
	Due   time.Time `json:"due,omitzero"`
	Extra any       `json:"extra,omitempty"`
}

func (scripted) EventType() string     { return "script.done.v1" }
func (e scripted) AggregateID() string { return fmt.Sprintf("Item-%d", e.N) }

// told answers with more than a subject; its detail changes its form on the way through JSON.
type told struct {
	Detail any `json:"detail"`
}

func (told) EventType() string   { return "script.told.v1" }
func (told) AggregateID() string { return "ABCDEFAB-CDEF-7BCD-8FAB-CDEFABCDEFAB" }
func (e told) AnswerDetail() any { return e.Detail }

type unheardOf struct{}

func (unheardOf) EventType() string   { return "script.unheard.v1" }
func (unheardOf) AggregateID() string { return "" }

type script struct {
	n   int
	due time.Time
}

func (s *script) Decide(c *Command) ([]Payload, error) {
	switch c.Type {
	case "do.one.v1":
		return []Payload{scripted{N: s.n}}, nil
	case "do.two.v1":
		return []Payload{scripted{N: s.n}, scripted{N: s.n + 1}}, nil
	case "do.nothing.v1", "do.nothing.v1\xff":
		return nil, nil
	case "do.refuse.v1":
		return nil, fmt.Errorf("decide: %w", &Refusal{Code: "not_now", Detail: map[string]any{"why": "<later>", "n": 1}, Subject: "Item-9"})
	case "do.refuse_oddly.v1":
		return nil, &Refusal{Code: "odd\xff", Detail: "\xff", Subject: "Item-\xff"}
	case "do.tell.v1":
		return []Payload{told{struct {
			Z int64   `json:"z"`
			A float64 `json:"a"`
		}{1 << 60, 1}}}, nil
	case "do.fault.v1":
		return nil, errors.New("disk on fire")
	case "do.panic.v1":
		panic("at the disco")
	case "do.nil.v1":
		return []Payload{nil}, nil
	case "do.unstorable.v1":
		return []Payload{scripted{Extra: math.NaN()}}, nil
	case "do.unheard.v1":
		return []Payload{unheardOf{}}, nil
	case "do.large.v1":
		return []Payload{scripted{N: s.n}, scripted{Extra: strings.Repeat("x", maxData)}}, nil
	case "do.refuse_at_length.v1":
		return nil, Refuse("too_long_a_story", strings.Repeat("x", maxData))
	case "do.schedule.v1":
		due, err := time.Parse(time.RFC3339, string(c.Data[1:len(c.Data)-1]))
		return []Payload{scripted{N: s.n, Due: due}}, err
	case AdvanceClockType:
		return []Payload{scripted{N: s.n}}, nil
	}
	return nil, errors.New("unknown command")
}

func (s *script) Apply(e *Event) {
	if p, ok := e.Payload.(scripted); ok {
		s.n++
		s.due = p.Due
	}
}
func (s *script) Due() time.Time { return s.due }

func decodeAs[T Payload](data []byte) (Payload, error) {
	var e T
	err := Unmarshal(data, &e)
	return e, err
}

func scriptDomain() Domain {
	return Domain{New: func(uuid.UUID) State { return &script{} }, Decode: func(t string, data []byte) (Payload, error) {
		switch t {
		case "script.done.v1":
			return decodeAs[scripted](data)
		case "script.told.v1":
			return decodeAs[told](data)
		case "command.refused.v1":
			return decodeAs[CommandRefused](data)
		case "command.noop.v1":
			return decodeAs[CommandNoop](data)
		}
		return nil, fmt.Errorf("unknown event type %s", t)
	}}
}

// partition is a log and a command log, with the owner under test.
type partition struct {
	now      func() time.Time
	t        *testing.T
	owner    *Owner
	log      []*kgo.Record
	commands int64
	reports  []string
}

func newPartition(t *testing.T, domain Domain) *partition {
	t.Helper()
	p := &partition{t: t, now: modelNow}
	p.begin(domain)
	return p
}

// begin makes an owner from nothing and lets it own.
func (p *partition) begin(domain Domain) {
	p.t.Helper()
	p.owner = NewOwner(OwnerConfig{Partitions: 1, Domain: domain, Nonce: uuid.New, Now: p.now,
		Report: func(what string, attrs ...any) {
			p.reports = append(p.reports, fmt.Sprint(append([]any{what}, attrs...)...))
		}}, NewFold(domain))
	s := p.owner.Begin(0, int64(len(p.log)))
	acquired := false
	for _, r := range p.log {
		s = merge(s, p.owner.Log(r))
	}
	for len(s.Append) > 0 && !acquired {
		next := Step{}
		for _, r := range s.Append {
			next = merge(next, p.owner.Log(p.put(r)))
		}
		acquired, s = next.Acquired, next
	}
	if !acquired {
		why, err := p.owner.Over()
		p.t.Fatalf("not acquired: %s %v", why, err)
	}
	p.commands, _, _, _ = p.owner.Start()
}

func merge(a, b Step) Step {
	return Step{append(a.Append, b.Append...), append(a.Replies, b.Replies...), a.Acquired || b.Acquired}
}

// put writes a record to the log.
func (p *partition) put(r *kgo.Record) *kgo.Record {
	r.Offset = int64(len(p.log))
	p.log = append(p.log, r)
	return r
}

// command decides and leaves what is to be appended in flight.
func (p *partition) command(c *Command) Step {
	p.t.Helper()
	r := CommandRecord(0, c)
	r.Offset = p.commands
	p.commands++
	return p.owner.Command(r)
}

// land lets appended records reach the log and the owner.
func (p *partition) land(s Step) (out []CommandReply) {
	out = s.Replies
	for _, r := range s.Append {
		out = append(out, p.owner.Log(p.put(r)).Replies...)
	}
	return out
}

// run decides, confirms and gives the answer.
func (p *partition) run(c *Command) (Answer, []*kgo.Record) {
	p.t.Helper()
	s := p.command(c)
	replies := p.land(s)
	if len(replies) != 1 {
		why, err := p.owner.Over()
		p.t.Fatalf("%s: %d replies; over: %q %v", c.Type, len(replies), why, err)
	}
	return replies[0].Answer, s.Append
}

func ordered(id byte, commandType string) *Command {
	return &Command{ID: modelCommand(id), Type: commandType, Org: modelOrg(0), Time: modelTime, Actor: Actor{ActorPerson, "p"}, Data: []byte("{}")}
}
