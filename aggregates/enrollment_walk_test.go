package aggregates

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// Walked is what is found of an organisation's people through its indexes.
type Walked struct {
	ByLead     map[uuid.UUID][]uuid.UUID // campaigns of the enrollments that are not at their end, the oldest campaign first
	Past       map[uuid.UUID][]uuid.UUID // campaigns that a lead has come to the end of, by id
	ByDomain   map[Hash][]uuid.UUID      // leads that are enrolled
	ByCampaign map[uuid.UUID][]uuid.UUID // leads, the first enrolled first
	Imports    map[uuid.UUID]int         // leads of an import that are still there
	Below      map[Hash][]Hash
}

// WalkIndexes looks at every index, and checks that each is whole by itself.
func WalkIndexes(o *Organization) (w Walked, faults []string) {
	w = Walked{map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID][]uuid.UUID{}, map[Hash][]uuid.UUID{}, map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID]int{}, map[Hash][]Hash{}}
	fault := func(f string, a ...any) { faults = append(faults, fmt.Sprintf(f, a...)) }
	counted := map[Hash]int{}
	for id, l := range o.Leads.byID {
		for _, e := range l.on {
			w.ByLead[id] = append(w.ByLead[id], e.campaign.ID)
			if e.lead != l || e.hasFlag(enrollmentEnded) {
				fault("an enrollment of %s is another's, or at its end", id)
			}
			if e.hasFlag(enrollmentCounted) {
				counted[l.Domain]++
			}
		}
		for p := l.past; p != nil; p = p.next {
			w.Past[id] = append(w.Past[id], p.campaign.ID)
		}
		if n := len(w.ByLead[id]) + len(w.Past[id]); n != int(l.Enrollments) {
			fault("%s has %d enrollments, and counts %d", id, n, l.Enrollments)
		}
		slices.SortFunc(w.Past[id], func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	}
	for domain, at := range o.pacing.companies.at {
		if at == (company{}) {
			fault("a company of nobody is kept")
		}
		if int(at.active) != counted[domain] {
			fault("%d people are counted at a company of %d", at.active, counted[domain])
		}
		delete(counted, domain)
		for l := at.people; l != nil; {
			w.ByDomain[domain] = append(w.ByDomain[domain], l.ID)
			if l.Domain != domain || l.after.before != l || o.Leads.byID[l.ID] != l {
				fault("the ring of a domain is broken at %s", l.ID)
				break
			}
			if l = l.after; l == at.people {
				break
			}
		}
	}
	for _, n := range counted {
		fault("%d people are counted at no company", n)
	}
	deferred := 0
	for _, all := range o.pacing.companies.waiting {
		deferred += len(all)
	}
	for id, c := range o.Campaigns {
		w.ByCampaign[id] = walkQueue(&c.people, fault)
		for e := range c.deferred.all() {
			if !e.hasFlag(enrollmentDeferred) || !slices.Contains(o.pacing.companies.waiting[e.lead.Domain], e) {
				fault("somebody waits who doesn't")
			}
			deferred--
		}
		walkQueue(&c.deferred, fault)
	}
	if deferred != 0 {
		fault("%d more wait than campaigns know", deferred)
	}
	walkLines(o, fault)
	for id, im := range o.Imports.byID {
		w.Imports[id] = im.Leads
		if o.Imports.byRef[im.Ref-1] != im {
			fault("an import isn't found by its number")
		}
	}
	for h, below := range o.Suppression.below {
		if len(below) > 0 {
			w.Below[h] = below
		}
	}
	return w, faults
}

// walkLines checks that everybody in a line is where they are looked for.
func walkLines(o *Organization, fault func(string, ...any)) {
	queued := 0
	for _, l := range o.Leads.byID {
		for _, e := range l.on {
			if !e.hasFlag(enrollmentQueued) {
				continue
			}
			queued++
			lines := &e.campaign.lines
			if e.mailbox != nil {
				lines = &e.mailbox.lines
			}
			if q := waitingLineOf(lines, e.campaign, l.Zone); !slices.Contains(slices.Collect(q.all()), e) {
				fault("%s isn't in their line", l.ID)
			}
		}
	}
	seen := map[*waitingLine]bool{}
	count := func(lines []*waitingLine) {
		for _, l := range lines {
			if !seen[l] {
				seen[l] = true
				queued -= len(walkQueue(&l.queue, fault))
			}
		}
	}
	for _, c := range o.Campaigns {
		count(c.lines)
	}
	for _, m := range o.Mailboxes.order {
		count(m.lines)
	}
	if queued != 0 {
		fault("%d more are in lines than can be found there", -queued)
	}
	walkQueue(&o.pacing.resumes, fault)
}

func walkQueue(q *queue, fault func(string, ...any)) (leads []uuid.UUID) {
	var last *Enrollment
	for _, p := range q.parts {
		if len(p) == 0 || len(p) > queuePart {
			fault("a part of %d", len(p))
		}
	}
	for e := range q.all() {
		if last != nil && !q.isBefore(last, e) {
			fault("a queue isn't in order")
		}
		if q.at(len(leads)) != e {
			fault("number %d of a queue is another", len(leads))
		}
		last, leads = e, append(leads, e.lead.ID)
	}
	if len(leads) != q.count {
		fault("a queue of %d counts %d", len(leads), q.count)
	}
	return leads
}

// Deferred is how many of a campaign wait for a place at their company.
func Deferred(c *Campaign) int { return c.deferred.count }
