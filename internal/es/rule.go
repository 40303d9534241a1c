package es

import "github.com/google/uuid"

// Entry is what the rule needs of a record of the log: a fence, or an event.
type Entry struct {
	Fence bool
	Epoch int64
	Nonce uuid.UUID // of a fence: new for every attempt to own
	Event *Event    // nil for a fence
}

// Verdict is the rule's judgement of a record.
type Verdict uint8

const (
	Void    Verdict = iota // does not count; every reader skips it
	Fenced                 // a new epoch begins
	Pending                // valid so far; its command is not complete
	Counted                // completes its command: its events count now
)

// Rule decides what counts in a partition of the log; order in the log is the arbiter. A fence counts when its epoch is
// the current one + 1. An event counts when its epoch is the current one, its pseq the next one, and the last event of
// its command follows; a counted fence voids an unfinished command. Everything else is void. The zero value is the
// start of a log. Documented for foreign readers in docs/log.md and schemas/asyncapi.yaml.
type Rule struct {
	Epoch    int64
	Owner    uuid.UUID // nonce of the counted fence
	Pseq     int64     // newest valid pseq, an unfinished command's included
	Complete int64     // newest counted pseq
	Voids    int64
	open     []*Event
}

// Open reports whether a command is unfinished; no checkpoint or snapshot may be taken then.
func (r *Rule) Open() bool { return len(r.open) > 0 }

// See takes the next record; on Counted it returns the command's events. The caller owns the slice.
func (r *Rule) See(e *Entry) (Verdict, []*Event) {
	if e.Fence {
		if e.Epoch != r.Epoch+1 {
			r.Voids++
			return Void, nil
		}
		r.Voids += int64(len(r.open))
		r.Epoch, r.Owner, r.Pseq, r.open = e.Epoch, e.Nonce, r.Complete, nil
		return Fenced, nil
	}
	ev := e.Event
	if ev.Epoch != r.Epoch || ev.Pseq != r.Pseq+1 || r.Open() && r.open[0].CommandID != ev.CommandID {
		r.Voids++
		return Void, nil
	}
	r.Pseq = ev.Pseq
	r.open = append(r.open, ev)
	if !ev.Last {
		return Pending, nil
	}
	done := r.open
	r.Complete, r.open = ev.Pseq, nil
	return Counted, done
}
