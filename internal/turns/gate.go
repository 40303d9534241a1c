package turns

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
)

// ErrBusy says that too many wait already for the turn of an organisation.
var ErrBusy = errors.New("too many wait")

// Gate lets so many in at once, and so many of one organisation. Who must wait is let in by turns.
type Gate struct {
	most int // who may wait, of one organisation; 0 = any number

	mu     sync.Mutex
	free   int
	ring   *Ring[chan struct{}]
	number uint64
}

// NewGate has so many places in all, so many of one organisation, and lets so many of one wait; 0 = any number.
func NewGate(all, each, most int) *Gate {
	return &Gate{most: most, free: all, ring: NewRing[chan struct{}](each)}
}

// Enter waits for a place; leave gives it back. ErrBusy, or the context's error.
func (g *Gate) Enter(ctx context.Context, org uuid.UUID) (leave func(), err error) {
	g.mu.Lock()
	if g.most > 0 && g.ring.Waiting(org) >= g.most {
		g.mu.Unlock()
		return nil, ErrBusy
	}
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
