package turns

import (
	"sync"

	"github.com/google/uuid"
)

// Queue is a Ring for workers that wait for work.
type Queue[T any] struct {
	mu     sync.Mutex
	change sync.Cond
	ring   *Ring[T]
	ended  bool
}

// NewQueue gives each organisation so many slots at once; 0 = any number.
func NewQueue[T any](each int) *Queue[T] {
	q := &Queue[T]{ring: NewRing[T](each)}
	q.change.L = &q.mu
	return q
}

// Add puts work in, to be given by its number.
func (q *Queue[T]) Add(org uuid.UUID, number uint64, x T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring.Add(org, number, x)
	q.change.Signal()
}

// Next waits for a turn; false means that there are no more. Done must follow.
func (q *Queue[T]) Next() (org uuid.UUID, x T, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.ended {
		if org, x, ok = q.ring.Next(); ok {
			return org, x, true
		}
		q.change.Wait()
	}
	return org, x, false
}

// Done gives the slot of an organisation back.
func (q *Queue[T]) Done(org uuid.UUID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring.Done(org)
	q.change.Signal()
}

// End lets nobody wait any longer.
func (q *Queue[T]) End() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.change.Broadcast()
}
