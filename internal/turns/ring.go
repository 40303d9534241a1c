// Package turns lets organisations take turns at what all of them share, so that one with endless work holds up nobody else: round robin
// among those that have work waiting, with a bounded number of slots each.
package turns

import (
	"container/heap"
	"slices"

	"github.com/google/uuid"
)

// Ring holds work of many organisations. It is not safe for concurrent use; Queue and Gate are.
type Ring[T any] struct {
	each int // slots of an organisation; 0 = any number
	orgs map[uuid.UUID]*waiting[T]
	next []*waiting[T] // those that may have a turn, the next first
}

// NewRing gives each organisation so many slots at once; 0 = any number.
func NewRing[T any](each int) *Ring[T] {
	return &Ring[T]{each: each, orgs: map[uuid.UUID]*waiting[T]{}}
}

// waiting is an organisation's work, the lowest number first.
type waiting[T any] struct {
	org    uuid.UUID
	work   work[T]
	taken  int  // slots
	queued bool // it stands in next
}

type numbered[T any] struct {
	number uint64
	x      T
}

type work[T any] []numbered[T]

func (w work[T]) Len() int           { return len(w) }
func (w work[T]) Less(i, j int) bool { return w[i].number < w[j].number }
func (w work[T]) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *work[T]) Push(x any)        { *w = append(*w, x.(numbered[T])) }
func (w *work[T]) Pop() any {
	old := *w
	x := old[len(old)-1]
	old[len(old)-1] = numbered[T]{}
	*w = old[:len(old)-1]
	return x
}

// Add puts work in. An organisation's is given by its numbers, those of one number in any order.
func (r *Ring[T]) Add(org uuid.UUID, number uint64, x T) {
	w := r.orgs[org]
	if w == nil {
		w = &waiting[T]{org: org}
		r.orgs[org] = w
	}
	heap.Push(&w.work, numbered[T]{number, x})
	r.enqueue(w)
}

// Next gives the work whose turn it is, and takes a slot of its organisation; false when nobody has work and a slot.
func (r *Ring[T]) Next() (org uuid.UUID, x T, ok bool) {
	for len(r.next) > 0 {
		w := r.next[0]
		r.next[0] = nil
		r.next = r.next[1:]
		w.queued = false
		if len(w.work) == 0 || r.isFull(w) { // removed, or filled since
			r.forget(w)
			continue
		}
		x = heap.Pop(&w.work).(numbered[T]).x
		w.taken++
		r.enqueue(w)
		return w.org, x, true
	}
	return org, x, false
}

// Take gives the first work of an organisation out of its turn, and takes no slot.
func (r *Ring[T]) Take(org uuid.UUID) (x T, ok bool) {
	w := r.orgs[org]
	if w == nil || len(w.work) == 0 {
		return x, false
	}
	x = heap.Pop(&w.work).(numbered[T]).x
	r.forget(w)
	return x, true
}

// Done gives a slot back.
func (r *Ring[T]) Done(org uuid.UUID) {
	w := r.orgs[org]
	if w == nil || w.taken == 0 {
		panic("turns: a slot is given back that nobody has")
	}
	w.taken--
	r.enqueue(w)
	r.forget(w)
}

// Remove takes out work that nobody waits for any more.
func (r *Ring[T]) Remove(org uuid.UUID, number uint64) bool {
	w := r.orgs[org]
	if w == nil {
		return false
	}
	at := slices.IndexFunc(w.work, func(n numbered[T]) bool { return n.number == number })
	if at < 0 {
		return false
	}
	heap.Remove(&w.work, at)
	r.forget(w)
	return true
}

// Waiting is how much work of an organisation waits.
func (r *Ring[T]) Waiting(org uuid.UUID) int {
	if w := r.orgs[org]; w != nil {
		return len(w.work)
	}
	return 0
}

func (r *Ring[T]) isFull(w *waiting[T]) bool { return r.each > 0 && w.taken >= r.each }

func (r *Ring[T]) enqueue(w *waiting[T]) {
	if !w.queued && len(w.work) > 0 && !r.isFull(w) {
		w.queued = true
		r.next = append(r.next, w)
	}
}

// forget keeps nothing of an organisation that has neither work nor a slot.
func (r *Ring[T]) forget(w *waiting[T]) {
	if len(w.work) == 0 && w.taken == 0 && !w.queued {
		delete(r.orgs, w.org)
	}
}
