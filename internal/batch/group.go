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
	work  Work[K, T, R]

	mu   sync.Mutex
	open map[K]*pending[T, R]
}

// Work gives a result for each item, in their order; or an error for all.
type Work[K comparable, T, R any] func(ctx context.Context, key K, items []T) (results []R, err error)

// NewGroup makes a group whose items wait for others, at most limit together (0 = no limit).
func NewGroup[K comparable, T, R any](wait time.Duration, limit int, work Work[K, T, R]) *Group[K, T, R] {
	return &Group[K, T, R]{wait: wait, limit: limit, work: work, open: map[K]*pending[T, R]{}}
}

// pending is a batch that is collected or worked on.
type pending[T, R any] struct {
	items   []T
	results []R
	err     error
	begin   sync.Once
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
func (g *Group[K, T, R]) add(ctx context.Context, key K, item T) (*pending[T, R], int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.open[key]
	if b == nil {
		b = &pending[T, R]{done: make(chan struct{})}
		g.open[key] = b
		time.AfterFunc(g.wait, func() { g.run(context.WithoutCancel(ctx), key, b) })
	}
	n := len(b.items)
	b.items = append(b.items, item)
	if n+1 == g.limit {
		delete(g.open, key) // the next item begins another batch
		go g.run(context.WithoutCancel(ctx), key, b)
	}
	return b, n
}

func (g *Group[K, T, R]) run(ctx context.Context, key K, b *pending[T, R]) {
	b.begin.Do(func() {
		g.mu.Lock()
		if g.open[key] == b {
			delete(g.open, key)
		}
		items := b.items
		g.mu.Unlock()
		b.results, b.err = g.work(ctx, key, items)
		close(b.done)
	})
}
