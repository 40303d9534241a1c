package consumers

import (
	"context"
	"sync"
	"time"
)

// gatherer lets what is asked for at nearly the same time be done at once: items of one key wait for each other a moment.
type gatherer[K comparable, T, R any] struct {
	wait time.Duration
	most int                                                                 // items of one go
	work func(ctx context.Context, of K, items []T) (results []R, err error) // a result for each item, in their order; or an error for all

	mu   sync.Mutex
	open map[K]*gathered[T, R]
}

type gathered[T, R any] struct {
	items   []T
	results []R
	err     error
	begin   sync.Once
	done    chan struct{}
}

// do gives the result of one item. The work outlives the caller's context, as others wait for it too; the caller doesn't: a
// process that is asked to stop must not wait for answers that don't come.
func (g *gatherer[K, T, R]) do(ctx context.Context, of K, item T) (result R, err error) {
	g.mu.Lock()
	x := g.open[of]
	if x == nil {
		x = &gathered[T, R]{done: make(chan struct{})}
		if g.open == nil {
			g.open = map[K]*gathered[T, R]{}
		}
		g.open[of] = x
		time.AfterFunc(g.wait, func() { g.run(context.WithoutCancel(ctx), of, x) })
	}
	n := len(x.items)
	x.items = append(x.items, item)
	if n+1 == g.most {
		delete(g.open, of) // the next item begins another go
		go g.run(context.WithoutCancel(ctx), of, x)
	}
	g.mu.Unlock()
	select {
	case <-x.done:
	case <-ctx.Done():
		return result, ctx.Err()
	}
	if x.err != nil {
		return result, x.err
	}
	return x.results[n], nil
}

func (g *gatherer[K, T, R]) run(ctx context.Context, of K, x *gathered[T, R]) {
	x.begin.Do(func() {
		g.mu.Lock()
		if g.open[of] == x {
			delete(g.open, of)
		}
		items := x.items
		g.mu.Unlock()
		x.results, x.err = g.work(ctx, of, items)
		close(x.done)
	})
}
