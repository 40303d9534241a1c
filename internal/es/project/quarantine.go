package project

import (
	"context"
	"errors"
	"slices"
	"sync"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// nearEnd is how many records behind the log a projection in quarantine may be to join the others again.
const nearEnd = 100

// unknown stands for a projection before its first batch: it isn't known yet how far behind it is.
const unknown = -1

// quarantine holds the projections of a partition that don't advance with the others.
type quarantine struct {
	mu    sync.Mutex
	names []string
	back  chan struct{} // closed when some join again
}

// healthyOf returns the projections that advance together, and a channel that closes when others join them.
func (a *quarantine) healthyOf(all []Projection) (together []Projection, back <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range all {
		if !slices.Contains(a.names, p.Name) {
			together = append(together, p)
		}
	}
	return together, a.back
}

func (a *quarantine) setAside(out []Projection) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range out {
		a.names = append(a.names, p.Name)
	}
}

func (a *quarantine) joinAgain(again []Projection) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range again {
		a.names = slices.DeleteFunc(a.names, func(n string) bool { return n == p.Name })
	}
	close(a.back)
	a.back = make(chan struct{})
}

// Run works on one partition until ctx ends; rd may serve many partitions, each once. A projection that can't handle an
// event is put in quarantine there, with those that need its tables; the others continue. It is retried, slowly and alone, and
// joins the others when it has nearly caught up with the log.
func (r *Postgres) Run(ctx context.Context, rd *reader.Reader, partition int32) {
	l := &worker{r: r, partition: partition, ctx: ctx, aside: &quarantine{back: make(chan struct{})}}
	defer l.alone.Wait()
	l.newAttempts().repeatWork(ctx, statusKey{partition, ""}, func(ctx context.Context, moved func(es.Checkpoint, int64)) error {
		together, back := l.aside.healthyOf(r.Projections)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if len(together) == 0 {
			select {
			case <-ctx.Done():
			case <-back:
			}
			return nil
		}
		go func() {
			select {
			case <-ctx.Done():
			case <-back:
				cancel() // start again, with those that join
			}
		}()
		_, err := l.runUntilPoison(ctx, rd, together, func(c es.Checkpoint, behind int64) { moved(c, max(behind, 0)) })
		return err
	})
}

// worker is the work on one partition.
type worker struct {
	r         *Postgres
	partition int32
	ctx       context.Context //nolint:containedctx // of Run: what is set aside outlives the attempt that met it
	aside     *quarantine
	alone     sync.WaitGroup
}

func (l *worker) newAttempts() attempts {
	return attempts{states: &l.r.states, report: l.r.Report, slow: l.r.SlowRetry}
}

// runUntilPoison follows the log with some projections. One that meets poison is put in quarantine, unless it is alone: then that error is returned.
// It returns the remaining projections.
func (l *worker) runUntilPoison(ctx context.Context, rd *reader.Reader, of []Projection, moved func(es.Checkpoint, int64)) ([]Projection, error) {
	g, from, err := l.r.loadGroup(ctx, of, l.partition)
	if err != nil {
		return of, err
	}
	moved(from, unknown)
	told := false
	err = l.r.followLog(ctx, rd, g, from, func(c es.Checkpoint, behind int64) error {
		if !told { // an earlier process may have recorded that they stopped
			if err := forgetStopped(ctx, l.r.Pool, g.keys, l.partition); err != nil {
				return err
			}
			told = true
		}
		moved(c, behind)
		return nil
	})
	var bad *Poison
	if !errors.As(err, &bad) {
		return of, err
	}
	out, left := g.splitResting(bad)
	for _, p := range out {
		stopped := *bad
		stopped.Key = l.r.Side.Key(p.Name, p.Version)
		if p.Name != bad.Key.baseName() && undecodedIn([]*es.Event{bad.Event}) == nil {
			continue // it waits for a projection that stopped
		}
		if err := noteStopped(ctx, l.r.Pool, &stopped, l.partition); err != nil {
			return of, err
		}
	}
	if len(left) == 0 && l.isAlone(of) {
		return of, err
	}
	l.aside.setAside(out)
	l.alone.Go(func() { l.retryAlone(out, bad) })
	return left, nil
}

// isAlone reports whether projections are in quarantine already.
func (l *worker) isAlone(of []Projection) bool {
	l.aside.mu.Lock()
	defer l.aside.mu.Unlock()
	return slices.Contains(l.aside.names, of[0].Name)
}

// splitResting divides a group into projections that an event stops and those that can continue.
func (g *group) splitResting(bad *Poison) (out, left []Projection) {
	unread := undecodedIn([]*es.Event{bad.Event}) != nil
	for i, p := range g.of {
		stops := p.Name == bad.Key.baseName() || unread && !slices.Contains(g.skips[i], bad.Event.Pseq) ||
			slices.ContainsFunc(out, func(o Projection) bool { return slices.Contains(p.Needs, o.Name) })
		if stops {
			out = append(out, p)
		} else {
			left = append(left, p)
		}
	}
	return out, left
}

// retryAlone retries projections in quarantine until they have nearly caught up.
func (l *worker) retryAlone(of []Projection, why error) {
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	w := statusKey{l.partition, of[0].Name}
	defer l.r.states.dropStatus(w)
	l.newAttempts().repeatWork(ctx, w, func(ctx context.Context, moved func(es.Checkpoint, int64)) error {
		if err := why; err != nil { // it has just failed: wait first
			why = nil
			return err
		}
		rd, err := reader.Open(l.r.Log)
		if err != nil {
			return err
		}
		defer rd.Close()
		of, err = l.runUntilPoison(ctx, rd, of, func(c es.Checkpoint, behind int64) {
			moved(c, max(behind, 0))
			if behind != unknown && behind < nearEnd {
				cancel()
			}
		})
		return err
	})
	if l.ctx.Err() == nil {
		l.aside.joinAgain(of)
	}
}
