package turns_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"outrider/internal/turns"
)

// readModel shows rows at a rate, each chunk behind those before it; what is behind a Pace stands before it.
type readModel struct {
	t          *testing.T
	pace       *turns.Pace
	each       time.Duration // for a row
	free       time.Time     // when it has shown all that it was given
	pseq, oseq map[uuid.UUID]int64
	most       time.Duration // that a chunk waited to be shown, of late
}

func newReadModel(t *testing.T, each time.Duration) *readModel {
	return &readModel{t: t, pace: turns.NewPace(), each: each, pseq: map[uuid.UUID]int64{}, oseq: map[uuid.UUID]int64{}}
}

// write has some chunks written by an organisation, ten at once; others of other organisations come in between. It returns how many rows a
// second were shown in the second half.
func (m *readModel) write(org uuid.UUID, chunks, rows, others int) float64 {
	m.t.Helper()
	m.most = 0
	slots, done := make(chan struct{}, 10), make(chan struct{}, chunks)
	var half time.Time
	for n := range chunks {
		slots <- struct{}{}
		x, err := m.pace.Enter(m.t.Context(), 0, org, rows)
		if err != nil {
			m.t.Fatal(err)
		}
		m.pseq[org] += int64(rows + others)
		m.oseq[org] += int64(rows)
		x.Answered(m.pseq[org], m.oseq[org])
		now := time.Now()
		if m.free.Before(now) {
			m.free = now
		}
		m.free = m.free.Add(time.Duration(rows) * m.each)
		lag := m.free.Sub(now)
		if n == chunks/2 {
			half = now
		}
		if n > chunks/2 {
			m.most = max(m.most, lag)
		}
		go func() {
			time.Sleep(lag)
			x.Shown()
			x.Leave()
			<-slots
			done <- struct{}{}
		}()
	}
	for range chunks {
		<-done
	}
	return float64(chunks/2*rows) / time.Since(half).Seconds()
}

func TestRowsAreNoFurtherAheadThanAMoment(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		each        time.Duration // for a row
		others      int
		least, most time.Duration
	}{
		"alone, a quick one":          {80 * time.Microsecond, 0, 200 * time.Millisecond, 350 * time.Millisecond},
		"alone, a slow one":           {400 * time.Microsecond, 0, 200 * time.Millisecond, 500 * time.Millisecond},
		"beside others, a quick one":  {80 * time.Microsecond, 1, 40 * time.Millisecond, 150 * time.Millisecond},
		"beside others, a slow one":   {400 * time.Microsecond, 1, 200 * time.Millisecond, 200 * time.Millisecond}, // a chunk is what comes at least
		"alone, quicker than it need": {20 * time.Microsecond, 0, 90 * time.Millisecond, 120 * time.Millisecond},   // a bound in rows
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newReadModel(t, x.each)
			rate := m.write(flood, 200, 500, x.others)
			if m.most < x.least || m.most > x.most {
				t.Errorf("%s: rows wait up to %v to be shown, want %v to %v", name, m.most, x.least, x.most)
			}
			if can := float64(time.Second / x.each); rate < 0.9*can {
				t.Errorf("%s: %.0f rows a second of %.0f that it can show", name, rate, can)
			}
		})
	}
}

func TestANeighbourIsForgottenThatWritesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newReadModel(t, 80*time.Microsecond)
		if m.write(flood, 100, 500, 1); m.most > 150*time.Millisecond {
			t.Errorf("beside a neighbour rows wait %v", m.most)
		}
		time.Sleep(11 * time.Second)
		if m.write(flood, 100, 500, 0); m.most < 200*time.Millisecond {
			t.Errorf("when it has gone rows wait %v", m.most)
		}
	})
}

func TestOrganisationsTakeTurnsOnTheirWayToAReadModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type entered struct {
			name string
			*turns.Passage
		}
		p, in := turns.NewPace(), make(chan entered, 8)
		enter := func(name string, org uuid.UUID, rows int) {
			go func() {
				x, err := p.Enter(t.Context(), 0, org, rows)
				if err != nil {
					t.Error(err)
				}
				in <- entered{name, x}
			}()
			synctest.Wait()
		}
		for _, name := range []string{"f1", "f2", "f3", "f4", "f5"} {
			enter(name, flood, 500)
		}
		enter("c1", calm, 500)
		enter("c2", calm, 500)
		enter("t1", third, 10) // few rows don't wait
		if len(in) != 3 {
			t.Errorf("%d are on their way before anything is measured", len(in))
		}
		var got []string
		for range cap(in) {
			x := <-in
			got = append(got, x.name)
			x.Leave()
			x.Leave() // counts once
			synctest.Wait()
		}
		if s := strings.Join(got, " "); s != "f1 f2 t1 f3 c1 f4 c2 f5" {
			t.Errorf("they come in as %s", s)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Enter(ctx, 0, third, 10); !errors.Is(err, context.Canceled) {
			t.Errorf("who doesn't wait: %v", err)
		}
	})
}

func TestWhoGivesUpTakesNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := turns.NewPace()
		first, err := p.Enter(t.Context(), 0, flood, 1000)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Enter(ctx, 0, flood, 1000); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("there is room for it: %v", err)
		}
		first.Leave()
		if _, err := p.Enter(t.Context(), 0, flood, 1000); err != nil {
			t.Error(err)
		}
	})
}

// writeToBatches has chunks of 500 rows written, ten at once, for a read model that stores what has come in transactions: each with a cost of
// its own, some time after the one before. It returns rows a second.
func writeToBatches(t *testing.T, p *turns.Pace, chunks int) float64 {
	const fixed, row, apart = 10 * time.Millisecond, 80 * time.Microsecond, 60 * time.Millisecond
	queue, slots := make(chan chan struct{}, 10), make(chan struct{}, 10)
	ended := make(chan struct{})
	go func() {
		for x := range queue {
			began, all := time.Now(), []chan struct{}{x}
			for len(queue) > 0 && len(all) < 8 {
				all = append(all, <-queue)
			}
			time.Sleep(fixed + time.Duration(len(all))*500*row)
			for _, x := range all {
				close(x)
			}
			time.Sleep(apart - time.Since(began))
		}
		close(ended)
	}()
	began := time.Now()
	for n := range chunks {
		slots <- struct{}{}
		time.Sleep(10 * time.Millisecond) // it is sealed
		go func() {
			defer func() { <-slots }()
			shown := make(chan struct{})
			if p == nil {
				queue <- shown
				<-shown
				return
			}
			x, err := p.Enter(t.Context(), 0, flood, 500)
			if err != nil {
				t.Error(err)
				return
			}
			defer x.Leave()
			time.Sleep(15 * time.Millisecond) // until it is answered
			x.Answered(int64(500*n+500), int64(500*n+500))
			queue <- shown
			<-shown
			x.Shown()
		}()
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	took := time.Since(began)
	close(queue)
	<-ended
	return float64(500*chunks) / took.Seconds()
}

func TestWhoIsAloneIsHardlySlower(t *testing.T) {
	t.Parallel()
	var unpaced, paced float64
	synctest.Test(t, func(t *testing.T) { unpaced = writeToBatches(t, nil, 400) })
	synctest.Test(t, func(t *testing.T) { paced = writeToBatches(t, turns.NewPace(), 400) })
	t.Logf("%.0f rows a second, paced %.0f", unpaced, paced)
	if paced < 0.9*unpaced {
		t.Errorf("%.0f rows a second, paced %.0f: more than a tenth less", unpaced, paced)
	}
}
