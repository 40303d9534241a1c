package project

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Positions lets readers wait until a projection has reached a position: notified at once by runners of this process,
// and by polling kernel.checkpoints, for all waiters together, while anybody waits.
type Positions struct {
	Pool *pgxpool.Pool // of any role that may read kernel.checkpoints
	Poll time.Duration // 0 = 25 ms
	// Lingers names projections whose blocks wait for more: processes that run them are notified (NOTIFY) when anybody waits here, and those of
	// others when somebody waits urgently.
	Lingers map[ProjectionKey]bool

	mu        sync.Mutex
	known     map[positionKey]int64
	waiters   map[positionKey][]*waiter
	polling   bool
	runs      map[positionKey]runner          // in this process
	announced map[positionKey]announcedDemand // what was announced to other processes
}

type positionKey struct {
	key       ProjectionKey
	partition int32
}

type waiter struct {
	pseq   int64
	urgent bool
	done   chan struct{}
}

// Wait returns when the projection has stored pseq of the partition, or with ctx's error.
func (p *Positions) Wait(ctx context.Context, key ProjectionKey, partition int32, pseq int64) error {
	return p.wait(ctx, key, partition, pseq, false)
}

// WaitUrgently is Wait for somebody who looks on: a runner that rests so that more comes together stops resting.
func (p *Positions) WaitUrgently(ctx context.Context, key ProjectionKey, partition int32, pseq int64) error {
	return p.wait(ctx, key, partition, pseq, true)
}

func (p *Positions) wait(ctx context.Context, key ProjectionKey, partition int32, pseq int64, urgent bool) error {
	at := positionKey{key, partition}
	p.mu.Lock()
	if p.known[at] >= pseq {
		p.mu.Unlock()
		return nil
	}
	w := &waiter{pseq, urgent, make(chan struct{})}
	if p.waiters == nil {
		p.waiters = map[positionKey][]*waiter{}
	}
	p.waiters[at] = append(p.waiters[at], w)
	p.runs[at].tell(w)
	if !p.polling {
		p.polling = true
		go p.pollCheckpoints()
	}
	p.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropWaiters(at, func(x *waiter) bool { return x == w })
	select {
	case <-w.done: // it came just as we gave up
		return nil
	default:
		return fmt.Errorf("wait for %s of partition %d to come from %d to %d: %w", key, partition, p.known[at], pseq, ctx.Err())
	}
}

// Advance records that a projection has stored pseq. On nil it does nothing.
func (p *Positions) Advance(key ProjectionKey, partition int32, pseq int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := positionKey{key, partition}
	if pseq > p.known[at] {
		p.setPosition(at, pseq)
	}
}

// resetPosition records what is stored, even if it is less than before, as a database may lose its newest transactions in a crash.
func (p *Positions) resetPosition(key ProjectionKey, partition int32, pseq int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setPosition(positionKey{key, partition}, pseq)
}

func (p *Positions) setPosition(at positionKey, pseq int64) {
	if p.known == nil {
		p.known = map[positionKey]int64{}
	}
	p.known[at] = pseq
	p.dropWaiters(at, func(w *waiter) bool {
		if w.pseq > pseq {
			return false
		}
		close(w.done)
		return true
	})
}

func (p *Positions) dropWaiters(at positionKey, gone func(*waiter) bool) {
	keep := p.waiters[at][:0]
	for _, w := range p.waiters[at] {
		if !gone(w) {
			keep = append(keep, w)
		}
	}
	if len(keep) == 0 {
		delete(p.waiters, at)
	} else {
		p.waiters[at] = keep
	}
}

// pollCheckpoints reads checkpoints until nobody waits. Every waiter has its own deadline; an error here is retried.
func (p *Positions) pollCheckpoints() {
	every := p.Poll
	if every == 0 {
		every = 25 * time.Millisecond
	}
	for {
		var keys []ProjectionKey
		p.mu.Lock()
		seen := map[ProjectionKey]bool{}
		for at := range p.waiters {
			if !seen[at.key] {
				seen[at.key] = true
				keys = append(keys, at.key)
			}
		}
		if len(keys) == 0 {
			p.polling = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		p.readCheckpoints(ctx, keys)
		p.announceDemands(ctx)
		cancel()
		time.Sleep(every)
	}
}

func (p *Positions) readCheckpoints(ctx context.Context, keys []ProjectionKey) {
	names, versions := keyColumns(keys)
	rows, err := p.Pool.Query(ctx, `
		select c.projection, c.version, c.partition, c.pseq
		from unnest($1::text[], $2::int[]) as k(name, version)
		join kernel.checkpoints c on c.projection = k.name and c.version = k.version`, names, versions)
	if err != nil {
		return
	}
	var k ProjectionKey
	var partition int32
	var pseq int64
	_, _ = pgx.ForEachRow(rows, []any{&k.Name, &k.Version, &partition, &pseq}, func() error {
		p.Advance(k, partition, pseq)
		return nil
	})
}
