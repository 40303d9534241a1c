package project

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
	"outrider/internal/postgres/postgrestest"
)

func TestAReadModelDoesNotRestWhileSomebodyLooksOn(t *testing.T) {
	t.Parallel()
	const pace, written = 15 * time.Millisecond, 1000
	key := ProjectionKey{"leads", 1}
	urgently := func(pseq int64, after time.Duration) func(context.Context, *Positions) {
		return func(ctx context.Context, p *Positions) {
			time.Sleep(after)
			_ = p.WaitUrgently(ctx, key, 0, pseq) // until the test is over
		}
	}
	for name, x := range map[string]struct {
		events int
		waits  func(context.Context, *Positions)
		want   time.Duration
	}{
		"few events":                       {manyEvents - 1, nil, pace},
		"many":                             {manyEvents, nil, slower * pace},
		"many, and somebody waits":         {manyEvents, urgently(written+1, 0), pace},
		"many, and somebody comes":         {manyEvents, urgently(written+40, 2*pace), 2 * pace},
		"many, and somebody came to those": {manyEvents, urgently(written, 0), slower * pace},
		"many, and a reactor waits": {manyEvents, func(ctx context.Context, p *Positions) {
			_ = p.Wait(ctx, key, 0, written+1)
		}, slower * pace},
		"many, and somebody waits for another partition": {manyEvents, func(ctx context.Context, p *Positions) {
			_ = p.WaitUrgently(ctx, key, 1, written+1)
		}, slower * pace},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := &Positions{polling: true} // there is no database to ask
			r := &Postgres{Pace: pace, Positions: p}
			wanted := p.demandFor([]ProjectionKey{{"others", 1}, key}, 0, true)
			if x.waits != nil {
				go x.waits(ctx, p)
				synctest.Wait()
			}
			began := time.Now()
			r.rest(ctx, reader.Batch{Events: make([]*es.Event, x.events), Checkpoint: es.Checkpoint{Pseq: written}}, began, wanted)
			if took := time.Since(began); took != x.want {
				t.Errorf("%s: it rests %v, want %v", name, took, x.want)
			}
		})
	}
}

func TestAnotherProcessIsToldThatSomebodyLooksOn(t *testing.T) {
	t.Parallel()
	db, key := postgrestest.New(t), ProjectionKey{"leads", 1}
	here, elsewhere := &Positions{Pool: db.Pools.Projector}, &Positions{Pool: db.Pools.API}
	start(t, here.Listen)
	wanted := here.demandFor([]ProjectionKey{key}, 0, true)
	start(t, func(ctx context.Context) { _ = elsewhere.Wait(ctx, key, 0, 20) })         // a reactor's, which isn't told
	start(t, func(ctx context.Context) { _ = elsewhere.WaitUrgently(ctx, key, 0, 10) }) // until the test is over
	select {
	case <-wanted.Changed():
	case <-t.Context().Done():
	}
	if !wanted.AnybodyWaits(10) || wanted.AnybodyWaits(11) {
		t.Error("it isn't wanted as far as somebody waits urgently")
	}
}

func TestWhatManyFollowIsStoredBeforeThem(t *testing.T) {
	t.Parallel()
	const events, each = 300, 3 // of a command
	of := func(n int) (out []*es.Event) {
		for i := range n {
			out = append(out, &es.Event{Pseq: int64(1001 + i), Last: i%each == each-1})
		}
		return out
	}
	for name, x := range map[string]struct {
		events  int
		awaited int64
		want    int
	}{
		"nobody waits":                     {events, 0, 0},
		"for what was stored before":       {events, 1000, 0},
		"for the first":                    {events, 1001, each},
		"for the last of a command":        {events, 1006, 2 * each},
		"for one in the middle":            {events, 1100, 102},
		"for one that few follow":          {events, 1300 - fewEvents + 1, 0},
		"for one that just enough follow":  {events, 1300 - fewEvents - 2, events - fewEvents - 2},
		"a batch that is small altogether": {fewEvents, 1001, 0},
	} {
		if got := awaitedPart(of(x.events), x.awaited); got != x.want {
			t.Errorf("%s: %d events come first, want %d", name, got, x.want)
		}
	}
}

func TestWhoWaitsIsServedBeforeTheManyBehind(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, tallies())
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(1000)
	const awaited = 100
	key, positions := ProjectionKey{"a", 1}, &Positions{Pool: db.Pools.Projector}
	served := make(chan error, 1)
	start(t, func(ctx context.Context) { served <- positions.WaitUrgently(ctx, key, 0, awaited) })
	for positions.lastAwaited([]ProjectionKey{key}, 0, awaited, nil) != awaited {
		runtime.Gosched() // until it waits
	}
	projection := tally("a")
	store := projection.Handle
	projection.Handle = func(ctx context.Context, tx pgx.Tx, events []*es.Event) error {
		if first, last := events[0].Pseq, events[len(events)-1].Pseq; first <= awaited && last > awaited+fewEvents {
			t.Errorf("events %d to %d are stored together while somebody waits for %d", first, last, awaited)
		}
		return store(ctx, tx, events)
	}
	r := &Postgres{Log: log, Pool: db.Pools.Projector, Projections: []Projection{projection, tally("b")}, Positions: positions}
	start(t, func(ctx context.Context) { r.Run(ctx, openReader(t, log), 0) })
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	waitFor(t, positions, ProjectionKey{"b", 1}, 0, w.Pseq)
	audit(t, db.Pools.Projector, "a", w)
	audit(t, db.Pools.Projector, "b", w)
}
