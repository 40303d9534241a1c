package project

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"outrider/internal/es"
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
