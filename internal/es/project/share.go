package project

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"outrider/internal/batch"
	"outrider/internal/es"
)

// share is a batch of one partition that is to be written, maybe in one transaction with those of others.
type share struct {
	g      *group
	events []*es.Event
	to     es.Checkpoint
	due    []int           // projections that don't have it yet
	keys   []ProjectionKey // theirs
	old    []int64         // where each of them stands
}

func (g *group) newShare(events []*es.Event, to es.Checkpoint) *share {
	s := &share{g: g, events: events, to: to}
	for i, k := range g.keys {
		if g.at[i].Pseq < to.Pseq { // others are ahead and have it already
			s.due, s.keys, s.old = append(s.due, i), append(s.keys, k), append(s.old, g.at[i].Pseq)
		}
	}
	return s
}

// eventsFor returns what the i-th projection hasn't handled; false when it has all.
func (s *share) eventsFor(i int) ([]*es.Event, bool) {
	n := slices.Index(s.due, i)
	if n < 0 {
		return nil, false
	}
	return s.g.skips[i].withoutSkipped(s.events[max(0, s.old[n]-s.events[0].Pseq+1):]), true // pseq has no holes
}

// wholeEvents returns the events of shares that every projection needs in whole; nil when some of them have some already, or skip some.
func wholeEvents(of []*share) (all []*es.Event) {
	for _, s := range of {
		for i := range s.g.keys {
			if len(s.due) < len(s.g.keys) || len(s.g.skips[i]) > 0 || s.old[i]+1 != s.events[0].Pseq {
				return nil
			}
		}
	}
	if len(of) == 1 {
		return of[0].events
	}
	for _, s := range of {
		all = append(all, s.events...)
	}
	return all
}

// fewEvents is how many events a batch may have that shares its transaction: of these the transaction costs more than the rows. Larger ones
// of several partitions are written at once, each on a connection of its own.
const fewEvents = 64

// shares lets small batches of several partitions be written by one transaction: while one is being written, others collect.
type shares struct {
	once  sync.Once
	group *batch.Group[string, *share, error]
}

func (r *Postgres) applyAlone(ctx context.Context, s *share) error { return r.applyBatch(ctx, s) }

// applyWithOthers writes a batch, together with those of other partitions when it is small.
func (r *Postgres) applyWithOthers(ctx context.Context, s *share) error {
	if len(s.events) > fewEvents {
		return r.applyAlone(ctx, s)
	}
	r.together.once.Do(func() { r.together.group = batch.NewEagerGroup(0, 0, r.applyTogether) })
	own, err := r.together.group.Do(ctx, s.g.name, s) // when ctx ends the transaction goes on, and moves the checkpoint or doesn't
	if err != nil {
		return err
	}
	return own
}

// applyTogether returns the error of each batch. When they can't be written by one transaction, each gets its own.
func (r *Postgres) applyTogether(ctx context.Context, _ string, of []*share) ([]error, error) {
	failed := make([]error, len(of))
	if len(of) > 1 {
		sorted := slices.SortedFunc(slices.Values(of), func(a, b *share) int { return cmp.Compare(a.g.partition, b.g.partition) }) // so that two owners don't wait for each other
		err := r.applyBatch(ctx, sorted...)
		if err == nil {
			return failed, nil
		}
		if r.Report != nil {
			r.Report("batches of several partitions can't be written together", "partitions", len(of), "error", err)
		}
	}
	for i, s := range of {
		failed[i] = r.applyAlone(ctx, s)
	}
	return failed, nil
}
