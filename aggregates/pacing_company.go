package aggregates

// companies counts people by the domain of their address; domains of public mail providers are no companies.
type companies struct {
	at      map[Hash]company
	waiting map[Hash][]*Enrollment // for a place, in order
	sent    map[Hash]int64         // newest send
	order   []companySent          // sent, oldest first
}

// company is a domain where somebody is enrolled; also a mail provider's, whose people aren't counted.
type company struct {
	people *Lead  // who is enrolled: the first of a ring
	active uint16 // people in a sequence
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
	e.campaign.deferred.insertEnrollment(e)
}

func (c *companies) removeWaiting(e *Enrollment) {
	if left := without(c.waiting[e.lead.Domain], e); left == nil {
		delete(c.waiting, e.lead.Domain)
	} else {
		c.waiting[e.lead.Domain] = left
	}
	e.campaign.deferred.removeEnrollment(e)
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
	e.setFlag(enrollmentCounted, true)
	at := o.pacing.companies.at[e.lead.Domain]
	at.active++
	o.pacing.companies.setCompany(e.lead.Domain, at)
}

// leaveCompany gives a person's place to the next one who waits for it.
func (o *Organization) leaveCompany(e *Enrollment) {
	if !e.hasFlag(enrollmentCounted) {
		return
	}
	e.setFlag(enrollmentCounted, false)
	d := e.lead.Domain
	at := o.pacing.companies.at[d]
	at.active--
	o.pacing.companies.setCompany(d, at)
	if waiting := o.pacing.companies.waiting[d]; len(waiting) > 0 {
		next := waiting[0]
		o.pacing.companies.removeWaiting(next)
		o.placeInLine(next)
	}
}

// admittedAtOnce is how many people who wait for a place are looked at in one step.
const admittedAtOnce = 500

// admitDeferred lets people of a campaign take the places that its changed settings leave at their companies, the first enrolled
// first: some now, and the others with the next ticks.
func (o *Organization) admitDeferred(c *Campaign) {
	c.admitting, c.admittedTo = true, 0
	o.admitMore(c)
}

// admitMore goes on where it was left.
func (o *Organization) admitMore(c *Campaign) {
	admitted := map[Hash]int{}
	some := c.deferred.after(c.admittedTo, admittedAtOnce)
	for _, e := range some {
		c.admittedTo = e.order
		if !o.companyFull(e, admitted[e.lead.Domain]) {
			admitted[e.lead.Domain]++
			o.pacing.companies.removeWaiting(e)
			o.placeInLine(e)
		}
	}
	c.admitting = len(some) == admittedAtOnce
	o.scheduleCampaign(c)
}

func (o *Organization) companyActive(e *Enrollment) int {
	return int(o.pacing.companies.at[e.lead.Domain].active)
}

// companyFull reports whether as many people of the same company as may be are in sequences that have not ended.
func (o *Organization) companyFull(e *Enrollment, more int) bool {
	limit := e.campaign.Settings.CompanyCap
	return !e.hasFlag(enrollmentCounted) && !e.lead.FreeMail && limit > 0 && o.companyActive(e)+more >= limit
}
