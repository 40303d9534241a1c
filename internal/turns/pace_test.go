package turns_test

import (
	"context"
	"errors"
	"strings"
	"sync"
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

// write has some chunks written by an organisation, 5,000 rows at once; others of other organisations come in between. It returns how many rows a
// second were shown in the second half.
func (m *readModel) write(org uuid.UUID, chunks, rows, others int) float64 {
	m.t.Helper()
	m.most = 0
	slots, done := make(chan struct{}, 5_000/rows), make(chan struct{}, chunks)
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
		rows        int           // of a chunk
		each        time.Duration // for a row
		others      int
		least, most time.Duration
	}{
		"alone, a quick one":            {100, 80 * time.Microsecond, 0, 200 * time.Millisecond, 310 * time.Millisecond},
		"alone, a slow one":             {100, 400 * time.Microsecond, 0, 200 * time.Millisecond, 310 * time.Millisecond},
		"alone, the slowest":            {100, 2 * time.Millisecond, 0, 800 * time.Millisecond, time.Second}, // 500 rows at least
		"beside others, a quick one":    {100, 80 * time.Microsecond, 1, 40 * time.Millisecond, 110 * time.Millisecond},
		"beside others, a slow one":     {100, 400 * time.Microsecond, 1, 40 * time.Millisecond, 110 * time.Millisecond},
		"beside others, the slowest":    {100, 2 * time.Millisecond, 1, 200 * time.Millisecond, 200 * time.Millisecond},   // a chunk is what comes at least
		"of an older program, in large": {500, 400 * time.Microsecond, 1, 200 * time.Millisecond, 200 * time.Millisecond}, // likewise
		"alone, quicker than it need":   {100, 20 * time.Microsecond, 0, 90 * time.Millisecond, 120 * time.Millisecond},   // a bound in rows
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newReadModel(t, x.each)
			rate := m.write(flood, 200_000/x.rows, x.rows, x.others)
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

// writeToBatches has 200,000 rows written in chunks, 5,000 rows at once, for a read model that stores what has come in transactions: each with
// a cost of its own, some time after the one before. It returns rows a second, and how many a transaction stored.
func writeToBatches(t *testing.T, p *turns.Pace, rows int) (perSecond, perTransaction float64) {
	const fixed, row, apart, all = 10 * time.Millisecond, 80 * time.Microsecond, 60 * time.Millisecond, 200_000
	atOnce := 5_000 / rows
	queue, slots := make(chan chan struct{}, atOnce), make(chan struct{}, atOnce)
	ended, transactions := make(chan struct{}), 0
	go func() {
		for x := range queue {
			began, stored := time.Now(), []chan struct{}{x}
			for len(queue) > 0 && len(stored) < 4_000/rows {
				stored = append(stored, <-queue)
			}
			transactions++
			time.Sleep(fixed + time.Duration(len(stored)*rows)*row)
			for _, x := range stored {
				close(x)
			}
			time.Sleep(apart - time.Since(began))
		}
		close(ended)
	}()
	began := time.Now()
	for n := range all / rows {
		slots <- struct{}{}
		time.Sleep(time.Duration(rows) * 10 * time.Millisecond / 500) // it is sealed
		go func() {
			defer func() { <-slots }()
			shown := make(chan struct{})
			if p == nil {
				queue <- shown
				<-shown
				return
			}
			x, err := p.Enter(t.Context(), 0, flood, rows)
			if err != nil {
				t.Error(err)
				return
			}
			defer x.Leave()
			time.Sleep(15 * time.Millisecond) // until it is answered
			x.Answered(int64(rows*(n+1)), int64(rows*(n+1)))
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
	return all / took.Seconds(), all / float64(transactions)
}

func TestWhoIsAloneIsHardlySlower(t *testing.T) {
	t.Parallel()
	var unpaced, large, stored float64
	synctest.Test(t, func(t *testing.T) { unpaced, _ = writeToBatches(t, nil, 500) })
	synctest.Test(t, func(t *testing.T) { large, stored = writeToBatches(t, turns.NewPace(), 500) })
	t.Logf("%.0f rows a second, paced %.0f, %.0f in a transaction", unpaced, large, stored)
	if large < 0.9*unpaced {
		t.Errorf("%.0f rows a second, paced %.0f: more than a tenth less", unpaced, large)
	}
	for _, rows := range []int{200, 100, 50} {
		synctest.Test(t, func(t *testing.T) {
			small, together := writeToBatches(t, turns.NewPace(), rows)
			t.Logf("in chunks of %d: %.0f, %.0f in a transaction", rows, small, together)
			if rows >= 100 && (small < 0.95*unpaced || together < 0.9*stored) {
				t.Errorf("in chunks of %d: %.0f rows a second of %.0f, %.0f in a transaction instead of %.0f", rows, small, unpaced, together, stored)
			}
		})
	}
}

// A neighbour's write stands behind as many rows as may be on their way, however many imports there are.
func TestFewRowsStandBeforeANeighboursWrite(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		each  time.Duration // for a row
		chunk int
		most  int // rows
	}{
		"a slow read model":              {340 * time.Microsecond, 100, 200},
		"the slowest":                    {2 * time.Millisecond, 100, 100}, // a chunk is what comes at least
		"chunks of an older program":     {340 * time.Microsecond, 500, 500},
		"a read model that rests longer": {30 * time.Microsecond, 100, 2_000},
	} {
		synctest.Test(t, func(t *testing.T) {
			if before := rowsBeforeNeighbour(t, x.each, x.chunk); before > x.most {
				t.Errorf("%s: %d rows stand before a neighbour's write, want at most %d", name, before, x.most)
			} else {
				t.Logf("%s: %d rows", name, before)
			}
		})
	}
}

// rowsBeforeNeighbour has four imports written in chunks, and a neighbour's row now and then. It returns how many rows were on their way at most
// when the neighbour wrote, once the pace is known.
func rowsBeforeNeighbour(t *testing.T, each time.Duration, chunk int) (most int) {
	const fixed, chunks = 25 * time.Millisecond, 400 // a transaction, and the rest before it
	p, queue := turns.NewPace(), make(chan chan struct{}, 1_000)
	waiting, pseq, oseq := 0, int64(0), int64(0)
	var mu sync.Mutex
	go func() {
		for x := range queue {
			stored := []chan struct{}{x}
			for len(queue) > 0 {
				stored = append(stored, <-queue)
			}
			time.Sleep(fixed + time.Duration(len(stored)*chunk)*each)
			for _, x := range stored {
				close(x)
			}
		}
	}()
	var imports sync.WaitGroup
	for range 4 {
		for range 5 { // at once
			imports.Go(func() {
				for range chunks / 5 {
					x, err := p.Enter(t.Context(), 0, flood, chunk)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					waiting, pseq, oseq = waiting+chunk, pseq+int64(chunk), oseq+int64(chunk)
					at, own := pseq, oseq
					mu.Unlock()
					x.Answered(at, own)
					shown := make(chan struct{})
					queue <- shown
					<-shown
					x.Shown()
					mu.Lock()
					waiting -= chunk
					mu.Unlock()
					x.Leave()
				}
			})
		}
	}
	ended := make(chan struct{})
	go func() { imports.Wait(); close(ended) }()
	for n := 0; ; n++ {
		select {
		case <-ended:
			close(queue)
			return most
		case <-time.After(20 * time.Millisecond):
		}
		mu.Lock()
		pseq++ // the neighbour's
		if n > 300 {
			most = max(most, waiting)
		}
		mu.Unlock()
	}
}
