package aggregates

import "container/heap"

// soon is a time in the past: a timer set to it is due with the next tick.
const soon = int64(1)

// timer says when a mailbox or a campaign must be looked at.
type timer struct {
	at       int64 // 0 = never
	index    int   // in the heap, while at isn't 0
	order    uint32
	mailbox  *Mailbox
	campaign *Campaign
}

// timers is a heap, the earliest first.
type timers []*timer

func (h timers) Len() int { return len(h) }
func (h timers) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}
func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for package heap.
func (h *timers) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

// Pop is for package heap.
func (h *timers) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return x
}

func (h *timers) setTimer(t *timer, at int64) {
	switch {
	case t.at == at:
	case at == 0:
		heap.Remove(h, t.index)
		t.at = 0
	case t.at == 0:
		t.at = at
		heap.Push(h, t)
	default:
		t.at = at
		heap.Fix(h, t.index)
	}
}

func (h *timers) setSooner(t *timer, at int64) {
	if t.at == 0 || at < t.at {
		h.setTimer(t, max(at, soon))
	}
}

// dueBy returns the timers that are due, in the order of the heap, without looking at the others.
func (h timers) dueBy(now int64) (out []*timer) {
	var visit func(i int)
	visit = func(i int) {
		if i < len(h) && h[i].at <= now {
			out = append(out, h[i])
			visit(2*i + 1)
			visit(2*i + 2)
		}
	}
	visit(0)
	return out
}
