package analytics_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project"
	"outrider/internal/es/project/chtest"
	"outrider/internal/es/reader"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections/analytics"
)

func setup(t testing.TB, n int) (analytics.History, *logtest.LogWriter) {
	t.Helper()
	db, engine := postgrestest.New(t), chtest.Share(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(n)
	for range 2 { // twice: migrations can be repeated
		if err := analytics.Migrate(t.Context(), engine.Conn); err != nil {
			t.Fatal(err)
		}
	}
	positions := &project.Positions{Pool: db.Pools.Projector}
	r := &project.ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: analytics.Events(), Linger: -1, Positions: positions}
	rd, err := reader.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rd.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx, rd, 0) }()
	t.Cleanup(func() { cancel(); <-done })
	began := time.Now()
	if err := positions.Wait(ctx, project.ProjectionKey{Name: "analytics_events", Version: 1}, 0, w.Pseq); err != nil {
		t.Fatal(err, r.Status())
	}
	t.Logf("%d events in %v: %.0f/s", n, time.Since(began).Round(time.Millisecond), float64(n)/time.Since(began).Seconds())
	return analytics.History{Conn: engine.Conn}, w
}

func of(w *logtest.LogWriter, keep func(*es.Event) bool) (out []*es.Event) {
	for _, e := range w.Events {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out
}

func same(t *testing.T, got, want []*es.Event, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].ID != want[i].ID || got[i].Oseq != want[i].Oseq {
			t.Fatalf("event %d: got oseq %d, want %d", i, got[i].Oseq, want[i].Oseq)
		}
	}
}

func TestHistoryIsWhatTheLogHolds(t *testing.T) {
	t.Parallel()
	h, w := setup(t, 2000)
	org := logtest.Org(0, 2)
	mine := of(w, func(e *es.Event) bool { return e.Org == org })
	got, err := h.Range(t.Context(), org, 1, 0, 10_000)
	same(t, got, mine, err)
	var chain es.ChainHash
	for i, e := range got {
		if chain, _ = es.Link(chain, e, nil); chain != e.Chain || string(e.Data) != string(mine[i].Data) || !e.Time.Equal(mine[i].Time) || e.Last != mine[i].Last {
			t.Fatalf("event %d came back as %+v, was %+v", i, e, mine[i])
		}
	}
	got, err = h.Range(t.Context(), org, 11, 20, 0)
	same(t, got, mine[10:20], err)
	first, err := h.BySubjects(t.Context(), org, []string{"s3", "s4"}, analytics.Page{Limit: 7})
	want := of(w, func(e *es.Event) bool { return e.Org == org && (e.Subject == "s3" || e.Subject == "s4") })
	same(t, first, want[:7], err)
	got, err = h.BySubjects(t.Context(), org, []string{"s3", "s4"}, analytics.Page{After: first[6].Oseq, Limit: 1000})
	same(t, got, want[7:], err)
	got, err = h.BySubjects(t.Context(), org, []string{"s3", "s4"}, analytics.Page{Newest: true, Limit: 1})
	same(t, got, want[len(want)-1:], err)
	got, err = h.ByCommand(t.Context(), org, mine[4].CommandID)
	same(t, got, mine[4:6], err)
	got, err = h.ByCorrelation(t.Context(), org, mine[4].CorrelationID, analytics.Page{})
	same(t, got, mine[4:6], err)
	got, err = h.ByTime(t.Context(), org, mine[20].Time, mine[30].Time, analytics.Page{})
	same(t, got, mine[20:30], err)
	got, err = h.Range(t.Context(), uuid.New(), 1, 0, 10)
	same(t, got, nil, err)
}

func BenchmarkEvents(b *testing.B) {
	for range b.N {
		setup(b, 200_000)
	}
}
