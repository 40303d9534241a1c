// Package project runs projections: events of the log applied to Postgres and ClickHouse exactly once.
package project

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Projection is a read model in Postgres.
type Projection struct {
	Name    string
	Version int
	// Handle applies events of one partition, in order, as a few set-based statements. It must be repeatable: what it
	// does depends on the events and the rows only, never on clock, sequences or randomness.
	Handle func(ctx context.Context, tx pgx.Tx, events []*es.Event) error
}

// Postgres runs projections: each batch of a partition is read once and applied to all of them in one transaction
// together with their checkpoints. Zero rows of the compare-and-set mean that somebody else owns the partition.
type Postgres struct {
	Log         kafka.Log
	Group       string // consumer group for assignment
	Pool        *pgxpool.Pool
	Projections []Projection
	Decode      es.Decoder
	Decoders    int           // goroutines that decode a batch, 0 = 1
	MaxEvents   int           // in a transaction, 0 = 4000
	Pace        time.Duration // transactions of a partition begin this far apart at least, four times as far where many events come; what comes meanwhile goes together
	Positions   *Positions    // told after every commit; may be nil
	SlowRetry   time.Duration // between attempts at what fails for good, 0 = 30 s
	Report      func(what string, attrs ...any)

	states states
	steps  func(ctx context.Context, step string, partition int32) error // tests break off here
}

// Serve runs the partitions that the group assigns to this process until ctx ends.
func (r *Postgres) Serve(ctx context.Context) error {
	rd, err := reader.Open(r.Log)
	if err != nil {
		return err
	}
	defer rd.Close()
	return kafka.Assignment{Group: r.Group, Topic: r.Log.Events(), Run: func(ctx context.Context, l *kafka.Lease) { r.Run(ctx, rd, l.Partition) }}.Serve(ctx, r.Log)
}

// Run works on one partition until ctx ends; rd may serve many partitions, each once.
func (r *Postgres) Run(ctx context.Context, rd *reader.Reader, partition int32) {
	attempts{states: &r.states, report: r.Report, slow: r.SlowRetry}.run(ctx, partition, func(ctx context.Context, moved func(es.Checkpoint, int64)) error {
		return r.attempt(ctx, rd, partition, moved)
	})
}

// Status tells of every partition that this process has worked on since it began.
func (r *Postgres) Status() []Status { return r.states.list() }

func (r *Postgres) keys() (out []Key) {
	for _, p := range r.Projections {
		out = append(out, Key{p.Name, p.Version})
	}
	return out
}

// attempt goes on from the stored checkpoints until something fails.
func (r *Postgres) attempt(ctx context.Context, rd *reader.Reader, partition int32, moved func(es.Checkpoint, int64)) error {
	at, err := loadCheckpoints(ctx, r.Pool, r.keys(), partition)
	if err != nil {
		return err
	}
	from := at[0]
	for i, k := range r.keys() {
		r.Positions.reset(k, partition, at[i].Pseq)
		if at[i].Pseq < from.Pseq {
			from = at[i]
		}
	}
	moved(from, 0)
	cfg := reader.Config{Partition: partition, From: from, MaxEvents: r.MaxEvents, Decode: r.Decode, Decoders: r.Decoders, Report: r.Report}
	return rd.Follow(ctx, cfg, func(ctx context.Context, b reader.Batch) error {
		began := time.Now()
		defer func() { rest(ctx, r.pace(b)-time.Since(began)) }() // the next batch grows; after a pause the first one waits for nobody
		err := r.apply(ctx, partition, at, b.Events, b.Checkpoint)
		var bad *handleError
		if errors.As(err, &bad) {
			err = r.narrow(ctx, partition, at, b) // one command at a time: all that is good goes through
		}
		if err == nil {
			moved(b.Checkpoint, b.Behind)
		}
		return err
	})
}

// A transaction has its price, whatever is in it. Where many events come, readers wait for others anyway.
const (
	manyEvents = 16 // in a batch
	slower     = 4
)

func (r *Postgres) pace(b reader.Batch) time.Duration {
	if len(b.Events) < manyEvents {
		return r.Pace
	}
	return slower * r.Pace
}

func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// narrow applies a batch command by command, so that what can't be applied is known exactly.
func (r *Postgres) narrow(ctx context.Context, partition int32, at []es.Checkpoint, b reader.Batch) error {
	first := 0
	for i, e := range b.Events {
		if !e.Last {
			continue
		}
		err := r.apply(ctx, partition, at, b.Events[first:i+1], b.After(e))
		var bad *handleError
		if errors.As(err, &bad) {
			return fmt.Errorf("%w: %s at %d/%d (pseq %d): %w", es.ErrPoison, b.Events[first].Type, partition, b.Events[first].Offset, b.Events[first].Pseq, err)
		}
		if err != nil {
			return err
		}
		first = i + 1
	}
	return nil
}

// handleError is what a projection says of its events, apart from trouble with the database.
type handleError struct {
	key Key
	err error
}

func (e *handleError) Error() string { return e.key.String() + ": " + e.err.Error() }
func (e *handleError) Unwrap() error { return e.err }

// apply runs one transaction and moves at.
func (r *Postgres) apply(ctx context.Context, partition int32, at []es.Checkpoint, events []*es.Event, to es.Checkpoint) error {
	var due []int
	var keys []Key
	var old []int64
	for i, k := range r.keys() {
		if at[i].Pseq < to.Pseq { // others are further on: they have it
			due, keys, old = append(due, i), append(keys, k), append(old, at[i].Pseq)
		}
	}
	if len(due) == 0 {
		return nil
	}
	// Rows and checkpoint are lost together, if at all, and the log has them: no need to wait for the disk.
	begin := pgx.TxOptions{BeginQuery: `begin; set local synchronous_commit = off`} // one round trip
	err := pgx.BeginTxFunc(ctx, r.Pool, begin, func(tx pgx.Tx) error {
		// First, so that a second owner waits here and not in the middle of its work.
		if !es.LeftOut("checkpoint") {
			if err := advance(ctx, tx, keys, partition, old, to); err != nil {
				return err
			}
		}
		for n, i := range due {
			fresh := events[max(0, old[n]-events[0].Pseq+1):] // pseq has no holes
			if err := r.Projections[i].Handle(ctx, tx, fresh); err != nil {
				if ctx.Err() == nil && !transient(err) {
					err = &handleError{keys[n], err}
				}
				return err
			}
			if err := r.step(ctx, "handled", partition); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && es.LeftOut("checkpoint") {
		late := context.WithoutCancel(ctx) // only a kill or a freeze comes between
		rest(late, 200*time.Millisecond)
		err = overwrite(late, r.Pool, keys, partition, to)
	}
	if err != nil {
		return err
	}
	for n, i := range due {
		at[i] = to
		r.Positions.Advance(keys[n], partition, to.Pseq)
	}
	return r.step(ctx, "committed", partition)
}

func (r *Postgres) step(ctx context.Context, name string, partition int32) error {
	if r.steps == nil {
		return nil
	}
	return r.steps(ctx, name, partition)
}
