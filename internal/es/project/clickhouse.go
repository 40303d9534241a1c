package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Table is a projection in ClickHouse. Its table and the targets of its views need a non_replicated_deduplication_window
// (or a replicated engine), else what is sent again counts twice.
type Table struct {
	Name    string // of the projection
	Version int
	Into    string // "table (columns)"; the table has columns log_partition and pseq
	Table   string
	Append  func(b driver.Batch, e *es.Event) error // adds the event's rows, if it has any
	// Prepare returns the Append of one block, for rows that need more than their event: it may query the table, which then
	// holds all of the partitions before their ranges. Its result must not depend on where ranges are cut. nil = Append.
	Prepare func(ctx context.Context, conn driver.Conn, events []*es.Event) (func(b driver.Batch, e *es.Event) error, error)
	// Repair corrects, from the table, what views derived from these events; it is called after a range was sent a
	// second time. The engine notes a block's token before it keeps the block, so a crash just between loses a view's
	// rows for good. nil = no views.
	Repair func(ctx context.Context, conn driver.Conn, events []*es.Event) error
	// Amends reports whether an event changes what views derived before, which no insert can; Repair then follows the first
	// sending of their range too. nil = none.
	Amends func(e *es.Event) bool
}

// ClickHouse runs one projection. A range of pseq is noted in Postgres, inserted with a token, and then the checkpoint moves and the note is
// deleted, in one transaction. Small ranges of several partitions are inserted as one block. Whoever finds a note takes the range over and sends it
// again, see sendAgain.
type ClickHouse struct {
	Log       kafka.Log
	Shared    *reader.Shared // of the process; nil = it reads alone
	Group     string         // consumer group for assignment
	Pool      *pgxpool.Pool
	Conn      driver.Conn
	Table     Table
	Decode    es.Decoder    // nil when the table doesn't need payloads; with Shared that of all who share
	MaxEvents int           // in a block, 0 = 8,000
	MaxBytes  int           // of data in a block, 0 = 6 MiB
	Linger    time.Duration // how long a block waits for more unless somebody waits for it (Positions), 0 = 500 ms; many small blocks cost merges
	Positions *Positions    // may be nil
	Side      Side          // "" = live
	SlowRetry time.Duration // 0 = 30 s
	Report    func(what string, attrs ...any)
	Trace     func(events []*es.Event, began time.Time) // called for every block that was written; may be nil

	states   statuses
	together blocks
	steps    func(ctx context.Context, step string, partition int32) error // tests break off here
}

// Serve runs the partitions that the group assigns to this process until ctx ends.
func (r *ClickHouse) Serve(ctx context.Context) error {
	rd, err := reader.Join(r.Shared, r.Log)
	if err != nil {
		return err
	}
	defer rd.Close()
	return kafka.Assignment{Group: r.Group, Topic: r.Log.Events(), Run: func(ctx context.Context, l *kafka.Lease) { r.Run(ctx, rd, l.Partition) }}.Serve(ctx, r.Log)
}

// Run works on one partition until ctx ends; rd may serve many partitions, each once.
func (r *ClickHouse) Run(ctx context.Context, rd *reader.Reader, partition int32) {
	attempts{states: &r.states, report: r.Report, slow: r.SlowRetry}.repeatWork(ctx, statusKey{partition, ""}, func(ctx context.Context, moved func(es.Checkpoint, int64)) error {
		return r.noteIfPoison(ctx, partition, r.attemptOnce(ctx, rd, partition, moved))
	})
}

// Status returns the status of every partition that this process has worked on since it started.
func (r *ClickHouse) Status() []Status { return r.states.listStatuses() }

func (r *ClickHouse) projectionKey() ProjectionKey { return r.Side.Key(r.Table.Name, r.Table.Version) }

// noteIfPoison records the event that stopped the partition, for other processes to see.
func (r *ClickHouse) noteIfPoison(ctx context.Context, partition int32, err error) error {
	var bad *Poison
	if errors.As(err, &bad) {
		return errors.Join(err, noteStopped(ctx, r.Pool, bad, partition))
	}
	return err
}

// attemptOnce continues from the stored checkpoint until something fails.
func (r *ClickHouse) attemptOnce(ctx context.Context, rd *reader.Reader, partition int32, moved func(es.Checkpoint, int64)) error {
	loaded, err := loadCheckpoints(ctx, r.Pool, []ProjectionKey{r.projectionKey()}, partition)
	if err != nil {
		return err
	}
	at := loaded[0]
	noted, err := loadPending(ctx, r.Pool, r.projectionKey(), partition, at.Pseq)
	if err != nil {
		return err
	}
	passed, err := loadSkips(ctx, r.Pool, partition, r.Table.Name)
	if err != nil {
		return err
	}
	r.Positions.resetPosition(r.projectionKey(), partition, at.Pseq)
	moved(at, 0)
	stopped := true // maybe: an earlier process may have recorded it
	cfg := r.readerConfig(partition, at)
	cfg.Cut, cfg.Wanted = noted.to, r.Positions.demandFor([]ProjectionKey{r.projectionKey()}, partition, false)
	return rd.Follow(ctx, cfg, func(ctx context.Context, b reader.Batch) error {
		began := time.Now()
		if err := r.applyBatch(ctx, partition, noted, passed[0], b, r.writeWithOthers); err != nil {
			return err
		}
		if r.Trace != nil {
			r.Trace(b.Events, began)
		}
		noted = pendingRange{}
		if stopped {
			if err := forgetStopped(ctx, r.Pool, []ProjectionKey{r.projectionKey()}, partition); err != nil {
				return err
			}
			stopped = false
		}
		r.Positions.Advance(r.projectionKey(), partition, b.Checkpoint.Pseq)
		moved(b.Checkpoint, b.Behind)
		return r.atStep(ctx, "advanced", partition)
	})
}

func (r *ClickHouse) maxEvents() int { return cmp.Or(r.MaxEvents, 8_000) }
func (r *ClickHouse) maxBytes() int  { return cmp.Or(r.MaxBytes, 6<<20) }

func (r *ClickHouse) readerConfig(partition int32, from es.Checkpoint) reader.Config {
	cfg := reader.Config{Partition: partition, From: from, MaxEvents: r.maxEvents(), MaxBytes: r.maxBytes(), Linger: r.Linger, Decode: passUndecoded(r.Decode), Report: r.Report}
	if cfg.Linger == 0 {
		cfg.Linger = 500 * time.Millisecond
	}
	cfg.Together = true
	return cfg
}

func (r *ClickHouse) repairTable(ctx context.Context, events []*es.Event) error {
	if err := r.Table.Repair(ctx, r.Conn, events); err != nil {
		return fmt.Errorf("repair views of %s: %w", r.Table.Table, err)
	}
	return nil
}

var errIncomplete = errors.New("insert is incomplete")

func (r *ClickHouse) countRows(ctx context.Context, p *portion) (n uint64, err error) {
	err = r.Conn.QueryRow(ctx, "SELECT count() FROM "+r.Table.Table+" WHERE log_partition = ? AND pseq BETWEEN ? AND ?", p.partition, p.from, p.to).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("look for a range in %s: %w", r.Table.Table, err)
	}
	return n, nil
}

func (r *ClickHouse) atSteps(ctx context.Context, name string, of []*portion) error {
	for _, p := range of {
		if err := r.atStep(ctx, name, p.partition); err != nil {
			return err
		}
	}
	return nil
}

func (r *ClickHouse) atStep(ctx context.Context, name string, partition int32) error {
	if r.steps == nil {
		return nil
	}
	return r.steps(ctx, name, partition)
}
