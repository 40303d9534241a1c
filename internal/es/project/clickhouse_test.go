package project

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project/chtest"
	"outrider/internal/postgres/postgrestest"
)

// notes has a view that sums, so that a block that counts twice, or not at all, shows.
func notes(e *chtest.Engine) Table {
	e.Exec(`CREATE TABLE notes (log_partition Int32, pseq Int64, subject String) ENGINE = ReplacingMergeTree ORDER BY (log_partition, pseq)
			SETTINGS non_replicated_deduplication_window = 10000`,
		`CREATE TABLE note_sums (subject String, n Int64, total Int64) ENGINE = SummingMergeTree ORDER BY subject
			SETTINGS non_replicated_deduplication_window = 10000`,
		`CREATE MATERIALIZED VIEW note_sums_view TO note_sums AS SELECT subject, toInt64(count()) AS n, sum(pseq) AS total FROM notes GROUP BY subject`)
	return Table{Name: "notes", Version: 1, Table: "notes", Into: "notes (log_partition, pseq, subject)", Append: func(b driver.Batch, e *es.Event) error {
		return b.Append(e.Partition, e.Pseq, e.Subject)
	}}
}

// repairNotes adds to the view what its table has and it lacks: the engine keeps a block's token before the block, so a crash
// just between loses the view's rows for good.
func repairNotes(ctx context.Context, conn driver.Conn, _ []*es.Event) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplicate": 0}))
	return conn.Exec(ctx, `INSERT INTO note_sums
		SELECT subject, sum(one) AS n, sum(p) AS total FROM (
			SELECT subject, toInt64(1) AS one, pseq AS p FROM notes FINAL UNION ALL SELECT subject, -n, -total FROM note_sums)
		GROUP BY subject HAVING n != 0 OR total != 0`)
}

// auditNotes compares raw rows (without FINAL: a block that came twice shows) and the view's sums with the log.
func auditNotes(t *testing.T, conn driver.Conn, ws ...*logtest.LogWriter) {
	t.Helper()
	var wantN uint64
	var want int64
	for _, w := range ws {
		for _, e := range w.Events {
			wantN++
			want += e.Pseq
		}
	}
	var rawN uint64
	var raw, viewN, view int64
	if err := conn.QueryRow(t.Context(), `SELECT count(), sum(pseq) FROM notes`).Scan(&rawN, &raw); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `SELECT sum(n), sum(total) FROM note_sums`).Scan(&viewN, &view); err != nil {
		t.Fatal(err)
	}
	if rawN != wantN || raw != want {
		t.Errorf("raw: %d rows with sum %d, want %d with %d", rawN, raw, wantN, want)
	}
	if viewN != int64(wantN) || view != want {
		t.Errorf("view: %d rows with sum %d, want %d with %d", viewN, view, wantN, want)
	}
}

func TestClickHouseKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Start(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(600)
	table := notes(engine)
	resent := atomic.Int64{}
	report := func(what string, _ ...any) {
		if what == "sent a range again" {
			resent.Add(1)
		}
	}
	for _, step := range []string{"noted", "inserted", "advanced"} {
		for range 4 {
			n := 0
			// A killed runner may come back with other batch sizes: what was noted must go again as it was.
			r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, MaxEvents: 10 + rand.IntN(30), Linger: -1, Report: report}
			r.steps = func(_ context.Context, s string, _ int32) error {
				if s == step {
					if n++; n == 2 {
						return errBroken
					}
				}
				return nil
			}
			if err := r.attemptOnce(t.Context(), openReader(t, log), 0, func(es.Checkpoint, int64) {}); !errors.Is(err, errBroken) {
				t.Fatalf("%s: %v", step, err)
			}
		}
	}
	positions := &Positions{Pool: db.Pools.Projector}
	r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, Linger: -1, Positions: positions, Report: report}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	waitFor(t, positions, ProjectionKey{"notes", 1}, 0, w.Pseq)
	auditNotes(t, engine.Conn, w)
	if resent.Load() != 8 {
		t.Errorf("%d ranges were sent again, want 8", resent.Load())
	}
}

func TestARangeIsNotedOnceAndBehindTheCheckpointOnly(t *testing.T) {
	t.Parallel()
	pool, key := postgrestest.New(t).Pools.Projector, ProjectionKey{"notes", 1}
	if _, err := loadCheckpoints(t.Context(), pool, []ProjectionKey{key}, 0); err != nil {
		t.Fatal(err)
	}
	note := func(from, to int64) error {
		return pendingRange{from, to, "token"}.noteRange(t.Context(), pool, key, 0)
	}
	if err := note(6, 9); !errors.Is(err, errTaken) {
		t.Errorf("ahead of the checkpoint: %v", err)
	}
	if err := note(1, 5); err != nil {
		t.Fatal(err)
	}
	if err := note(1, 7); !errors.Is(err, errTaken) {
		t.Errorf("a second time: %v", err)
	}
	finish := func(to int64, token string) error {
		return pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			return pendingRange{1, to, token}.finishRange(t.Context(), tx, key, 0, es.Checkpoint{Epoch: 1, Pseq: to, Offset: to + 1})
		})
	}
	if err := finish(7, "token"); !errors.Is(err, errTaken) {
		t.Errorf("finish what was not noted: %v", err)
	}
	if err := (&pendingRange{1, 5, "token"}).takeOver(t.Context(), pool, key, 0); err != nil {
		t.Fatal(err)
	}
	if err := finish(5, "token"); !errors.Is(err, errTaken) {
		t.Errorf("finish what another took over: %v", err)
	}
	if err := finish(5, "token"+takenOver); err != nil {
		t.Fatal(err)
	}
	if err := note(4, 9); !errors.Is(err, errTaken) { // an owner that was frozen
		t.Errorf("behind the checkpoint: %v", err)
	}
	if p, err := loadPending(t.Context(), pool, key, 0, 5); err != nil || p != (pendingRange{}) {
		t.Errorf("left over: %+v, %v", p, err)
	}
}

func TestClickHouseTwoOwnersAtOnce(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Share(t)
	log := logtest.New(t, 2)
	ws := []*logtest.LogWriter{logtest.NewWriter(t, log, 0), logtest.NewWriter(t, log, 1)}
	table := notes(engine)
	var taken atomic.Int64
	for range 2 {
		r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, MaxEvents: 50, Linger: -1,
			Report: func(_ string, attrs ...any) {
				if err, ok := attrs[3].(error); ok && errors.Is(err, errTaken) {
					taken.Add(1)
				}
			}}
		rd := openReader(t, log)
		for p := range int32(2) {
			start(t, func(ctx context.Context) { r.Run(ctx, rd, p) })
		}
	}
	for range 20 {
		for _, w := range ws {
			w.Fill(60)
		}
	}
	positions := &Positions{Pool: db.Pools.API}
	for p, w := range ws {
		waitFor(t, positions, ProjectionKey{"notes", 1}, int32(p), w.Pseq)
	}
	auditNotes(t, engine.Conn, ws...)
	if taken.Load() == 0 {
		t.Error("the two owners never met")
	}
}

// TestClickHouseEngineKilled kills the engine at any moment of an insert, so also between a table and its view.
func TestClickHouseEngineKilled(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Start(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	table := notes(engine)
	table.Repair = repairNotes
	positions := &Positions{Pool: db.Pools.Projector}
	var resent, there, partly atomic.Int64
	inserting := make(chan struct{}, 1)
	var began time.Time
	var took atomic.Int64 // of the newest insert
	took.Store(int64(5 * time.Millisecond))
	r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, MaxEvents: 2000, Linger: -1, Positions: positions,
		Report: func(what string, attrs ...any) {
			if what == "sent a range again" {
				resent.Add(1)
				if attrs[11].(uint64) > 0 {
					there.Add(1)
				}
				if attrs[11].(uint64) > 0 && attrs[11].(uint64) < uint64(attrs[9].(int)) {
					partly.Add(1)
				}
			}
		}}
	r.steps = func(_ context.Context, s string, _ int32) error {
		switch s {
		case "inserted":
			took.Store(int64(time.Since(began)))
		case "noted":
			began = time.Now()
			select {
			case inserting <- struct{}{}:
			default:
			}
		}
		return nil
	}
	w.Fill(20_000)
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	for n := 0; n < 12 || n < 40 && (there.Load() == 0 || resent.Load() < 4); n++ {
		select {
		case <-inserting:
		default:
		}
		<-inserting
		time.Sleep(rand.N(time.Duration(took.Load()))) // not to wait for something: to hit any moment of the insert
		engine.Crash()
		w.Fill(5000)
	}
	waitFor(t, positions, ProjectionKey{"notes", 1}, 0, w.Pseq)
	auditNotes(t, engine.Conn, w)
	if resent.Load() == 0 {
		t.Error("no kill hit an insert")
	}
	t.Logf("%d ranges were sent again, %d of them were there already, %d in part", resent.Load(), there.Load(), partly.Load())
}

// TestClickHouseTableWithoutItsView stands for a crash just between the two: the block is in the table, the view never
// saw it.
func TestClickHouseTableWithoutItsView(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Start(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	table := notes(engine)
	r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, MaxEvents: 40, Linger: -1}
	r.steps = func(_ context.Context, s string, _ int32) error {
		switch s {
		case "noted":
			engine.Exec(`DROP VIEW note_sums_view`)
		case "inserted":
			return errBroken
		}
		return nil
	}
	if err := r.attemptOnce(t.Context(), openReader(t, log), 0, func(es.Checkpoint, int64) {}); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	engine.Exec(`CREATE MATERIALIZED VIEW note_sums_view TO note_sums AS SELECT subject, toInt64(count()) AS n, sum(pseq) AS total FROM notes GROUP BY subject`)
	engine.Crash()
	positions := &Positions{Pool: db.Pools.Projector}
	repaired := 0
	table.Repair = func(_ context.Context, _ driver.Conn, events []*es.Event) error { repaired += len(events); return nil }
	next := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, Linger: -1, Positions: positions}
	stop := start(t, func(ctx context.Context) { next.Run(ctx, openReader(t, log), 0) })
	waitFor(t, positions, ProjectionKey{"notes", 1}, 0, w.Pseq)
	stop()
	auditNotes(t, engine.Conn, w)
	if repaired != 40 {
		t.Errorf("repair was given %d events, want 40", repaired)
	}
}

// TestClickHouseLosesABlockWhoseTokenItKept stands for a crash after the engine noted the token and before it kept the rows.
func TestClickHouseLosesABlockWhoseTokenItKept(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Share(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	table := notes(engine)
	r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, MaxEvents: 40, Linger: -1}
	r.steps = func(_ context.Context, s string, _ int32) error {
		if s == "inserted" {
			return errBroken
		}
		return nil
	}
	if err := r.attemptOnce(t.Context(), openReader(t, log), 0, func(es.Checkpoint, int64) {}); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	engine.Exec(`ALTER TABLE notes DELETE WHERE 1 SETTINGS mutations_sync = 1`) // unlike TRUNCATE it leaves the tokens
	engine.Exec(`ALTER TABLE note_sums DELETE WHERE 1 SETTINGS mutations_sync = 1`)
	positions := &Positions{Pool: db.Pools.Projector}
	next := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, Linger: -1, Positions: positions}
	start(t, func(ctx context.Context) { next.Run(ctx, openReader(t, log), 0) })
	waitFor(t, positions, ProjectionKey{"notes", 1}, 0, w.Pseq)
	auditNotes(t, engine.Conn, w)
}

// TestABlockThatSomebodyWaitsForGoesAtOnce has blocks linger for longer than a test may take: only who waits lets them go.
func TestABlockThatSomebodyWaitsForGoesAtOnce(t *testing.T) {
	t.Parallel()
	db, engine := postgrestest.New(t), chtest.Share(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	key := ProjectionKey{"notes", 1}
	here, elsewhere := &Positions{Pool: db.Pools.Projector}, &Positions{Pool: db.Pools.API, Lingers: map[ProjectionKey]bool{key: true}}
	r := &ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: notes(engine), Linger: time.Hour, Positions: here}
	start(t, here.Listen)
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	for name, p := range map[string]*Positions{"in the same process": here, "in another process": elsewhere} {
		w.Fill(10)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		if err := p.Wait(ctx, key, 0, w.Pseq); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	auditNotes(t, engine.Conn, w)
}
