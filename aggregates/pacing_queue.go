package aggregates

import (
	"iter"
	"slices"
	"sort"
)

// queue holds enrollments in an order: those that wait, the earliest first, and of those at one time the first enrolled. It is cut
// into parts, so that who comes or goes in the middle of many moves few.
type queue struct {
	parts [][]*Enrollment // none is empty
	count int
	by    queueOrder
}

// queueOrder is what comes first in a queue.
type queueOrder uint8

const (
	byDue      queueOrder = iota // when the next step is due
	byUntil                      // the end of the pause
	byEnrolled                   // the first enrolled
)

// queuePart is how many a part holds at most.
const queuePart = 256

func (q *queue) timeOf(e *Enrollment) int64 {
	switch q.by {
	case byUntil:
		return e.until
	case byEnrolled:
		return 0
	}
	return e.dueAt()
}

func (q *queue) isBefore(a, b *Enrollment) bool {
	at, bt := q.timeOf(a), q.timeOf(b)
	return at < bt || at == bt && a.order < b.order
}

// find returns the part and the place in it where an enrollment stands, or would.
func (q *queue) find(e *Enrollment) (part, i int) {
	part = sort.Search(len(q.parts), func(n int) bool { p := q.parts[n]; return !q.isBefore(p[len(p)-1], e) })
	if part == len(q.parts) {
		return part, 0
	}
	p := q.parts[part]
	return part, sort.Search(len(p), func(n int) bool { return !q.isBefore(p[n], e) })
}

func (q *queue) insertEnrollment(e *Enrollment) {
	q.count++
	n, i := q.find(e)
	if n == len(q.parts) { // behind all
		if n == 0 || len(q.parts[n-1]) >= queuePart {
			q.parts = append(q.parts, []*Enrollment{e})
			return
		}
		q.parts[n-1] = append(q.parts[n-1], e)
		return
	}
	q.parts[n] = slices.Insert(q.parts[n], i, e)
	if p := q.parts[n]; len(p) > queuePart {
		half := len(p) / 2
		q.parts[n] = slices.Clone(p[:half])
		q.parts = slices.Insert(q.parts, n+1, slices.Clone(p[half:]))
	}
}

func (q *queue) removeEnrollment(e *Enrollment) {
	n, i := q.find(e)
	if n == len(q.parts) || i == len(q.parts[n]) || q.parts[n][i] != e {
		return
	}
	q.count--
	if i == 0 { // the usual case
		q.parts[n][0] = nil
		q.parts[n] = q.parts[n][1:]
	} else {
		q.parts[n] = slices.Delete(q.parts[n], i, i+1)
	}
	if len(q.parts[n]) == 0 {
		q.parts = slices.Delete(q.parts, n, n+1)
	}
	if q.count == 0 {
		q.parts = nil
	}
}

// at returns the one at a place from the front, or nil.
func (q *queue) at(i int) *Enrollment {
	for _, p := range q.parts {
		if i < len(p) {
			return p[i]
		}
		i -= len(p)
	}
	return nil
}

// after returns up to n that were enrolled behind one, in a queue by that order.
func (q *queue) after(order uint32, n int) (out []*Enrollment) {
	part, i := q.find(&Enrollment{order: order + 1})
	for ; part < len(q.parts) && len(out) < n; part, i = part+1, 0 {
		rest := q.parts[part][i:]
		out = append(out, rest[:min(len(rest), n-len(out))]...)
	}
	return out
}

// all gives them in order.
func (q *queue) all() iter.Seq[*Enrollment] {
	return func(yield func(*Enrollment) bool) {
		for _, p := range q.parts {
			for _, e := range p {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// waitingLine is a queue of people of one campaign in one time zone, so that a closed window skips all of them at once.
type waitingLine struct {
	campaign *Campaign
	zone     uint16 // 0 = the campaign's
	queue
}

func waitingLineOf(lines *[]*waitingLine, c *Campaign, zone uint16) *waitingLine {
	for _, l := range *lines {
		if l.campaign == c && l.zone == zone {
			return l
		}
	}
	l := &waitingLine{campaign: c, zone: zone}
	*lines = append(*lines, l)
	return l
}
