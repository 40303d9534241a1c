package aggregates

// booking are messages that one decision lets leave, before they are counted.
type booking struct {
	all       int
	domains   map[Hash]int
	companies map[Hash]int
	providers map[uint16]int
	fresh     map[*Campaign]int
}

// book counts one more.
func (b *booking) book(o *Organization, m *Mailbox, e *Enrollment) {
	b.all++
	putInMap(&b.domains, m.Domain, b.domains[m.Domain]+1)
	putInMap(&b.companies, e.lead.Domain, b.companies[e.lead.Domain]+1)
	if n := o.pacing.shared.provider[e.lead.Domain]; n > 0 {
		putInMap(&b.providers, n, b.providers[n]+1)
	}
	if e.step == 0 {
		putInMap(&b.fresh, e.campaign, b.fresh[e.campaign]+1)
	}
}

// sharedRules are those that several mailboxes keep together.
var sharedRules = []rule{ //nolint:gochecknoglobals // a constant table
	{RuleOrganizationCap, organizationCapRule}, {RuleDomainCap, domainCapRule}, {RuleRecipientCap, recipientCapRule}, {RuleProviderCap, providerCapRule}, {RuleNewPeople, newPeopleRule},
}

// sharedRoom returns when a message fits below all limits that mailboxes share, besides what was booked already.
func (o *Organization) sharedRoom(now int64, m *Mailbox, e *Enrollment, b *booking) (int64, string) {
	return ruleContext{o: o, m: m, e: e, at: now, booked: b}.firstFree(sharedRules)
}

func organizationCapRule(q *ruleContext) int64 {
	s := &q.o.pacing.shared
	return q.underCaps(s.set.Organization, &s.all, q.alreadyBooked().all)
}

func domainCapRule(q *ruleContext) int64 {
	s := &q.o.pacing.shared
	m := s.domains[q.m.Domain]
	return q.underCaps(s.set.SendingDomain, &m, q.alreadyBooked().domains[q.m.Domain])
}

func recipientCapRule(q *ruleContext) int64 {
	s := &q.o.pacing.shared
	if q.e.lead.FreeMail {
		return q.at
	}
	m := s.companies[q.e.lead.Domain]
	return q.underCaps(s.set.RecipientDomain, &m, q.alreadyBooked().companies[q.e.lead.Domain])
}

func providerCapRule(q *ruleContext) int64 {
	s := &q.o.pacing.shared
	n := s.provider[q.e.lead.Domain]
	if n == 0 {
		return q.at
	}
	p, m := &s.set.Providers[n-1], s.providers[n]
	noteInput(q, "provider", p.Provider)
	return q.underCaps(p.Caps, &m, q.alreadyBooked().providers[n])
}

func (q *ruleContext) alreadyBooked() booking {
	if q.booked == nil {
		return booking{}
	}
	return *q.booked
}

// holidayRule waits for the end of a public holiday where the recipient lives.
func holidayRule(q *ruleContext) int64 {
	at := q.at
	if q.e.campaign.Pacing.IgnorePublicHolidays {
		return at
	}
	c := q.o.countryOf(q.e)
	if c == nil {
		return at
	}
	loc := q.o.zoneOf(q.e)
	noteInput(q, "country", c.code)
	for {
		name, ok := c.days[dayNumber(toTime(at).In(loc))]
		if !ok {
			return at
		}
		if at == q.at {
			noteInput(q, "holiday", name)
		}
		at = startOfDay(toTime(at), 1, loc).UnixMicro()
	}
}

// mailboxHoursRule waits for the hours of the mailbox.
func mailboxHoursRule(q *ruleContext) int64 {
	if len(q.m.windows) == 0 {
		return q.at
	}
	loc := q.o.mailboxZone(q.m)
	noteInput(q, "zone", loc.String())
	noteInput(q, "windows", q.m.hours)
	return nextOf(q.m.windows, q.at, loc)
}

// campaignWindowRule waits for a window in the campaign's own zone.
func campaignWindowRule(q *ruleContext) int64 {
	c := q.e.campaign
	if len(c.ownWindows) == 0 {
		return q.at
	}
	loc := q.o.zones.firstLocation(c.zone, q.o.zones.home)
	noteInput(q, "zone", loc.String())
	noteInput(q, "windows", c.Pacing.CampaignWindows)
	return nextOf(c.ownWindows, q.at, loc)
}

// newPeopleRule keeps a campaign from beginning with more people a day than it may.
func newPeopleRule(q *ruleContext) int64 {
	c := q.e.campaign
	limit := c.Pacing.NewPeoplePerDay
	if limit == 0 || q.e.step > 0 {
		return q.at
	}
	loc := q.o.campaignZone(c)
	used := q.o.freshOn(c, q.at) + q.leavingToday(q.o.pacing.shared.fresh[c.ID].claimed+q.alreadyBooked().fresh[c], loc)
	noteInput(q, "cap", limit)
	noteInput(q, "written_to", used)
	if used < limit {
		return q.at
	}
	return startOfDay(toTime(q.at), 1, loc).UnixMicro()
}
