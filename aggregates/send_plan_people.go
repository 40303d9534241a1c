package aggregates

import "container/heap"

// runPeople are people of one mailbox in a run, in two heaps: who could be written to when they were last looked at, in the order in which
// they would be, and who can't be before a time, the earliest first. So nobody is looked at who isn't first in one of them.
type runPeople struct{ ready, later peopleHeap }

// add adds somebody of whom it isn't known yet when they can be written to.
func (x *runPeople) add(p *runPerson) {
	x.later.before = isEarlier
	x.ready.before = isBefore
	heap.Push(&x.later, p)
}

// firstOf returns who can be written to first from a slot on, and when. Time only goes on, and what others are sent only makes people wait
// for longer, so who is behind in a heap stays behind.
func (r *planRun) firstOf(x *runPeople, slot int64) (*runPerson, int64) {
	for x.later.Len() > 0 && x.later.all[0].at <= slot {
		p := heap.Pop(&x.later).(*runPerson)
		r.placePerson(x, p, slot)
	}
	for x.ready.Len() > 0 {
		p := x.ready.all[0]
		if !p.gone && r.readyAt(p, slot) <= slot {
			return p, p.at
		}
		heap.Pop(&x.ready)
		if !p.gone {
			r.placePerson(x, p, slot)
		}
	}
	if x.later.Len() > 0 {
		return x.later.all[0], x.later.all[0].at
	}
	return nil, never
}

// placePerson puts somebody into the heap where they belong; who can never be written to belongs into none.
func (r *planRun) placePerson(x *runPeople, p *runPerson, slot int64) {
	switch at := r.readyAt(p, slot); {
	case at <= slot:
		heap.Push(&x.ready, p)
	case at != never:
		heap.Push(&x.later, p)
	}
}

// isEarlier is the order of those who wait for a time.
func isEarlier(a, b *runPerson) bool { return a.at < b.at || a.at == b.at && isBefore(a, b) }

// peopleHeap is for package heap.
type peopleHeap struct {
	all    []*runPerson
	before func(a, b *runPerson) bool
}

func (h *peopleHeap) Len() int           { return len(h.all) }
func (h *peopleHeap) Less(i, j int) bool { return h.before(h.all[i], h.all[j]) }
func (h *peopleHeap) Swap(i, j int)      { h.all[i], h.all[j] = h.all[j], h.all[i] }

// Push is for package heap.
func (h *peopleHeap) Push(x any) { h.all = append(h.all, x.(*runPerson)) }

// Pop is for package heap.
func (h *peopleHeap) Pop() any {
	last := len(h.all) - 1
	x := h.all[last]
	h.all[last] = nil
	h.all = h.all[:last]
	return x
}
