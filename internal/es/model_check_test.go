package es

import (
	"errors"
	"maps"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

func modelNow() time.Time { return modelTime }

// grown takes the log's newest record to every reader and looks at what they make of it.
func (w *world) grown(r *kgo.Record) error {
	before := w.folds[len(w.folds)-1]
	f := cloneFold(before)
	v, entry, err := f.See(r)
	if err != nil {
		return violated("a reader stops: %w", err)
	}
	w.folds = append(w.folds, f)
	if v == Counted {
		if err := w.counted(before, entry.Event); err != nil {
			return err
		}
	}
	for _, o := range f.orgs {
		if used := o.state.(*quotaState).used; used > w.sc.quota {
			return violated("quota of %d exceeded: %d", w.sc.quota, used)
		}
	}
	return w.readers(r)
}

// counted checks that a command counts once, and in the order of commands, with none left out.
func (w *world) counted(before *Fold, e *Event) error {
	if _, _, again := logged(before, e.CommandID); again {
		return violated("command %d counts twice", e.CommandOffset)
	}
	if e.CommandOffset <= before.last.Offset {
		return violated("command %d counts after command %d", e.CommandOffset, before.last.Offset)
	}
	for _, r := range w.commands[before.last.Offset+1 : e.CommandOffset] {
		c, err := ParseCommand(r)
		if err != nil || c.Type == AskType {
			continue
		}
		if _, _, done := logged(before, c.ID); !done {
			return violated("command %d is passed over", r.Offset)
		}
	}
	return nil
}

// readers that began at any checkpoint must count the same events.
func (w *world) readers(r *kgo.Record) error {
	cloneRule(&w.gates[0].Rule)
	want, _, events, err := w.gates[0].See(r)
	if err != nil {
		return violated("a reader stops: %w", err)
	}
	kept := w.gates[:1]
	for i := range w.gates[1:] {
		g := w.gates[i+1]
		cloneRule(&g.Rule)
		v, _, got, err := g.See(r)
		if err != nil || v != want || !reflect.DeepEqual(ids(got), ids(events)) {
			return violated("a reader from a checkpoint counts %d events at %d (%v), one from the start %d", len(got), r.Offset, err, len(events))
		}
		kept = keep(kept, &g)
	}
	if c, legal := w.gates[0].Checkpoint(-1); legal || w.sc.mutant.checkpointInside {
		g := NewGate(c)
		kept = keep(kept, &g)
	}
	w.gates = kept
	return nil
}

func keep(kept []Gate, g *Gate) []Gate {
	for i := range kept {
		if k := &kept[i]; k.Next == g.Next && string(appendRule(nil, &k.Rule)) == string(appendRule(nil, &g.Rule)) {
			return kept
		}
	}
	return append(kept, *g)
}

func ids(events []*Event) (out []uuid.UUID) {
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

func logged(f *Fold, command uuid.UUID) (a Answer, fingerprint uint64, ok bool) {
	for _, o := range f.orgs {
		if a, fp, ok := o.ids.answerTo(command, 0); ok {
			return a, fp, true
		}
	}
	return a, 0, false
}

// answered checks an answer that has left: it is the log's, now and for ever.
func (w *world) answered(i int, a Answer) error {
	logA, fp, known := logged(w.folds[len(w.folds)-1], a.CommandID)
	switch {
	case a.Outcome == Unknown:
		return w.unknown(a)
	case !known:
		return violated("W%d answers %s (%s) to %s; the log doesn't have it", i, a.Outcome, a.Code, w.name(a.CommandID))
	case a.Code == CodeKeyReused:
		for _, c := range w.sc.commands {
			if modelCommand(c.id) == a.CommandID && c.fingerprint != fp {
				return nil
			}
		}
		return violated("W%d says that the key of %s was reused", i, w.name(a.CommandID))
	}
	if told, ok := w.answers[a.CommandID]; ok && !reflect.DeepEqual(told, a) {
		return violated("%s was answered %s and then %s", w.name(a.CommandID), told.Outcome, a.Outcome)
	}
	if !reflect.DeepEqual(a, logA) {
		return violated("W%d answers %s (pseq %d) to %s; the log says %s (pseq %d)", i, a.Outcome, a.Pseq, w.name(a.CommandID), logA.Outcome, logA.Pseq)
	}
	w.answers = maps.Clone(w.answers)
	w.answers[a.CommandID] = a
	return nil
}

// unknown may only be said of a command that comes after every ask for it.
func (w *world) unknown(a Answer) error {
	for _, c := range w.sc.commands {
		if modelCommand(c.id) == a.CommandID {
			if !c.ask {
				return violated("%s is called unknown though it was sent before it was asked for", w.name(a.CommandID))
			}
			return nil
		}
	}
	return nil
}

func (w *world) name(id uuid.UUID) string {
	for i, c := range w.sc.commands {
		if modelCommand(c.id) == id {
			return "command " + string(rune('0'+i))
		}
	}
	return id.String()
}

// progress goes on fairly: writer i keeps the partition, everything sent arrives (or nothing of dead writers does),
// callers who got no answer ask again. Everything must be answered then.
func (w *world) progress(i int, ghosts bool, tell func(string)) error {
	w = w.fork()
	if !ghosts {
		w.ghosts = nil
	}
	for round := range 60 {
		if w.writers[i].owner == nil {
			w.writers[i].started = 0
			begin := action{start, uint8(i), 0}
			tell(begin.in(w))
			if err := w.do(begin); err != nil {
				return err
			}
		}
		acted, err := w.drain(i, tell)
		if err != nil {
			return err
		}
		if acted || w.writers[i].owner == nil {
			continue
		}
		if w.writers[i].out.cut { // an append that doesn't come back is given up
			w.own(i).Fail(errors.New("no response"))
			w.gone(i)
			continue
		}
		missing := w.unanswered()
		if len(missing) == 0 {
			return nil
		}
		if round > 50 {
			return violated("no progress: command %d is never answered though W%d keeps the partition", missing[0], i)
		}
		for _, k := range missing {
			w.commands = append(w.commands, w.sc.record(len(w.commands), w.sc.commands[k]))
		}
	}
	return violated("no progress: W%d finds no end", i)
}

// drain does all that can be done without starting anybody or losing anything.
func (w *world) drain(i int, tell func(string)) (acted bool, err error) {
	for range 10_000 {
		again := false
		for _, a := range w.actions(nil) {
			switch a.kind {
			case arrive, ghost, read:
			case decide:
				if int(a.i) != i {
					continue
				}
			default:
				continue
			}
			tell(a.in(w))
			if err := w.do(a); err != nil {
				return acted, err
			}
			again, acted = true, true
			break
		}
		if !again {
			return acted, nil
		}
	}
	return acted, violated("no progress: it goes on for ever")
}

func (w *world) unanswered() (out []int) {
	for i, c := range w.sc.commands {
		if _, ok := w.answers[modelCommand(c.id)]; !ok && !c.ask {
			out = append(out, i)
		}
	}
	return out
}
