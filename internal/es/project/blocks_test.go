package project

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project/chtest"
	"outrider/internal/postgres/postgrestest"
)

// insertCounter counts the blocks that are sent.
type insertCounter struct {
	driver.Conn
	blocks atomic.Int64
}

func (c *insertCounter) PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error) {
	c.blocks.Add(1)
	return c.Conn.PrepareBatch(ctx, query, opts...)
}

// portionsOf returns all that writers have written, as one range of each partition.
func portionsOf(ws ...*logtest.LogWriter) (out []*portion) {
	for i, w := range ws {
		out = append(out, &portion{partition: int32(i), pendingRange: pendingRange{1, w.Pseq, ""}, events: w.Events, end: es.Checkpoint{Epoch: 1, Pseq: w.Pseq, Offset: int64(len(w.Events)) + 1}})
	}
	return out
}

// TestABlockOfSeveralPartitionsCountsOnce breaks off a block of three partitions in each of its steps, and has it finish after others took its ranges over.
func TestABlockOfSeveralPartitionsCountsOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"", "noted", "inserted", "frozen before it is sent"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			db, engine := postgrestest.New(t), chtest.Share(t)
			log := logtest.New(t, 3)
			table := notes(engine)
			table.Repair = repairNotes
			var ws []*logtest.LogWriter
			key, positions := ProjectionKey{"notes", 1}, &Positions{Pool: db.Pools.Projector}
			for p := range int32(3) {
				w := logtest.NewWriter(t, log, p)
				w.Fill(20 + int(p))
				ws = append(ws, w)
				if _, err := loadCheckpoints(t.Context(), db.Pools.Projector, []ProjectionKey{key}, p); err != nil {
					t.Fatal(err)
				}
			}
			follow := func() {
				next := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, Linger: -1, Positions: positions}
				rd := openReader(t, log)
				for p, w := range ws {
					start(t, func(ctx context.Context) { next.Run(ctx, rd, int32(p)) })
					waitFor(t, positions, key, int32(p), w.Pseq)
				}
			}
			conn := &insertCounter{Conn: engine.Conn}
			r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: conn, Table: table}
			r.steps = func(_ context.Context, step string, p int32) error {
				switch {
				case step == at:
					return errBroken
				case step == "noted" && p == 2 && at == "frozen before it is sent":
					follow()
				}
				return nil
			}
			failed, err := r.writeTogether(t.Context(), struct{}{}, portionsOf(ws...))
			want := map[string]error{"": nil, "noted": errBroken, "inserted": errBroken, "frozen before it is sent": errTaken}[at]
			for _, f := range failed {
				if err != nil || !errors.Is(f, want) {
					t.Errorf("%v, %v, want %v", err, f, want)
				}
			}
			if n := conn.blocks.Load(); n > 1 || n == 0 && at != "noted" {
				t.Errorf("%d blocks were sent", n)
			}
			if at != "frozen before it is sent" {
				follow()
			}
			auditNotes(t, engine.Conn, ws...)
		})
	}
}

// TestSmallBatchesShareATransaction also has an event that can't be applied: its neighbours of the same transaction can.
func TestSmallBatchesShareATransaction(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 3)
	var ws []*logtest.LogWriter
	for p := range int32(3) {
		w := logtest.NewWriter(t, log, p)
		w.Fill(10)
		ws = append(ws, w)
	}
	counted, calls, refused := tally("a"), 0, int64(0)
	apply := counted.Handle
	counted.Handle = func(ctx context.Context, tx pgx.Tx, events []*es.Event) error {
		calls++
		for _, e := range events {
			if e.Partition == 1 && e.Pseq == refused {
				return errBroken
			}
		}
		return apply(ctx, tx, events)
	}
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{counted}}
	write := func() []error {
		t.Helper()
		var of []*share
		for p, x := range portionsOf(ws...) {
			g, from, err := r.loadGroup(t.Context(), r.Projections, int32(p))
			if err != nil {
				t.Fatal(err)
			}
			of = append(of, g.newShare(x.events[from.Pseq:], x.end))
		}
		failed, err := r.applyTogether(t.Context(), "a", of)
		if err != nil {
			t.Fatal(err)
		}
		return failed
	}
	if failed := write(); errors.Join(failed...) != nil || calls != 1 {
		t.Errorf("%v after %d calls for three batches, want one", failed, calls)
	}
	audit(t, db.Pools.Projector, "a", ws...)
	for _, w := range ws {
		w.Fill(5)
	}
	refused = 12
	if failed := write(); failed[0] != nil || !errors.Is(failed[1], errBroken) || failed[2] != nil {
		t.Errorf("%v, want that only the second fails", failed)
	}
	refused = 0
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 1) })
	waitFor(t, &Positions{Pool: db.Pools.API}, ProjectionKey{"a", 1}, 1, ws[1].Pseq)
	audit(t, db.Pools.Projector, "a", ws...)
}
