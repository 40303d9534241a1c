package es

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// State is what the domain keeps of one organisation in order to decide. Payloads and their decoded forms are values,
// never pointers.
type State interface {
	// Decide is pure: no clock, ids, randomness or I/O. No events and no error mean that there was nothing to do; a
	// *Refusal is an answer; any other error is a fault and answered with CodeInternal.
	Decide(c *Command) ([]Payload, error)
	// Apply takes a fact; it never fails.
	Apply(e *Event)
	// Due is when AdvanceClock should come; the zero time = not needed. Deciding that tick must move it.
	Due() time.Time
}

// Domain is all that the kernel knows of the domain that it runs.
type Domain struct {
	New    func(org uuid.UUID) State
	Decode Decoder
}

// ErrLoss reports that records which once counted are missing; continuing would be wrong.
var ErrLoss = errors.New("the log has lost records")

// ErrPoison reports that an event counts but can't be read (by this version of the program).
var ErrPoison = errors.New("event can't be applied")

// organization is the kernel's own state of an organisation, around the domain's.
type organization struct {
	id        uuid.UUID
	state     State
	oseq      int64
	chain     ChainHash
	time      time.Time
	ids       answerHistory
	scheduled time.Time // newest entry in the owner's heap
}

// lastCommand is the newest complete command: reading commands continues after it.
type lastCommand struct {
	ID     uuid.UUID
	Offset int64
	Time   time.Time
}

// Gate passes the records of one partition through the rule, in order, and notices what is missing. Every reader has one.
type Gate struct {
	Rule      Rule
	Next      int64 // offset of the record expected next
	Malformed int64
	LastBad   error // the newest malformed record, for the report

	gapFrom, gapTo int64 // offsets that were never seen
	proven         bool  // an event has shown that no counted event was among them; a fence may still have been
}

// NewGate returns a gate that starts after a checkpoint.
func NewGate(c Checkpoint) Gate {
	return Gate{Rule: Rule{Epoch: c.Epoch, Pseq: c.Pseq, Complete: c.Pseq}, Next: c.Offset}
}

// Checkpoint returns where a reader may start again: only between commands, and not after a gap that may hide a loss, as a reader that
// started there would take what depends on the lost records for void.
func (g *Gate) Checkpoint(leaderEpoch int32) (Checkpoint, bool) {
	return Checkpoint{g.Rule.Epoch, g.Rule.Complete, g.Next, leaderEpoch}, !g.Rule.Open() && (g.gapTo == 0 || g.proven)
}

// See takes the next record. Records below Next are skipped (Void): fetches may repeat. An error is ErrLoss.
func (g *Gate) See(r *kgo.Record) (Verdict, Entry, []*Event, error) {
	if r.Offset < g.Next {
		return Void, Entry{}, nil, nil
	}
	if r.Offset > g.Next {
		if g.gapTo == 0 {
			g.gapFrom = g.Next
		}
		g.gapTo, g.proven = r.Offset, false
	}
	g.Next = r.Offset + 1
	entry, err := ParseLog(r)
	if err != nil {
		g.Malformed++
		g.LastBad = fmt.Errorf("record %d/%d: %w", r.Partition, r.Offset, err)
		g.Rule.Voids++
		return Void, Entry{}, nil, nil
	}
	if g.gapTo > 0 {
		if err := g.checkGap(&entry); err != nil {
			return Void, entry, nil, err
		}
	}
	v, events := g.Rule.See(&entry)
	if v == Pending || v == Counted {
		g.proven = true // the numbers continue
	}
	return v, entry, events, nil
}

func (g *Gate) checkGap(e *Entry) error {
	lost := e.Epoch > g.Rule.Epoch+1
	if !e.Fence {
		lost = e.Epoch > g.Rule.Epoch || !g.proven && e.Epoch == g.Rule.Epoch && e.Event.Pseq > g.Rule.Pseq+1
	}
	if lost {
		return fmt.Errorf("%w: offsets %d to %d are gone, and what follows rests on them", ErrLoss, g.gapFrom, g.gapTo-1)
	}
	return nil
}

// Fold is the state of a partition at a point of its log.
type Fold struct {
	Gate
	domain Domain
	orgs   map[uuid.UUID]*organization
	last   lastCommand
}

// NewFold returns a fold at the start of a log.
func NewFold(d Domain) *Fold {
	return &Fold{domain: d, orgs: map[uuid.UUID]*organization{}, last: lastCommand{Offset: -1}}
}

// See takes the next record and applies what counts. After an error the fold must not be used.
func (f *Fold) See(r *kgo.Record) (Verdict, Entry, error) {
	v, entry, events, err := f.Gate.See(r)
	if err != nil || v != Counted {
		return v, entry, err
	}
	for _, e := range events {
		p, err := f.domain.Decode(e.Type, e.Data)
		if err != nil {
			return v, entry, fmt.Errorf("%w: %s at %d/%d: %w", ErrPoison, e.Type, e.Partition, e.Offset, err)
		}
		e.Payload = p
		o := f.organizationOf(e.Org)
		if e.Oseq != o.oseq+1 {
			return v, entry, fmt.Errorf("%w: organisation %s goes from oseq %d to %d at %d/%d", ErrPoison, e.Org, o.oseq, e.Oseq, e.Partition, e.Offset)
		}
		o.applyEvent(e)
	}
	return v, entry, f.completeCommand(events)
}

func (f *Fold) organizationOf(id uuid.UUID) *organization {
	o := f.orgs[id]
	if o == nil {
		o = &organization{id: id, state: f.domain.New(id)}
		f.orgs[id] = o
	}
	return o
}

func (o *organization) applyEvent(e *Event) {
	o.oseq, o.chain, o.time = e.Oseq, e.Chain, e.Time
	o.state.Apply(e)
}

// completeCommand remembers a command that has just become complete.
func (f *Fold) completeCommand(events []*Event) error {
	a, err := AnswerOf(events)
	if err != nil {
		return fmt.Errorf("%w: answer of command %s: %w", ErrPoison, a.CommandID, err)
	}
	e := events[len(events)-1]
	f.organizationOf(e.Org).ids.addAnswer(&a, e.Fingerprint)
	f.last = lastCommand{e.CommandID, e.CommandOffset, e.Time}
	return nil
}

// State returns the domain's state of an organisation, nil when the log has none.
func (f *Fold) State(org uuid.UUID) State {
	if o := f.orgs[org]; o != nil {
		return o.state
	}
	return nil
}

// Orgs returns the number of organisations and of remembered command ids.
func (f *Fold) Orgs() (organizations, ids int) {
	for _, o := range f.orgs {
		ids += len(o.ids.answers)
	}
	return len(f.orgs), ids
}
