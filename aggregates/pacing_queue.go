package aggregates

import "sort"

// queue holds enrollments that wait, the earliest first, and of those at one time the first enrolled.
type queue struct {
	items   []*Enrollment
	byUntil bool // ordered by the end of their pause
}

func (q *queue) timeOf(e *Enrollment) int64 {
	if q.byUntil {
		return e.until
	}
	return e.due
}

func (q *queue) indexOf(e *Enrollment) int {
	return sort.Search(len(q.items), func(i int) bool {
		x := q.items[i]
		return q.timeOf(x) > q.timeOf(e) || q.timeOf(x) == q.timeOf(e) && x.order >= e.order
	})
}

func (q *queue) insertEnrollment(e *Enrollment) {
	i := q.indexOf(e)
	q.items = append(q.items, nil)
	copy(q.items[i+1:], q.items[i:])
	q.items[i] = e
}

func (q *queue) removeEnrollment(e *Enrollment) {
	i := q.indexOf(e)
	if i == len(q.items) || q.items[i] != e {
		return
	}
	if i == 0 { // the usual case, whatever the length
		q.items[0] = nil
		q.items = q.items[1:]
	} else {
		copy(q.items[i:], q.items[i+1:])
		q.items[len(q.items)-1] = nil
		q.items = q.items[:len(q.items)-1]
	}
	if len(q.items) == 0 {
		q.items = nil
	}
}

// waitingLine is a queue of people of one campaign who live by one clock, so that a closed window is passed over as a whole.
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
