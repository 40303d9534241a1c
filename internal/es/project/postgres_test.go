package project

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

var errBroken = errors.New("broken off by the test")

// tallies counts what was applied: an event that is applied twice or never shows in n and total.
func tallies() postgres.Source {
	return postgres.Source{Name: "tallies", FS: fstest.MapFS{"00001_tallies.sql": {Data: []byte(`-- +goose Up
create table read.tallies (org_id uuid not null, name text not null, subject text not null, n bigint not null, total bigint not null, primary key (org_id, name, subject));
call kernel.protect('read.tallies');
`)}}}
}

// tally adds, which is not idempotent: only the checkpoint keeps it right.
func tally(name string) Projection {
	return Projection{Name: name, Version: 1, Handle: func(ctx context.Context, tx pgx.Tx, events []*es.Event) error {
		type row struct {
			org     uuid.UUID
			subject string
		}
		at := map[row]int{}
		var orgs []uuid.UUID
		var subjects []string
		var n, total []int64
		for _, e := range events {
			k := row{e.Org, e.Subject}
			i, ok := at[k]
			if !ok {
				i = len(orgs)
				at[k] = i
				orgs, subjects, n, total = append(orgs, e.Org), append(subjects, e.Subject), append(n, 0), append(total, 0)
			}
			n[i]++
			total[i] += e.Pseq
		}
		_, err := tx.Exec(ctx, `insert into read.tallies as t (org_id, name, subject, n, total)
			select org, $5, subject, n, total from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) as x(org, subject, n, total)
			order by 1, 3
			on conflict (org_id, name, subject) do update set n = t.n + excluded.n, total = t.total + excluded.total`,
			orgs, subjects, n, total, name)
		return err
	}}
}

func audit(t *testing.T, pool *pgxpool.Pool, name string, ws ...*logtest.LogWriter) {
	t.Helper()
	var n, total, wantN, want int64
	for _, w := range ws {
		for _, e := range w.Events {
			wantN++
			want += e.Pseq
		}
	}
	if err := pool.QueryRow(t.Context(), `select coalesce(sum(n), 0), coalesce(sum(total), 0) from read.tallies where name = $1`, name).Scan(&n, &total); err != nil {
		t.Fatal(err)
	}
	if n != wantN || total != want {
		t.Errorf("%s: %d events with sum %d were applied, want %d with %d", name, n, total, wantN, want)
	}
}

func waitFor(t *testing.T, p *Positions, key ProjectionKey, partition int32, pseq int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := p.Wait(ctx, key, partition, pseq); err != nil {
		t.Fatal(err)
	}
}

func openReader(t *testing.T, log kafka.Log) *reader.Reader {
	t.Helper()
	shared, err := reader.OpenShared(reader.SharedConfig{Log: log, Bytes: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shared.Close)
	rd, err := reader.Join(shared, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rd.Close)
	return rd
}

// start runs f until the test ends or stop is called.
func start(t *testing.T, f func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func TestTwoOwnersAtOnceApplyEverythingOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 2)
	ws := []*logtest.LogWriter{logtest.NewWriter(t, log, 0), logtest.NewWriter(t, log, 1)}
	var taken atomic.Int64
	for range 2 {
		r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a"), tally("b")}, MaxEvents: 50,
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
	for range 100 {
		for _, w := range ws {
			w.Fill(60)
		}
	}
	other := &Positions{Pool: db.Pools.API} // another process, which polls
	for p, w := range ws {
		waitFor(t, other, ProjectionKey{"a", 1}, int32(p), w.Pseq)
		waitFor(t, other, ProjectionKey{"b", 1}, int32(p), w.Pseq)
	}
	audit(t, db.Pools.Projector, "a", ws...)
	audit(t, db.Pools.Projector, "b", ws...)
	if taken.Load() == 0 {
		t.Error("the two owners never met")
	}
	t.Logf("%d collisions", taken.Load())
}

func TestProcessesShareThePartitionsAndHandOver(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 4)
	var ws []*logtest.LogWriter
	for p := range int32(4) {
		ws = append(ws, logtest.NewWriter(t, log, p))
	}
	member := func() (stop func()) {
		r := &Postgres{Log: log, Group: "projections", Pool: db.Pools.Projector, Projections: []Projection{tally("a")}}
		return start(t, func(ctx context.Context) {
			if err := r.Serve(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	positions := &Positions{Pool: db.Pools.API}
	round := func() {
		for _, w := range ws {
			w.Fill(500)
		}
		for p, w := range ws {
			waitFor(t, positions, ProjectionKey{"a", 1}, int32(p), w.Pseq)
		}
	}
	first := member()
	round()
	member()
	round()
	first()
	round()
	audit(t, db.Pools.Projector, "a", ws...)
}

func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(1000)
	for _, step := range []string{"handled", "committed"} {
		for range 5 {
			n := 0
			r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a"), tally("b")}, MaxEvents: 20}
			r.steps = func(_ context.Context, s string, _ int32) error {
				if n++; s == step && n > 5 {
					return errBroken
				}
				return nil
			}
			// One attempt and no more: what follows is another process.
			if _, err := (&worker{r: r, aside: &quarantine{}}).runUntilPoison(t.Context(), openReader(t, log), r.Projections, func(es.Checkpoint, int64) {}); !errors.Is(err, errBroken) {
				t.Fatalf("%s: %v", step, err)
			}
		}
	}
	positions := &Positions{Pool: db.Pools.Projector}
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a"), tally("b")}, Positions: positions}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	waitFor(t, positions, ProjectionKey{"b", 1}, 0, w.Pseq)
	audit(t, db.Pools.Projector, "a", w)
	audit(t, db.Pools.Projector, "b", w)
}

func TestANewProjectionCatchesUpAndTheOthersSkipWhatTheyHave(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(500)
	positions := &Positions{Pool: db.Pools.Projector}
	rd := openReader(t, log)
	stop := start(t, func(ctx context.Context) {
		(&Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a")}, Positions: positions}).Run(ctx, rd, 0)
	})
	waitFor(t, positions, ProjectionKey{"a", 1}, 0, w.Pseq)
	stop()
	w.Fill(501)
	start(t, func(ctx context.Context) {
		(&Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a"), tally("new")}, Positions: positions, MaxEvents: 300}).Run(ctx, rd, 0)
	})
	waitFor(t, positions, ProjectionKey{"a", 1}, 0, w.Pseq)
	waitFor(t, positions, ProjectionKey{"new", 1}, 0, w.Pseq)
	audit(t, db.Pools.Projector, "a", w)
	audit(t, db.Pools.Projector, "new", w)
}

func TestPoisonStopsOneProjectionWithItsPositionAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	var cured atomic.Bool
	good := tally("a")
	picky := Projection{Name: "picky", Version: 1, Handle: func(ctx context.Context, tx pgx.Tx, events []*es.Event) error {
		for _, e := range events {
			if e.Pseq == 61 && !cured.Load() {
				_, err := tx.Exec(ctx, `select 1/0`)
				return err
			}
		}
		return nil
	}}
	stopped, once := make(chan struct{}), sync.Once{}
	positions := &Positions{Pool: db.Pools.Projector}
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{good, picky}, Positions: positions, SlowRetry: 20 * time.Millisecond,
		Report: func(string, ...any) { once.Do(func() { close(stopped) }) }}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	<-stopped
	st := r.Status()[1]
	if !st.Stopped || st.Rebuild || st.Projection != "picky" || !strings.Contains(st.Err, "pseq 61") || !strings.Contains(st.Err, "picky.v1") {
		t.Fatalf("%+v", st)
	}
	waitFor(t, positions, ProjectionKey{"a", 1}, 0, 100) // the others go on
	audit(t, db.Pools.Projector, "a", w)
	told, err := ListStopped(t.Context(), db.Pools.Projector)
	if err != nil || len(told) != 1 || told[0].Pseq != 61 || told[0].EventID != w.Events[60].ID || !strings.Contains(told[0].Error, "division by zero") {
		t.Fatalf("%+v, %v", told, err)
	}
	cured.Store(true)
	waitFor(t, positions, ProjectionKey{"picky", 1}, 0, 100)
}

type fact struct{}

func (fact) EventType() string   { return "note.added.v1" }
func (fact) AggregateID() string { return "" }

func TestAnEventThatCantBeReadStopsAllUntilEachPassesOverIt(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	decode := func(_ string, data []byte) (es.Payload, error) {
		if strings.Contains(string(data), `"n":62,`) {
			return nil, errBroken
		}
		return fact{}, nil
	}
	positions := &Positions{Pool: db.Pools.Projector}
	reported := make(chan struct{}, 100)
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a"), tally("b")}, Decode: decode, Positions: positions, SlowRetry: 20 * time.Millisecond,
		Report: func(string, ...any) { reported <- struct{}{} }}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	<-reported
	waitFor(t, positions, ProjectionKey{"a", 1}, 0, 60) // all before it went through
	stopped, err := ListStopped(t.Context(), db.Pools.API)
	if err != nil || len(stopped) != 2 || stopped[0].Pseq != 62 || stopped[1].Pseq != 62 || stopped[0].EventID != w.Events[61].ID {
		t.Fatalf("%+v, %v", stopped, err)
	}
	owner, err := pgx.Connect(t.Context(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	for _, name := range []string{"a", "b"} {
		if _, err := owner.Exec(t.Context(), `insert into operations.skipped_events (projection, partition, pseq, event_id, event_type, org_id, error, reason)
			select projection, partition, pseq, event_id, event_type, org_id, error, 'test' from kernel.stopped_projections where projection = $1`, name); err != nil {
			t.Fatal(err)
		}
		waitFor(t, positions, ProjectionKey{name, 1}, 0, 100)
	}
	var n int
	if err := db.Pools.Projector.QueryRow(t.Context(), `select sum(n) from read.tallies`).Scan(&n); err != nil || n != 2*99 {
		t.Errorf("%d events were applied, %v, want all but one, twice", n, err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	p := &Positions{Pool: db.Pools.API}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := p.Wait(ctx, ProjectionKey{"a", 1}, 0, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiters) != 0 {
		t.Fatal("the waiter stays")
	}
}

func TestTruncationAsksForARebuild(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(10)
	if _, err := loadCheckpoints(t.Context(), db.Pools.Projector, []ProjectionKey{{"a", 1}}, 0); err != nil {
		t.Fatal(err)
	}
	if err := advanceCheckpoints(t.Context(), db.Pools.Projector, []ProjectionKey{{"a", 1}}, 0, []int64{0}, es.Checkpoint{Epoch: 1, Pseq: 500, Offset: 501}); err != nil {
		t.Fatal(err)
	}
	reported := make(chan struct{}, 1)
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{tally("a")}, Report: func(string, ...any) { reported <- struct{}{} }}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	<-reported
	if st := r.Status()[0]; !st.Stopped || !st.Rebuild || !strings.Contains(st.Err, "ends at offset 11, but its reader stands at 501") {
		t.Fatalf("%+v", st)
	}
}

func BenchmarkPostgres(b *testing.B) {
	db := postgrestest.New(b, tallies())
	log := logtest.New(b, 1)
	w := logtest.NewWriter(b, log, 0)
	w.Fill(100_000)
	rd, err := reader.Open(log)
	if err != nil {
		b.Fatal(err)
	}
	defer rd.Close()
	insert := func(name string) Projection {
		return Projection{Name: name, Version: 1, Handle: func(ctx context.Context, tx pgx.Tx, events []*es.Event) error {
			orgs, subjects, n := make([]uuid.UUID, len(events)), make([]string, len(events)), make([]int64, len(events))
			for i, e := range events {
				orgs[i], subjects[i], n[i] = e.Org, e.ID.String(), e.Pseq
			}
			_, err := tx.Exec(ctx, `insert into read.tallies (org_id, name, subject, n, total)
				select org, $4, subject, n, 1 from unnest($1::uuid[], $2::text[], $3::bigint[]) as x(org, subject, n) on conflict (org_id, name, subject) do update set n = excluded.n`, orgs, subjects, n, name)
			return err
		}}
	}
	for kind, f := range map[string]func(string) Projection{"fold": tally, "row per event": insert} {
		b.Run(kind, func(b *testing.B) {
			for range b.N {
				p := &Positions{Pool: db.Pools.Projector}
				key := ProjectionKey{uuid.NewString(), 1}
				r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{f(key.Name)}, Positions: p}
				ctx, cancel := context.WithCancel(b.Context())
				done := make(chan struct{})
				go func() { defer close(done); r.Run(ctx, rd, 0) }()
				if err := p.Wait(ctx, key, 0, w.Pseq); err != nil {
					b.Fatal(err)
				}
				cancel()
				<-done
			}
			b.ReportMetric(float64(100_000*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
