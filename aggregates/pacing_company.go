package aggregates

// companies counts people by the domain of their address; domains of public mail providers are nobody's.
type companies struct {
	active  map[Hash]uint16        // people in a sequence
	waiting map[Hash][]*Enrollment // for a place, the first first
	sent    map[Hash]int64         // newest send
	order   []companySent          // sent, oldest first
}

type companySent struct {
	domain Hash
	at     int64
}

// companyMemory is how long a send to a company is remembered: the largest gap.
const companyMemory = 24 * hour

func (c *companies) addWaiting(e *Enrollment) {
	if c.waiting == nil {
		c.waiting = map[Hash][]*Enrollment{}
	}
	c.waiting[e.lead.Domain] = append(c.waiting[e.lead.Domain], e)
}

func (c *companies) removeWaiting(e *Enrollment) {
	all := c.waiting[e.lead.Domain]
	for i, x := range all {
		if x == e {
			all = append(all[:i:i], all[i+1:]...)
		}
	}
	if len(all) == 0 {
		delete(c.waiting, e.lead.Domain)
	} else {
		c.waiting[e.lead.Domain] = all
	}
	e.setFlag(enrollmentDeferred, false)
}

// recordSend remembers a send.
func (c *companies) recordSend(l *Lead, at int64) {
	if l.FreeMail {
		return
	}
	if c.sent == nil {
		c.sent = map[Hash]int64{}
	}
	c.sent[l.Domain] = max(c.sent[l.Domain], at)
	c.order = append(c.order, companySent{l.Domain, at})
	for len(c.order) > 0 && c.order[0].at < at-companyMemory {
		if first := c.order[0]; c.sent[first.domain] == first.at {
			delete(c.sent, first.domain)
		}
		c.order = c.order[1:]
	}
}

// enterCompany counts a person from their first message on.
func (o *Organization) enterCompany(e *Enrollment) {
	if e.hasFlag(enrollmentCounted) || e.lead.FreeMail {
		return
	}
	if o.pacing.companies.active == nil {
		o.pacing.companies.active = map[Hash]uint16{}
	}
	e.setFlag(enrollmentCounted, true)
	o.pacing.companies.active[e.lead.Domain]++
}

// leaveCompany returns a place back to who waits for it.
func (o *Organization) leaveCompany(e *Enrollment) {
	if !e.hasFlag(enrollmentCounted) {
		return
	}
	e.setFlag(enrollmentCounted, false)
	d := e.lead.Domain
	if o.pacing.companies.active[d]--; o.pacing.companies.active[d] == 0 {
		delete(o.pacing.companies.active, d)
	}
	if waiting := o.pacing.companies.waiting[d]; len(waiting) > 0 {
		next := waiting[0]
		o.pacing.companies.removeWaiting(next)
		o.placeInLine(next)
	}
}

func (o *Organization) companyActive(e *Enrollment) int {
	return int(o.pacing.companies.active[e.lead.Domain])
}

// companyFull says that enough people of the same company have had a message, and their sequences aren't at their end.
func (o *Organization) companyFull(e *Enrollment, more int) bool {
	limit := e.campaign.Settings.CompanyCap
	return !e.hasFlag(enrollmentCounted) && !e.lead.FreeMail && limit > 0 && o.companyActive(e)+more >= limit
}
