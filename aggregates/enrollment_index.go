package aggregates

import (
	"cmp"
	"slices"
)

// pastEnrollment is one that has come to its end: the lead can't be on that campaign again.
type pastEnrollment struct {
	campaign *Campaign
	next     *pastEnrollment
}

// addEnrollment puts one that has begun among its lead's, the oldest campaign first, and the lead among those at its domain.
func (o *Organization) addEnrollment(e *Enrollment) {
	l := e.lead
	if l.on == nil {
		o.pacing.companies.addPerson(l)
	}
	i := len(l.on)
	for i > 0 && l.on[i-1].campaign.serial() > e.campaign.serial() {
		i--
	}
	l.on = slices.Insert(l.on, i, e)
	l.Enrollments++
	e.campaign.enrolled++
	e.campaign.people.insertEnrollment(e)
}

// endAmongLeads takes an enrollment that has come to its end out of its lead's, and its lead out of those at its domain with the
// last one.
func (o *Organization) endAmongLeads(e *Enrollment) {
	l := e.lead
	if l.on = without(l.on, e); l.on == nil {
		o.pacing.companies.removePerson(l)
	}
	l.past = &pastEnrollment{e.campaign, l.past}
	e.campaign.people.removeEnrollment(e)
}

// IsEnrolled reports whether the lead has an enrollment that hasn't ended.
func (l *Lead) IsEnrolled() bool { return len(l.on) > 0 }

// forgetPast forgets what a lead that goes away has come to the end of.
func (o *Organization) forgetPast(l *Lead) {
	for p := l.past; p != nil; p = p.next {
		if o.Campaigns[p.campaign.ID] == p.campaign {
			p.campaign.enrolled--
			o.scheduleCampaign(p.campaign)
		}
		l.Enrollments--
	}
	l.past = nil
}

// Has reports whether a lead is on the campaign, or was.
func (c *Campaign) Has(l *Lead) bool {
	if c.Enrollment(l) != nil {
		return true
	}
	if l != nil {
		for p := l.past; p != nil; p = p.next {
			if p.campaign == c {
				return true
			}
		}
	}
	return false
}

// Enrollment returns a lead's enrollment unless it is at its end.
func (c *Campaign) Enrollment(l *Lead) *Enrollment {
	if l != nil {
		for _, e := range l.on {
			if e.campaign == c {
				return e
			}
		}
	}
	return nil
}

// addPerson puts a lead behind the others at its domain who are enrolled.
func (c *companies) addPerson(l *Lead) {
	at := c.at[l.Domain]
	if first := at.people; first == nil {
		at.people, l.after, l.before = l, l, l
		putInMap(&c.at, l.Domain, at)
	} else {
		l.before, l.after = first.before, first
		l.before.after, first.before = l, l
	}
}

func (c *companies) removePerson(l *Lead) {
	at := c.at[l.Domain]
	if l.after == l {
		at.people = nil
	} else {
		l.before.after, l.after.before = l.after, l.before
		if at.people == l {
			at.people = l.after
		}
	}
	l.before, l.after = nil, nil
	c.setCompany(l.Domain, at)
}

func (c *companies) setCompany(domain Hash, to company) {
	if to == (company{}) {
		delete(c.at, domain)
		return
	}
	putInMap(&c.at, domain, to)
}

// enrolledAt collects enrollments of people at a domain, the first enrolled person first, until there are n.
func (o *Organization) enrolledAt(domain Hash, n int, found []*Enrollment, which func(*Enrollment) bool) []*Enrollment {
	first := o.pacing.companies.at[domain].people
	for l := first; l != nil; {
		for _, e := range l.on {
			if len(found) >= n {
				return found
			}
			if which(e) {
				found = append(found, e)
			}
		}
		if l = l.after; l == first {
			break
		}
	}
	return found
}

// sortEnrollments puts them in order: the oldest campaign first, and of one the first enrolled.
func sortEnrollments(all []*Enrollment) {
	slices.SortFunc(all, func(a, b *Enrollment) int {
		return cmp.Or(cmp.Compare(a.campaign.serial(), b.campaign.serial()), cmp.Compare(a.order, b.order))
	})
}
