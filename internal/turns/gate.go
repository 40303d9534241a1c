package turns

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// Gate lets so many in at once, and so many of one organisation. Who must wait is let in by turns.
type Gate struct {
	mu     sync.Mutex
	free   int
	ring   *Ring[chan struct{}]
	number uint64
}

// NewGate has so many places in all, and so many of one organisation.
func NewGate(all, each int) *Gate {
	return &Gate{free: all, ring: NewRing[chan struct{}](each)}
}

// Enter waits for a place; leave gives it back. The error is the context's, whose end counts even where there is a place.
func (g *Gate) Enter(ctx context.Context, org uuid.UUID) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	turn := make(chan struct{})
	g.number++
	number := g.number
	g.ring.Add(org, number, turn)
	g.admit()
	g.mu.Unlock()
	leave = sync.OnceFunc(func() { g.leave(org) })
	select {
	case <-turn:
		return leave, nil
	case <-ctx.Done():
		g.mu.Lock()
		removed := g.ring.Remove(org, number)
		g.mu.Unlock()
		if !removed { // it was let in meanwhile
			leave()
		}
		return nil, ctx.Err()
	}
}

// Waiting is how many of an organisation wait.
func (g *Gate) Waiting(org uuid.UUID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ring.Waiting(org)
}

// admit lets in who may come in. Under the lock.
func (g *Gate) admit() {
	for g.free > 0 {
		_, turn, ok := g.ring.Next()
		if !ok {
			return
		}
		g.free--
		close(turn)
	}
}

func (g *Gate) leave(org uuid.UUID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	g.ring.Done(org)
	g.admit()
}
