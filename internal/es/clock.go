package es

import (
	"container/heap"
	"time"

	"github.com/google/uuid"
)

// MaxAhead is how far a command's time may be ahead of the owner's clock. A command further ahead is refused: an organisation whose
// time it became could do nothing until then.
const MaxAhead = 10 * time.Second

// tickRetry is how long an owner waits for the effect of a tick before it sends it again (the send may have failed).
const tickRetry = 10 * time.Second

type tick struct{ due, sent time.Time }

type dueEntry struct {
	at  time.Time
	org uuid.UUID
}

// dueHeap has the earliest first; outdated entries are dropped when they come up.
type dueHeap []dueEntry

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(dueEntry)) }
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func (o *Owner) scheduleTick(org *organization) {
	due := org.state.Due()
	if due.Equal(org.scheduled) {
		return
	}
	org.scheduled = due
	delete(o.ticking, org.id)
	if !due.IsZero() {
		heap.Push(&o.due, dueEntry{due, org.id})
	}
}

// NextDue returns when Ticks should be called next; the zero time = never.
func (o *Owner) NextDue() time.Time {
	for len(o.due) > 0 && !o.fold.organizationOf(o.due[0].org).scheduled.Equal(o.due[0].at) {
		heap.Pop(&o.due)
	}
	var next time.Time
	if len(o.due) > 0 {
		next = o.due[0].at
	}
	for _, t := range o.ticking {
		if again := t.sent.Add(tickRetry); next.IsZero() || again.Before(next) {
			next = again
		}
	}
	return next
}

// Ticking returns how many ticks were sent and have had no effect yet.
func (o *Owner) Ticking() int { return len(o.ticking) }

// Ticks returns the AdvanceClock commands that must be sent to commands[p] now.
func (o *Owner) Ticks(now time.Time) (out []*Command) {
	if !o.Owns() {
		return nil
	}
	send := func(org uuid.UUID, due time.Time) {
		o.ticking[org] = tick{due, now}
		id := AdvanceClockID(org, due)
		out = append(out, &Command{ID: id, Type: AdvanceClockType, Org: org, Time: now.UTC().Truncate(time.Microsecond),
			Actor: Actor{Kind: ActorClock, ID: "clock"}, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: []byte("{}")})
	}
	for len(o.due) > 0 && !o.due[0].at.After(now) {
		e := heap.Pop(&o.due).(dueEntry)
		_, sent := o.ticking[e.org] // a due time that moved away and back is in the heap twice
		if !sent && o.fold.organizationOf(e.org).scheduled.Equal(e.at) {
			send(e.org, e.at)
		}
	}
	for org, t := range o.ticking {
		if now.Sub(t.sent) >= tickRetry {
			send(org, t.due)
		}
	}
	return out
}
