package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrBusy says that a key has as much under way, and waiting, as it may have.
var ErrBusy = errors.New("as much is under way as may be")

// Slots bound what is under way at the same time, by key.
type Slots[K comparable] struct {
	most    func() int
	waiting int

	mu   sync.Mutex
	keys map[K]*turns
}

// turns are those of one key, the one that has waited longest first.
type turns struct {
	running int
	waiting []chan struct{}
}

// NewSlots makes slots: at a time, most of a key are under way (at least one, and it may change), and so many wait.
func NewSlots[K comparable](most func() int, waiting int) *Slots[K] {
	return &Slots[K]{most: most, waiting: waiting, keys: map[K]*turns{}}
}

// Acquire returns when there is a slot, which release gives back, once; or ErrBusy, or ctx's error.
func (s *Slots[K]) Acquire(ctx context.Context, key K) (release func(), err error) {
	s.mu.Lock()
	t := s.keys[key]
	if t == nil {
		t = &turns{}
		s.keys[key] = t
	}
	switch {
	case t.running < max(s.most(), 1):
		t.running++
		s.mu.Unlock()
		return sync.OnceFunc(func() { s.leave(key, t) }), nil
	case len(t.waiting) >= s.waiting:
		s.mu.Unlock()
		return nil, ErrBusy
	}
	turn := make(chan struct{})
	t.waiting = append(t.waiting, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return sync.OnceFunc(func() { s.leave(key, t) }), nil
	case <-ctx.Done():
	}
	if !s.giveUp(t, turn) { // it came at the same moment
		s.leave(key, t)
	}
	return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
}

// leave hands the slot on.
func (s *Slots[K]) leave(key K, t *turns) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(t.waiting) > 0 && t.running <= max(s.most(), 1) {
		close(t.waiting[0])
		t.waiting = t.waiting[1:]
		return
	}
	if t.running--; t.running == 0 {
		delete(s.keys, key)
	}
}

func (s *Slots[K]) giveUp(t *turns, turn chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range t.waiting {
		if w == turn {
			t.waiting = append(t.waiting[:i:i], t.waiting[i+1:]...)
			return true
		}
	}
	return false
}
