// Package batch lets what is asked for at nearly the same time be done at once.
package batch

import (
	"context"
	"sync"
	"time"
)

// Group collects items of one key for a moment and works on them together.
type Group[K comparable, T, R any] struct {
	wait  time.Duration
	limit int
	eager bool
	work  Work[K, T, R]

	mu   sync.Mutex
	open map[K]*line[T, R] // of the keys of which something is collected or worked on
}

// Work gives a result for each item, in their order; or an error for all.
type Work[K comparable, T, R any] func(ctx context.Context, key K, items []T) (results []R, err error)

// NewGroup makes a group whose items wait for others, at most limit together (0 = no limit).
func NewGroup[K comparable, T, R any](wait time.Duration, limit int, work Work[K, T, R]) *Group[K, T, R] {
	return &Group[K, T, R]{wait: wait, limit: limit, work: work, open: map[K]*line[T, R]{}}
}

// NewEagerGroup makes a group that works on an item at once when it works on none of its key, and otherwise collects items until
// that is done. A batch that is full, or has waited for wait, doesn't wait any longer; with a wait of 0 each does, so that there
// is never more than one batch of a key at work.
func NewEagerGroup[K comparable, T, R any](wait time.Duration, limit int, work Work[K, T, R]) *Group[K, T, R] {
	g := NewGroup(wait, limit, work)
	g.eager = true
	return g
}

// line is what is asked for under one key.
type line[T, R any] struct {
	waiting []*pendingBatch[T, R] // the oldest first; all but the last are full
	working int                   // batches
}

// pendingBatch is a batch that is collected or worked on.
type pendingBatch[T, R any] struct {
	ctx     context.Context //nolint:containedctx // of its first item, without its end
	items   []T
	results []R
	err     error
	done    chan struct{}
}

// Do returns the result of one item. The work outlives the caller's context, as others wait for it too; the caller doesn't: a
// process that is asked to stop must not wait for answers that don't come.
func (g *Group[K, T, R]) Do(ctx context.Context, key K, item T) (result R, err error) {
	b, n := g.add(ctx, key, item)
	select {
	case <-b.done:
	case <-ctx.Done():
		return result, ctx.Err()
	}
	if b.err != nil {
		return result, b.err
	}
	return b.results[n], nil
}

// add puts an item into the open batch of its key, and returns its place there.
func (g *Group[K, T, R]) add(ctx context.Context, key K, item T) (*pendingBatch[T, R], int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.open[key]
	if l == nil {
		l = &line[T, R]{}
		g.open[key] = l
	}
	var b *pendingBatch[T, R]
	if n := len(l.waiting); n > 0 && !g.isFull(l.waiting[n-1]) {
		b = l.waiting[n-1]
	} else {
		b = &pendingBatch[T, R]{ctx: context.WithoutCancel(ctx), done: make(chan struct{})}
		l.waiting = append(l.waiting, b)
	}
	b.items = append(b.items, item)
	g.schedule(key, l, b)
	return b, len(b.items) - 1
}

func (g *Group[K, T, R]) isFull(b *pendingBatch[T, R]) bool { return len(b.items) == g.limit }

// schedule says when a batch is worked on that has one item more; g.mu is held.
func (g *Group[K, T, R]) schedule(key K, l *line[T, R], b *pendingBatch[T, R]) {
	overtakes := !g.eager || g.wait > 0
	switch {
	case g.eager && l.working == 0, overtakes && g.isFull(b):
		g.start(key, l, b)
	case overtakes && len(b.items) == 1:
		time.AfterFunc(g.wait, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.start(key, l, b)
		})
	}
}

// start begins the work on a batch unless it has begun; g.mu is held.
func (g *Group[K, T, R]) start(key K, l *line[T, R], b *pendingBatch[T, R]) {
	for i, waiting := range l.waiting {
		if waiting == b {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			l.working++
			go g.run(key, l, b)
			return
		}
	}
}

func (g *Group[K, T, R]) run(key K, l *line[T, R], b *pendingBatch[T, R]) {
	b.results, b.err = g.work(b.ctx, key, b.items)
	g.finish(key, l)
	close(b.done)
}

// finish lets the next batch begin that waited for the end of one.
func (g *Group[K, T, R]) finish(key K, l *line[T, R]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l.working--
	if g.eager && len(l.waiting) > 0 {
		g.start(key, l, l.waiting[0])
	}
	if l.working == 0 && len(l.waiting) == 0 {
		delete(g.open, key)
	}
}
