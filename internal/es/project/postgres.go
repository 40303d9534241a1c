// Package project runs projections: events of the log applied to Postgres and ClickHouse exactly once.
package project

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

// Projection writes a read model in Postgres.
type Projection struct {
	Name    string
	Version int
	Tables  []string // it writes these and no others, without naming their schema, as a rebuild uses another
	Needs   []string // projections, earlier in the list, whose tables it reads
	// Handle applies events as a few set-based statements: those of an organisation in order, which may be followed by those of
	// another partition. It must be repeatable: what it does depends on the events and the rows only, never on clock, sequences or randomness.
	Handle func(ctx context.Context, tx pgx.Tx, events []*es.Event) error
}

// Postgres runs projections: each batch of a partition is read once and applied to all of them in one transaction
// together with their checkpoints. Small batches of several partitions share a transaction. Zero rows of the compare-and-set mean that
// somebody else owns the partition.
type Postgres struct {
	Log         kafka.Log
	Shared      *reader.Shared // of the process; nil = it reads alone
	Group       string         // consumer group for assignment
	Pool        *pgxpool.Pool
	Projections []Projection
	Decode      es.Decoder    // with Shared that of all who share
	Decoders    int           // goroutines that decode a batch, 0 = 1
	MaxEvents   int           // in a transaction, 0 = 4000
	Pace        time.Duration // least time between the starts of two transactions of a partition, four times as long when many events come and nobody waits urgently; what comes in between is written together
	Positions   *Positions    // advanced after every commit; may be nil
	Side        Side          // "" = live
	SlowRetry   time.Duration // between attempts at what fails for good, 0 = 30 s
	Report      func(what string, attrs ...any)
	Trace       func(events []*es.Event, began time.Time) // called for every batch that was written; may be nil

	states   statuses
	together shares
	steps    func(ctx context.Context, step string, partition int32) error // tests break off here
}

// Serve runs the partitions that the group assigns to this process until ctx ends.
func (r *Postgres) Serve(ctx context.Context) error {
	rd, err := reader.Join(r.Shared, r.Log)
	if err != nil {
		return err
	}
	defer rd.Close()
	return kafka.Assignment{Group: r.Group, Topic: r.Log.Events(), Run: func(ctx context.Context, l *kafka.Lease) { r.Run(ctx, rd, l.Partition) }}.Serve(ctx, r.Log)
}

// Status returns the status of every partition that this process has worked on since it started.
func (r *Postgres) Status() []Status { return r.states.listStatuses() }

// group is some projections of a partition that advance together.
type group struct {
	of        []Projection
	keys      []ProjectionKey
	name      string // of all of them
	partition int32
	at        []es.Checkpoint // of each
	skips     []skips         // likewise
}

// loadGroup reads the checkpoints of projections and the events they skip. It also returns the checkpoint of the slowest.
func (r *Postgres) loadGroup(ctx context.Context, of []Projection, partition int32) (*group, es.Checkpoint, error) {
	g := &group{of: of, partition: partition, keys: r.keysOf(of)}
	var err error
	if g.at, err = loadCheckpoints(ctx, r.Pool, g.keys, partition); err != nil {
		return nil, es.Checkpoint{}, err
	}
	from := g.at[0]
	names := make([]string, len(of))
	for i, p := range of {
		names[i] = p.Name
	}
	g.name = strings.Join(names, " ")
	if g.skips, err = loadSkips(ctx, r.Pool, partition, names...); err != nil {
		return nil, from, err
	}
	for i := range of {
		r.Positions.resetPosition(g.keys[i], partition, g.at[i].Pseq)
		if g.at[i].Pseq < from.Pseq {
			from = g.at[i]
		}
	}
	return g, from, nil
}

func (r *Postgres) keysOf(of []Projection) (out []ProjectionKey) {
	for _, p := range of {
		out = append(out, r.Side.Key(p.Name, p.Version))
	}
	return out
}

// followLog continues from the stored checkpoints until something fails; after is called for every batch that was written.
func (r *Postgres) followLog(ctx context.Context, rd *reader.Reader, g *group, from es.Checkpoint, after func(es.Checkpoint, int64) error) error {
	wanted := r.Positions.demandFor(g.keys, g.partition, true)
	return rd.Follow(ctx, r.readerConfig(g.partition, from), func(ctx context.Context, b reader.Batch) error {
		began := time.Now()
		defer func() { r.rest(ctx, b, began, wanted) }()
		if err := r.takeParts(ctx, g, b, wanted); err != nil {
			return err
		}
		if r.Trace != nil {
			r.Trace(b.Events, began)
		}
		return after(b.Checkpoint, b.Behind)
	})
}

func (r *Postgres) readerConfig(partition int32, from es.Checkpoint) reader.Config {
	return reader.Config{Partition: partition, From: from, MaxEvents: r.MaxEvents, Decode: passUndecoded(r.Decode), Decoders: r.Decoders, Report: r.Report}
}

// takeParts applies a batch. Where somebody waits urgently for one of its events that many others follow, these come in a transaction of
// their own, behind which nobody waits.
func (r *Postgres) takeParts(ctx context.Context, g *group, b reader.Batch, wanted *reader.Wanted) error {
	if n := awaitedPart(b.Events, r.Positions.lastAwaited(g.keys, g.partition, b.Checkpoint.Pseq, wanted)); n > 0 {
		first := b
		first.Events, first.Checkpoint = b.Events[:n], b.After(b.Events[n-1])
		if err := r.takeBatch(ctx, g, first); err != nil {
			return err
		}
		b.Events = b.Events[n:]
	}
	return r.takeBatch(ctx, g, b)
}

// awaitedPart returns how many events come up to the end of the command with an awaited one; 0 when there are none, or few others behind them.
func awaitedPart(events []*es.Event, awaited int64) int {
	for i, e := range events {
		if len(events)-i-1 < fewEvents {
			return 0
		}
		if e.Last && e.Pseq >= awaited && awaited >= events[0].Pseq {
			return i + 1
		}
	}
	return 0
}

// takeBatch applies a batch, or as much of it as possible.
func (r *Postgres) takeBatch(ctx context.Context, g *group, b reader.Batch) error {
	err := r.applyEvents(ctx, g, b.Events, b.Checkpoint, r.applyWithOthers)
	var bad *handleError
	if errors.As(err, &bad) {
		return r.narrowDown(ctx, g, b) // one command at a time, so that all others are applied
	}
	return err
}

// Every transaction has a fixed cost. When many events come and nobody waits for one of them, they are written in larger ones.
const (
	manyEvents = 16 // in a batch
	slower     = 4
)

// rest lets the next batch grow; the first one after a quiet time doesn't wait. Many events are mostly those of one organisation, and who looks
// on is mostly another: for them it isn't longer than after few.
func (r *Postgres) rest(ctx context.Context, b reader.Batch, began time.Time, wanted *reader.Wanted) {
	pauseFor(ctx, r.Pace-time.Since(began))
	if len(b.Events) < manyEvents || r.Pace <= 0 {
		return
	}
	end := time.NewTimer(slower*r.Pace - time.Since(began))
	defer end.Stop()
	for !wanted.AnybodyWaits(b.Checkpoint.Pseq + 1) {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-wanted.Changed():
		}
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// narrowDown applies a batch command by command, to find the one that can't be applied.
func (r *Postgres) narrowDown(ctx context.Context, g *group, b reader.Batch) error {
	first := 0
	for i, e := range b.Events {
		if !e.Last {
			continue
		}
		command := b.Events[first : i+1]
		err := r.applyEvents(ctx, g, command, b.After(e), r.applyAlone)
		var bad *handleError
		if errors.As(err, &bad) {
			return &Poison{Key: bad.key, Event: r.findCulprit(ctx, g, bad.key, command), Err: bad.err}
		}
		if err != nil {
			return err
		}
		first = i + 1
	}
	return nil
}

// findCulprit finds the event of a command that a projection can't handle, by applying one after the other and rolling back.
// When it can handle each but not all together, it is the first.
func (r *Postgres) findCulprit(ctx context.Context, g *group, key ProjectionKey, command []*es.Event) *es.Event {
	found := command[0]
	i := slices.Index(g.keys, key)
	tx, err := r.Pool.Begin(ctx)
	if err != nil {
		return found
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, e := range g.skips[i].withoutSkipped(command) {
		if err := r.handleEvents(ctx, tx, g.of[i], []*es.Event{e}); err != nil {
			return e
		}
	}
	return found
}

// handleEvents passes events to a projection; one that couldn't be decoded is refused here.
func (r *Postgres) handleEvents(ctx context.Context, tx pgx.Tx, p Projection, events []*es.Event) error {
	if err := checkDecoded(events); err != nil {
		return err
	}
	return p.Handle(ctx, tx, events)
}

// handleError is a projection's own error about its events, as opposed to trouble with the database.
type handleError struct {
	key ProjectionKey
	err error
}

func (e *handleError) Error() string { return e.key.String() + ": " + e.err.Error() }
func (e *handleError) Unwrap() error { return e.err }

// applyEvents writes events and moves the group.
func (r *Postgres) applyEvents(ctx context.Context, g *group, events []*es.Event, to es.Checkpoint, write func(context.Context, *share) error) error {
	s := g.newShare(events, to)
	if len(s.due) == 0 {
		return nil
	}
	if err := write(ctx, s); err != nil {
		return err
	}
	for n, i := range s.due {
		g.at[i] = to
		r.Positions.Advance(s.keys[n], g.partition, to.Pseq)
	}
	return r.atStep(ctx, "committed", g.partition)
}

// applyBatch runs one transaction for batches of some partitions, whose groups have the same projections.
func (r *Postgres) applyBatch(ctx context.Context, of ...*share) error {
	// Rows and checkpoints are lost together, if at all, and the log has them: no need to wait for the disk.
	begin := pgx.TxOptions{BeginQuery: `begin; set local synchronous_commit = off`} // one round trip
	err := pgx.BeginTxFunc(ctx, r.Pool, begin, func(tx pgx.Tx) error {
		// First, so that a second owner waits here and not in the middle of its work.
		for _, s := range of {
			if err := advanceCheckpoints(ctx, tx, s.keys, s.g.partition, s.old, s.to); err != nil {
				return err
			}
		}
		all := wholeEvents(of)
		for i, p := range of[0].g.of {
			if err := r.handleShares(ctx, tx, p, i, of, all); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// handleShares passes to the i-th projection what it hasn't handled yet.
func (r *Postgres) handleShares(ctx context.Context, tx pgx.Tx, p Projection, i int, of []*share, all []*es.Event) error {
	fresh, due := all, all != nil
	for _, s := range of {
		if events, ok := s.eventsFor(i); ok && all == nil {
			fresh, due = append(fresh, events...), true
		}
	}
	if !due {
		return nil // it is ahead and has it already
	}
	if err := r.handleEvents(ctx, tx, p, fresh); err != nil {
		if ctx.Err() == nil && !postgres.Transient(err) {
			err = &handleError{of[0].g.keys[i], err}
		}
		return err
	}
	for _, s := range of {
		if err := r.atStep(ctx, "handled", s.g.partition); err != nil {
			return err
		}
	}
	return nil
}

func (r *Postgres) atStep(ctx context.Context, name string, partition int32) error {
	if r.steps == nil {
		return nil
	}
	return r.steps(ctx, name, partition)
}
