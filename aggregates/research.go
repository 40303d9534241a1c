package aggregates

import (
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
	day      int                      // of the counts, UTC
	pages    map[uuid.UUID]int        // by campaign; uuid.Nil = all
}

type companyResearch struct {
	open     uuid.UUID // uuid.Nil = none is under way
	campaign uuid.UUID
	pages    int   // set aside
	asked    int64 // when it was asked for
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
	if set == nil || !set.On || e.step > 0 || e.lead.FreeMail || o.Known.Research.Settings().Off {
		return 0
	}
	is := o.Known.Research.of[e.lead.Domain]
	if is.open == uuid.Nil {
		return 0
	}
	return is.asked + int64(set.WaitMinutes)*minute
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
		if is := q.o.Known.Research.of[q.e.lead.Domain]; is.open != uuid.Nil {
			noteInput(q, "requested_at", toTime(is.asked))
		}
	}
	return max(q.at, until)
}

// Researcher asks for readings, in one command or tick.
type Researcher struct {
	o     *Organization
	now   time.Time
	asked map[Hash]bool
	spent map[uuid.UUID]int // pages, as researches.pages
}

// Researcher returns one.
func (o *Organization) Researcher(now time.Time) *Researcher { return &Researcher{o: o, now: now} }

// ForCampaign asks for the company of a lead who came to a campaign, where the campaign wants that and what is known isn't new.
func (r *Researcher) ForCampaign(c *Campaign, lead *Lead, tellBudget bool) []events.Event {
	if c.research == nil || !c.research.On || lead.FreeMail || r.o.Known.Research.Settings().Off || !r.mayAsk(lead.Domain) {
		return nil
	}
	is := r.o.Known.Research.of[lead.Domain]
	if is.fresh > toMicros(r.now) {
		return nil
	}
	reason := events.ResearchEnrolled
	if is.fresh != 0 {
		reason = events.ResearchExpired
	}
	ref := events.ResearchRef{CompanyID: r.o.companyID(lead.Domain), LeadID: lead.ID, CampaignID: c.ID}
	if !r.hasRoom(c) {
		if !tellBudget {
			return nil
		}
		putInMap(&r.asked, lead.Domain, true)
		ref.ResearchID = researchID(ref.CompanyID, r.now)
		return []events.Event{events.ResearchSkipped{ResearchRef: ref, Reason: events.ResearchOverBudget, SkippedAt: r.now}}
	}
	return []events.Event{r.request(ref, lead.Domain, reason)}
}

// Ask asks for a company because somebody wants it. busy: it is under way; full: the day's budget is used up.
func (r *Researcher) Ask(lead uuid.UUID, domain Hash) (e events.Event, busy, full bool) {
	if !r.mayAsk(domain) {
		return nil, true, false
	}
	if !r.hasRoom(nil) {
		return nil, false, true
	}
	return r.request(events.ResearchRef{CompanyID: r.o.companyID(domain), LeadID: lead}, domain, events.ResearchAsked), false, false
}

func (r *Researcher) mayAsk(domain Hash) bool {
	is := r.o.Known.Research.of[domain]
	return !r.asked[domain] && (is.open == uuid.Nil || r.now.Sub(toTime(is.asked)) >= ResearchLost)
}

func (r *Researcher) hasRoom(c *Campaign) bool {
	known, set := &r.o.Known.Research, r.o.Known.Research.Settings()
	if known.used(uuid.Nil, r.now)+r.spent[uuid.Nil]+set.PagesASite > set.PagesPerDay {
		return false
	}
	return c == nil || c.Research().PagesPerDay == 0 || known.used(c.ID, r.now)+r.spent[c.ID]+set.PagesASite <= c.Research().PagesPerDay
}

func (r *Researcher) request(ref events.ResearchRef, domain Hash, reason string) events.Event {
	pages := r.o.Known.Research.Settings().PagesASite
	putInMap(&r.asked, domain, true)
	putInMap(&r.spent, uuid.Nil, r.spent[uuid.Nil]+pages)
	if ref.CampaignID != uuid.Nil {
		putInMap(&r.spent, ref.CampaignID, r.spent[ref.CampaignID]+pages)
	}
	ref.ResearchID = researchID(ref.CompanyID, r.now)
	return events.ResearchRequested{ResearchRef: ref, DomainHash: domain.String(), Reason: reason, Pages: pages, RequestedAt: r.now}
}

func researchID(company uuid.UUID, at time.Time) uuid.UUID {
	return es.DeriveID(company, "research", at.UTC().Format(time.RFC3339Nano))
}
