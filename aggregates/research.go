package aggregates

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

const (
	// ResearchLost is how long a reading may be under way: whoever asks later than that begins another.
	ResearchLost = 24 * time.Hour
	// ResearchRetry is how long a site is left alone that couldn't be read, unless somebody asks.
	ResearchRetry = 7 * 24 * time.Hour
	// WebSearchAge is how long what a search engine found, or didn't, holds, unless somebody asks.
	WebSearchAge = 45 * 24 * time.Hour
	// WebSearchPages are set aside to see whose the sites are that a search has found.
	WebSearchPages = 6
)

// DefaultResearch are the settings of an organisation that has none of its own.
func DefaultResearch() events.ResearchSettings {
	return events.ResearchSettings{PagesASite: 6, PagesPerDay: 2000, KeepDays: 30}
}

// DefaultCampaignResearch is that of a campaign for which nothing was set.
func DefaultCampaignResearch() events.CampaignResearch {
	return events.CampaignResearch{WaitMinutes: 60}
}

// companyID returns the id of the company of a domain.
func (o *Organization) companyID(domain Hash) uuid.UUID {
	return es.DeriveID(o.ID, "company", domain.String())
}

// researches are the readings of companies' web sites, and what of the day's budget is taken.
type researches struct {
	set      bool
	settings events.ResearchSettings
	of       map[Hash]companyResearch // by domain
	open     map[uuid.UUID]Hash       // by research
	searches webSearches
	day      int               // of the counts, UTC
	pages    map[uuid.UUID]int // by campaign; uuid.Nil = all
}

type companyResearch struct {
	open     uuid.UUID // uuid.Nil = none is under way
	campaign uuid.UUID
	pages    int   // set aside
	asked    int64 // when it was asked for
	since    int64 // when the search was that has found it, or else when it was asked for: messages wait from then on
	fresh    int64 // until then nothing new is looked for
}

// Settings returns the organisation's.
func (r *researches) Settings() events.ResearchSettings {
	if r.set {
		return r.settings
	}
	return DefaultResearch()
}

// Researching returns the domain of the company whose site is being read, and whether that is so.
func (k *Known) Researching(research uuid.UUID) (domain Hash, ok bool) {
	domain, ok = k.Research.open[research]
	return domain, ok
}

func utcDay(at time.Time) int { return dayNumber(at.UTC()) }

// onDay turns to another day.
func (r *researches) onDay(at time.Time) {
	if d := utcDay(at); d > r.day {
		r.day, r.pages = d, nil
	}
}

func (r *researches) count(campaign uuid.UUID, pages int) {
	putInMap(&r.pages, uuid.Nil, r.pages[uuid.Nil]+pages)
	if campaign != uuid.Nil {
		putInMap(&r.pages, campaign, r.pages[campaign]+pages)
	}
}

// used returns how many pages of a campaign (uuid.Nil = of all) are taken on a day.
func (r *researches) used(campaign uuid.UUID, at time.Time) int {
	if utcDay(at) != r.day {
		return 0
	}
	return r.pages[campaign]
}

func (r *researches) request(e events.ResearchRequested) {
	domain := hashOf(e.DomainHash)
	is := r.of[domain]
	delete(r.open, is.open)
	is.open, is.campaign, is.pages, is.asked = e.ResearchID, e.CampaignID, e.Pages, toMicros(e.RequestedAt)
	if is.since = is.asked; e.Reason == events.ResearchFound {
		is.since = cmp.Or(r.searches.of[e.LeadID].asked, r.searches.of[e.CompanyID].asked, is.asked)
	}
	putInMap(&r.of, domain, is)
	putInMap(&r.open, e.ResearchID, domain)
	r.onDay(e.RequestedAt)
	r.count(e.CampaignID, e.Pages)
}

// end gives back what wasn't used.
func (r *researches) end(research uuid.UUID, pages int, fresh time.Time) {
	domain, ok := r.open[research]
	if !ok {
		return
	}
	delete(r.open, research)
	is := r.of[domain]
	if utcDay(toTime(is.asked)) == r.day {
		r.count(is.campaign, min(pages-is.pages, 0))
	}
	is.open, is.pages, is.campaign, is.fresh = uuid.Nil, 0, uuid.Nil, toMicros(fresh)
	r.of[domain] = is
}

// applyResearch lets messages that waited for a reading go on when it has ended.
func (o *Organization) applyResearch(event events.ResearchEvent) {
	r := &o.Known.Research
	switch e := event.(type) {
	case events.ResearchRequested:
		r.request(e)
	case events.ResearchCompleted:
		o.endResearch(e.ResearchRef, e.Pages, e.FreshUntil)
	case events.ResearchFailed:
		o.endResearch(e.ResearchRef, e.Pages, e.EndedAt.Add(ResearchRetry))
	case events.ResearchSkipped:
		o.endResearch(e.ResearchRef, 0, e.SkippedAt.Add(ResearchRetry))
	case events.WebSearchRequested:
		r.search(e)
	case events.WebSearchEnded:
		r.endSearch(e)
		if c := o.Campaigns[e.CampaignID]; c != nil && c.Research().WaitMinutes > 0 {
			o.wakeMailboxesOf(c)
		}
	case events.ResearchSettingsSet:
		r.set, r.settings = true, e.ResearchSettings
	case events.CampaignResearchSet:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.research = &e.CampaignResearch
			o.wakeMailboxesOf(c)
		})
	}
}

func (o *Organization) endResearch(ref events.ResearchRef, pages int, fresh time.Time) {
	if _, ok := o.Known.Research.open[ref.ResearchID]; !ok {
		return
	}
	o.Known.Research.end(ref.ResearchID, pages, fresh)
	if c := o.Campaigns[ref.CampaignID]; c != nil && c.Research().WaitMinutes > 0 {
		o.wakeMailboxesOf(c)
	}
}

// Research returns whether and how the companies of its people are looked at.
func (c *Campaign) Research() events.CampaignResearch {
	if c.research == nil {
		return DefaultCampaignResearch()
	}
	return *c.research
}

// Writing returns how a language model writes the campaign's messages.
func (c *Campaign) Writing() events.CampaignWriting {
	if c.writing == nil {
		return events.DefaultCampaignWriting()
	}
	return *c.writing
}

// researchUntil returns until when somebody's first message waits for what is found of their company; 0 = it doesn't.
func (o *Organization) researchUntil(e *Enrollment) int64 {
	set := e.campaign.research
	if set == nil || !set.On || e.step > 0 || o.Known.Research.Settings().Off {
		return 0
	}
	if asked := o.researchedSince(e.lead); asked != 0 {
		return asked + int64(set.WaitMinutes)*minute
	}
	return 0
}

// researchedSince returns since when a lead's company is searched for or read; 0 = it isn't.
func (o *Organization) researchedSince(lead *Lead) int64 {
	r := &o.Known.Research
	if site, ok := o.siteOf(lead); ok {
		if is := r.of[site]; is.open != uuid.Nil {
			return is.since
		}
	}
	if len(r.searches.of) == 0 {
		return 0
	}
	if is := r.searches.of[o.searchedFor(lead)]; is.open != uuid.Nil {
		return is.asked
	}
	return 0
}

// researchRule holds back a first message that isn't asked for yet while the company's site is being read, and never for long.
func researchRule(q *ruleContext) int64 {
	if q.msg != nil {
		return q.at
	}
	until := q.o.researchUntil(q.e)
	if set := q.e.campaign.Research(); q.explaining {
		noteInput(q, "on", set.On)
		noteInput(q, "wait_minutes", set.WaitMinutes)
		if asked := q.o.researchedSince(q.e.lead); asked != 0 {
			noteInput(q, "requested_at", toTime(asked))
		}
	}
	return max(q.at, until)
}

// Researcher asks for readings and searches, in one command or tick.
type Researcher struct {
	o        *Organization
	now      time.Time
	asked    map[Hash]bool
	searched map[uuid.UUID]bool
	spent    map[uuid.UUID]int // pages, as researches.pages
}

// Researcher returns one.
func (o *Organization) Researcher(now time.Time) *Researcher { return &Researcher{o: o, now: now} }

// ForCampaign asks for the company of a lead who came to a campaign, where the campaign wants that and what is known isn't new. Where no site of theirs is known it is searched for.
func (r *Researcher) ForCampaign(c *Campaign, lead *Lead, tellBudget bool) []events.Event {
	if c.research == nil || !c.research.On || r.o.Known.Research.Settings().Off {
		return nil
	}
	domain, known := r.o.siteOf(lead)
	if !known {
		return r.searchForCampaign(c, lead, tellBudget)
	}
	is := r.o.Known.Research.of[domain]
	if !r.mayAsk(domain) || is.fresh > toMicros(r.now) {
		return nil
	}
	reason := events.ResearchEnrolled
	if is.fresh != 0 {
		reason = events.ResearchExpired
	}
	ref := events.ResearchRef{CompanyID: r.o.companyID(domain), LeadID: lead.ID, CampaignID: c.ID}
	if !r.hasRoom(c, r.pagesASite()) {
		if !tellBudget {
			return nil
		}
		putInMap(&r.asked, domain, true)
		ref.ResearchID = researchID(ref.CompanyID, r.now)
		return []events.Event{events.ResearchSkipped{ResearchRef: ref, Reason: events.ResearchOverBudget, SkippedAt: r.now}}
	}
	return []events.Event{r.request(ref, domain, reason, r.pagesASite())}
}

// Ask asks for a company because somebody wants it. busy: it is under way; full: the day's budget is used up.
func (r *Researcher) Ask(lead uuid.UUID, domain Hash) (e events.Event, busy, full bool) {
	if !r.mayAsk(domain) {
		return nil, true, false
	}
	if !r.hasRoom(nil, r.pagesASite()) {
		return nil, false, true
	}
	return r.request(events.ResearchRef{CompanyID: r.o.companyID(domain), LeadID: lead}, domain, events.ResearchAsked, r.pagesASite()), false, false
}

func (r *Researcher) mayAsk(domain Hash) bool {
	is := r.o.Known.Research.of[domain]
	return !r.asked[domain] && (is.open == uuid.Nil || r.now.Sub(toTime(is.asked)) >= ResearchLost)
}

func (r *Researcher) pagesASite() int { return r.o.Known.Research.Settings().PagesASite }

func (r *Researcher) hasRoom(c *Campaign, pages int) bool {
	known, set := &r.o.Known.Research, r.o.Known.Research.Settings()
	if known.used(uuid.Nil, r.now)+r.spent[uuid.Nil]+pages > set.PagesPerDay {
		return false
	}
	return c == nil || c.Research().PagesPerDay == 0 || known.used(c.ID, r.now)+r.spent[c.ID]+pages <= c.Research().PagesPerDay
}

func (r *Researcher) spend(campaign uuid.UUID, pages int) {
	putInMap(&r.spent, uuid.Nil, r.spent[uuid.Nil]+pages)
	if campaign != uuid.Nil {
		putInMap(&r.spent, campaign, r.spent[campaign]+pages)
	}
}

func (r *Researcher) request(ref events.ResearchRef, domain Hash, reason string, pages int) events.Event {
	putInMap(&r.asked, domain, true)
	r.spend(ref.CampaignID, pages)
	ref.ResearchID = researchID(ref.CompanyID, r.now)
	return events.ResearchRequested{ResearchRef: ref, DomainHash: domain.String(), Reason: reason, Pages: pages, RequestedAt: r.now}
}

func researchID(company uuid.UUID, at time.Time) uuid.UUID {
	return es.DeriveID(company, "research", at.UTC().Format(time.RFC3339Nano))
}
