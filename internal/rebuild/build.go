package rebuild

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/internal/es/project"
)

// Progress is how far a rebuild has got.
type Progress struct {
	Projection string  `json:"projection"`
	Done       int64   `json:"events_done"`
	End        int64   `json:"events_end"`  // where the live projection stood when it was last looked at
	Rate       float64 `json:"rate"`        // events a second, of this run
	ETA        float64 `json:"eta_seconds"` // of what is left
}

// near is how many events a rebuild may be behind the live projection and count as ready; the rest is read by a comparison or a swap.
const near = 1000

// Build reads the log from the start, or from where an earlier rebuild by this program was interrupted, until it has nearly reached
// the live projection. report, which may be nil, is called about once a second.
func (r *Rebuild) Build(ctx context.Context, report func(Progress)) (Progress, error) {
	if err := r.store.prepareSide(ctx, project.Next); err != nil {
		return Progress{}, err
	}
	return r.catchUp(ctx, project.Next, report)
}

func (r *Rebuild) catchUp(ctx context.Context, side project.Side, report func(Progress)) (Progress, error) {
	began, err := loadPositions(ctx, r.owner, r.store.checkpointKeys(side), false)
	if err != nil {
		return Progress{}, err
	}
	m := &progressMeter{name: r.name, began: time.Now(), from: began.eventCount(), at: began.pseqByPartition(), report: report}
	for {
		goal, err := loadPositions(ctx, r.owner, r.store.checkpointKeys(project.Live), false)
		if err != nil {
			return Progress{}, err
		}
		left := m.setEnd(goal.eventCount())
		if err := r.runTo(ctx, side, goal, m.notePosition); err != nil {
			return m.currentProgress(), fmt.Errorf("rebuild %s: %w", r.name, err)
		}
		if left <= near {
			return m.currentProgress(), nil
		}
	}
}

// runTo brings a side to exactly these positions.
func (r *Rebuild) runTo(ctx context.Context, side project.Side, to vector, moved func(int32, int64)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for p, c := range to {
		if c.Pseq > 0 {
			g.Go(func() error { return r.store.runTo(ctx, side, p, c, func(pseq int64) { moved(p, pseq) }) })
		}
	}
	return g.Wait()
}

// progressMeter reports progress.
type progressMeter struct {
	name   string
	began  time.Time
	from   int64
	report func(Progress)

	mu   sync.Mutex
	at   map[int32]int64
	end  int64
	last time.Time
}

// setEnd notes where the live projection stands and returns how many events are left.
func (m *progressMeter) setEnd(end int64) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end = end
	return end - m.eventsDone()
}

func (m *progressMeter) notePosition(partition int32, pseq int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at[partition] = pseq
	if m.report != nil && time.Since(m.last) > time.Second {
		m.last = time.Now()
		m.report(m.computeProgress())
	}
}

func (m *progressMeter) eventsDone() (n int64) {
	for _, pseq := range m.at {
		n += pseq
	}
	return n
}

func (m *progressMeter) currentProgress() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.computeProgress()
}

func (m *progressMeter) computeProgress() Progress {
	p := Progress{Projection: m.name, Done: m.eventsDone(), End: m.end}
	p.Rate = float64(p.Done-m.from) / max(time.Since(m.began).Seconds(), 1e-9)
	if p.Rate > 0 {
		p.ETA = float64(max(p.End-p.Done, 0)) / p.Rate
	}
	return p
}
