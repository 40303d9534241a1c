package es

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

type kind uint8

const (
	start   kind = iota // writer begins to own, from a snapshot after k records of the log (0 = from nothing)
	arrive              // the next record of a writer reaches the log
	ghost               // the next record of a connection whose writer is gone reaches the log
	read                // writer reads the next record of the log
	decide              // writer reads the next record of commands
	crash               // writer is gone, with all that it knew; what it sent may still arrive
	retry               // writer's connection sends again from record k on, though it had arrived
	lose                // the next record of a writer never arrives, later ones may
	restore             // writer begins from the saved snapshot (a mutant's)
)

type action struct {
	kind kind
	i, k uint8
}

// errViolation marks a broken promise.
var errViolation = errors.New("violation")

func violated(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errViolation}, args...)...)
}

// actions are all that may happen next.
func (w *world) actions(out []action) []action {
	out = out[:0]
	for n := range w.writers {
		x, i := &w.writers[n], uint8(n)
		if x.owner == nil && x.started < w.sc.starts {
			for k, f := range w.folds {
				if _, legal := f.Checkpoint(-1); legal {
					out = append(out, action{start, i, uint8(k)})
				}
			}
			if w.saved != nil {
				out = append(out, action{restore, i, 0})
			}
		}
		if x.out.at < len(x.out.records) {
			out = append(out, action{arrive, i, 0})
			if w.losses > 0 && x.owner != nil {
				out = append(out, action{lose, i, 0})
			}
		}
		for k := 0; w.repeats > 0 && k < x.out.at; k++ {
			out = append(out, action{retry, i, uint8(k)})
		}
		if x.owner == nil {
			continue
		}
		if x.owner.fold.Next < int64(len(w.log)) {
			out = append(out, action{read, i, 0})
		}
		if x.owner.Owns() && x.owner.next < int64(len(w.commands)) {
			out = append(out, action{decide, i, 0})
		}
		if w.crashes > 0 {
			out = append(out, action{crash, i, 0})
		}
	}
	for n := range w.ghosts {
		if w.ghosts[n].at < len(w.ghosts[n].records) {
			out = append(out, action{ghost, uint8(n), 0})
		}
	}
	return out
}

// do takes an action on a world that is ours to change.
func (w *world) do(a action) error {
	switch a.kind {
	case start:
		return w.start(int(a.i), cloneFold(w.folds[a.k]))
	case restore:
		return w.start(int(a.i), cloneFold(w.saved))
	case arrive:
		return w.arrive(&w.writers[a.i].out)
	case ghost:
		w.ghosts = slices.Clone(w.ghosts)
		return w.arrive(&w.ghosts[a.i])
	case retry:
		w.repeats--
		w.writers[a.i].out.at = int(a.k)
	case lose:
		w.losses--
		q := &w.writers[a.i].out
		q.records = slices.Delete(slices.Clone(q.records), q.at, q.at+1)
		q.cut = q.at == len(q.records)
	case crash:
		w.crashes--
		w.gone(int(a.i))
	case read:
		o := w.own(int(a.i))
		s := w.sc.mutant.log(w, o, w.log[o.fold.Next])
		return w.after(int(a.i), s)
	case decide:
		o := w.own(int(a.i))
		s := w.sc.mutant.command(w, o, w.commands[o.next])
		return w.after(int(a.i), s)
	}
	return nil
}

// own returns the writer's owner for a change, on a copy.
func (w *world) own(i int) *Owner {
	x := &w.writers[i]
	x.owner = cloneOwner(x.owner)
	w.bind(i, x.owner)
	return x.owner
}

func (w *world) bind(i int, o *Owner) {
	o.cfg.Nonce = func() uuid.UUID {
		w.writers[i].attempts++
		return w.sc.mutant.nonce(i, w.writers[i].attempts)
	}
}

func (w *world) start(i int, f *Fold) error {
	x := &w.writers[i]
	x.started++
	d := quotaDomain(w.sc.quota)
	f.domain = Domain{Decode: d.Decode, New: func(org uuid.UUID) State {
		return &quotaState{org: org.String(), quota: w.sc.quota, version: version(i)}
	}}
	for _, o := range f.orgs {
		s := o.state.(*quotaState)
		s.version, s.quota = version(i), w.sc.quota
	}
	if w.sc.mutant.forgetIDs {
		for _, o := range f.orgs {
			o.ids = answerHistory{}
		}
	}
	x.owner = NewOwner(OwnerConfig{Partitions: 1, Domain: f.domain, Now: modelNow}, f)
	w.bind(i, x.owner)
	return w.after(i, x.owner.Begin(0, int64(len(w.log))))
}

// after does what an owner wants done.
func (w *world) after(i int, s Step) error {
	x := &w.writers[i]
	for _, r := range s.Append {
		x.out.records, x.out.cut = append(x.out.records, sent{r, recordKey(r)}), false
	}
	if why, fatal := x.owner.Over(); fatal != nil {
		return violated("W%d stops for good: %w", i, fatal)
	} else if why != "" {
		w.gone(i)
	}
	for _, r := range s.Replies {
		if err := w.answered(i, r.Answer); err != nil {
			return err
		}
	}
	return nil
}

// gone takes a writer out; what it sent may still arrive.
func (w *world) gone(i int) {
	x := &w.writers[i]
	if w.sc.mutant.saveSpeculative {
		w.saved = cloneFold(x.owner.fold)
	}
	if x.out.at < len(x.out.records) {
		w.ghosts = append(w.ghosts, queue{records: slices.Clone(x.out.records[x.out.at:])})
	}
	x.owner, x.out = nil, queue{}
}

func (w *world) arrive(q *queue) error {
	s := q.records[q.at]
	q.at++
	r := *s.r
	r.Offset = int64(len(w.log))
	w.log = append(w.log, &r)
	sum := sha256.Sum256(append(w.logKey[:], s.k[:]...))
	w.logKey = key(sum[:16])
	return w.grown(&r)
}

// in tells what an action does in this world.
func (a action) in(w *world) string {
	who := fmt.Sprintf("W%d", a.i)
	switch a.kind {
	case start:
		return fmt.Sprintf("%s (code %c) begins after %d records", who, version(int(a.i)), a.k)
	case restore:
		return fmt.Sprintf("%s (code %c) begins from the saved snapshot", who, version(int(a.i)))
	case arrive:
		q := w.writers[a.i].out
		return fmt.Sprintf("%s's %s arrives at %d", who, label(q.records[q.at].r), len(w.log))
	case ghost:
		q := w.ghosts[a.i]
		return fmt.Sprintf("a dead writer's %s arrives at %d", label(q.records[q.at].r), len(w.log))
	case read:
		return fmt.Sprintf("%s reads %d", who, w.writers[a.i].owner.fold.Next)
	case decide:
		return fmt.Sprintf("%s decides command %d", who, w.writers[a.i].owner.next)
	case crash:
		return who + " crashes"
	case retry:
		return fmt.Sprintf("%s's connection repeats from its record %d on", who, a.k)
	case lose:
		q := w.writers[a.i].out
		return fmt.Sprintf("%s's %s is lost", who, label(q.records[q.at].r))
	}
	return "?"
}

func label(r *kgo.Record) string {
	e, err := ParseLog(r)
	switch {
	case err != nil:
		return err.Error()
	case e.Fence:
		return fmt.Sprintf("fence %d", e.Epoch)
	}
	return fmt.Sprintf("%s %d.%d of command %d", strings.TrimSuffix(e.Event.Type, ".v1"), e.Epoch, e.Event.Pseq, e.Event.CommandOffset)
}
