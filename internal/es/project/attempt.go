package project

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// Status is a runner's status on a partition.
type Status struct {
	Partition  int32
	Projection string        // of one in quarantine; "" = all that advance together
	Running    bool          // assigned to this process now
	Checkpoint es.Checkpoint // of the slowest projection
	Behind     int64         // records known to follow in the log
	Stopped    bool          // Err won't go away by itself; it is retried, slowly
	Rebuild    bool          // it also needs a rebuild: the log no longer has what the projection depends on
	Err        string        // newest failure, with its position; empty while all is well
	Since      time.Time     // of Err
}

type statuses struct {
	mu sync.Mutex
	m  map[statusKey]*Status
}

// statusKey names a status: that of one projection, or of all that advance together.
type statusKey struct {
	partition  int32
	projection string
}

func (s *statuses) updateStatus(w statusKey, f func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[statusKey]*Status{}
	}
	if s.m[w] == nil {
		s.m[w] = &Status{Partition: w.partition, Projection: w.projection}
	}
	f(s.m[w])
}

func (s *statuses) dropStatus(w statusKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, w)
}

func (s *statuses) listStatuses() (out []Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.m {
		out = append(out, *st)
	}
	slices.SortFunc(out, func(a, b Status) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Projection, b.Projection))
	})
	return out
}

const slowRetry = 30 * time.Second

// attempts repeats the work on a partition until ctx ends: soon after errors that go away by themselves, slowly after others.
type attempts struct {
	states *statuses
	report func(what string, attrs ...any)
	slow   time.Duration
}

func (a attempts) repeatWork(ctx context.Context, of statusKey, work func(ctx context.Context, moved func(es.Checkpoint, int64)) error) {
	if a.slow == 0 {
		a.slow = slowRetry
	}
	a.states.updateStatus(of, func(s *Status) { s.Running = true })
	defer a.states.updateStatus(of, func(s *Status) { s.Running = false })
	for n := 0; ctx.Err() == nil; n++ {
		begun := false
		err := work(ctx, func(c es.Checkpoint, behind int64) {
			a.states.updateStatus(of, func(s *Status) {
				s.Checkpoint, s.Behind = c, behind
				if begun || !s.Stopped { // the first call only reports where it starts: what failed for good may fail again
					s.Err, s.Stopped, s.Rebuild, s.Since = "", false, false, time.Time{}
					n = 0
				}
			})
			begun = true
		})
		if ctx.Err() != nil || err == nil {
			continue
		}
		wait := min(time.Second, 20*time.Millisecond<<min(n, 6))
		stopped, rebuild := classifyFailure(err)
		if stopped {
			wait = a.slow
		}
		// When two owners compete, one of them should get ahead.
		wait += rand.N(wait/2 + 1)
		said := false
		a.states.updateStatus(of, func(s *Status) {
			said = s.Err == err.Error()
			if !said {
				s.Since = time.Now()
			}
			s.Err, s.Stopped, s.Rebuild = err.Error(), stopped, rebuild
		})
		if a.report != nil && !said {
			a.report("projection stopped", "partition", of.partition, "error", err, "lasting", stopped, "rebuild", rebuild)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// classifyFailure reports whether an error won't go away by itself, and whether it needs a rebuild.
func classifyFailure(err error) (stopped, rebuild bool) {
	rebuild = errors.Is(err, reader.ErrTruncated) || errors.Is(err, es.ErrLoss)
	return rebuild || errors.Is(err, es.ErrPoison), rebuild
}
