package aggregates

import "slices"

// runLine is a waiting line in a run: the first of it who weren't written to yet.
type runLine struct {
	c       *Campaign
	q       *queue
	part, i int // of who comes next into the head
	head    []*runPerson
}

// lineHead is how many of a line are looked at, as some wait for something that the others don't.
const lineHead = 20

func (r *planRun) headOf(l *runLine) []*runPerson {
	l.head = slices.DeleteFunc(l.head, func(p *runPerson) bool { return p.gone || p.bound == RuleSuppressed })
	for len(l.head) < lineHead {
		e := l.nextOfLine()
		if e == nil {
			break
		}
		if e.message != nil || int(e.step) >= len(e.planSteps()) {
			continue
		}
		if !r.relax[RuleDraft] && e.asksPerson() {
			r.bound[RuleDraft] = true
			continue // somebody has to approve it first
		}
		l.head = append(l.head, &runPerson{e: e})
	}
	return l.head
}

func (l *runLine) nextOfLine() *Enrollment {
	if l.part == len(l.q.parts) {
		return nil
	}
	e := l.q.parts[l.part][l.i]
	if l.i++; l.i == len(l.q.parts[l.part]) {
		l.part, l.i = l.part+1, 0
	}
	return e
}
