package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// webSearches are the searches for sites of companies of which none is known, or none that can be read.
type webSearches struct {
	of   map[uuid.UUID]webSearch // by whose company it is: a lead, or the company of a mail domain
	open map[uuid.UUID]uuid.UUID // the same, by search
}

type webSearch struct {
	open     uuid.UUID // uuid.Nil = none is under way
	campaign uuid.UUID
	pages    int   // set aside
	asked    int64 // when it was asked for
	fresh    int64 // until then it isn't searched for again
	site     Hash  // that was found for a lead
}

// searchedFor returns under what searches for a lead's company are known.
func (o *Organization) searchedFor(lead *Lead) uuid.UUID {
	if lead.FreeMail {
		return lead.ID
	}
	return o.companyID(lead.Domain)
}

// siteOf returns the domain of a lead's company: that of their address, or of a public mail provider's the one that a search has found; false where there is none.
func (o *Organization) siteOf(lead *Lead) (Hash, bool) {
	if !lead.FreeMail {
		return lead.Domain, true
	}
	site := o.Known.Research.searches.of[lead.ID].site
	return site, site != Hash{}
}

// Searching returns whose company a search is for, and whether it is under way.
func (k *Known) Searching(search uuid.UUID) (searched uuid.UUID, ok bool) {
	searched, ok = k.Research.searches.open[search]
	return searched, ok
}

func (r *researches) search(e events.WebSearchRequested) {
	of := e.Searched()
	is := r.searches.of[of]
	delete(r.searches.open, is.open)
	is.open, is.campaign, is.pages, is.asked = e.SearchID, e.CampaignID, e.Pages, toMicros(e.RequestedAt)
	putInMap(&r.searches.of, of, is)
	putInMap(&r.searches.open, e.SearchID, of)
	r.onDay(e.RequestedAt)
	r.count(e.CampaignID, e.Pages)
}

// endSearch gives back what wasn't used. What was found before stays where nothing new is.
func (r *researches) endSearch(e events.WebSearchEnded) {
	of, ok := r.searches.open[e.SearchID]
	if !ok {
		return
	}
	delete(r.searches.open, e.SearchID)
	is := r.searches.of[of]
	if utcDay(toTime(is.asked)) == r.day {
		r.count(is.campaign, min(e.Pages-is.pages, 0))
	}
	age := WebSearchAge
	if e.Outcome == events.WebSearchFailed || e.Outcome == events.WebSearchSkipped {
		age = ResearchRetry
	}
	is.open, is.pages, is.campaign, is.fresh = uuid.Nil, 0, uuid.Nil, toMicros(e.EndedAt.Add(age))
	if e.Outcome == events.WebSearchFound && e.MailCompanyID == uuid.Nil {
		is.site = hashOf(e.DomainHash)
	}
	r.searches.of[of] = is
}

// forget takes away what was found for a person.
func (r *researches) forget(lead uuid.UUID) {
	if is, ok := r.searches.of[lead]; ok {
		delete(r.searches.open, is.open)
		delete(r.searches.of, lead)
	}
}

// searchForCampaign searches for the company of a lead of whom just its name may be known.
func (r *Researcher) searchForCampaign(c *Campaign, lead *Lead, tellBudget bool) []events.Event {
	is := r.o.Known.Research.searches.of[lead.ID]
	if !r.maySearch(lead.ID) || is.fresh > toMicros(r.now) {
		return nil
	}
	ref := events.WebSearchRef{LeadID: lead.ID, CampaignID: c.ID}
	if !r.hasRoom(c, WebSearchPages) {
		if !tellBudget {
			return nil
		}
		putInMap(&r.searched, lead.ID, true)
		ref.SearchID = searchID(lead.ID, r.now)
		return []events.Event{events.WebSearchEnded{WebSearchRef: ref, Outcome: events.WebSearchSkipped, Reason: events.WebSearchNoBudget, EndedAt: r.now}}
	}
	reason := events.ResearchEnrolled
	if is.fresh != 0 {
		reason = events.ResearchExpired
	}
	return []events.Event{r.search(ref, reason, WebSearchPages)}
}

// AskSearch searches for a lead's company because somebody wants it, where its site isn't known; off: nothing is searched for here.
func (r *Researcher) AskSearch(lead *Lead) (e events.Event, off, busy, full bool) {
	switch {
	case !r.o.AI.Search.On:
		return nil, true, false, false
	case !r.maySearch(lead.ID):
		return nil, false, true, false
	case !r.hasRoom(nil, WebSearchPages):
		return nil, false, false, true
	}
	return r.search(events.WebSearchRef{LeadID: lead.ID}, events.ResearchAsked, WebSearchPages), false, false, false
}

// SiteOf returns the domain of a lead's company's site; false where none is known.
func (r *Researcher) SiteOf(lead *Lead) (Hash, bool) { return r.o.siteOf(lead) }

// AfterFailure searches for a company whose own domain has no site that can be read, once for all of its people. What that reading has set aside and didn't use (pages are those it did) is there for it.
func (r *Researcher) AfterFailure(of events.ResearchRef, domain Hash, pages int) []events.Event {
	lead := r.o.Leads.Get(of.LeadID)
	if lead == nil || lead.FreeMail || lead.Domain != domain || !r.maySearch(of.CompanyID) || r.o.Known.Research.searches.of[of.CompanyID].fresh > toMicros(r.now) {
		return nil
	}
	room := r.roomAfter(of.CampaignID, WebSearchPages, r.o.Known.Research.of[domain].pages-pages)
	if room == 0 {
		return nil
	}
	return []events.Event{r.search(events.WebSearchRef{LeadID: lead.ID, CampaignID: of.CampaignID, MailCompanyID: of.CompanyID}, events.ResearchNoSite, room)}
}

// roomAfter returns how many pages can be set aside by what follows something of which so many weren't used: all that it wants, or else those.
func (r *Researcher) roomAfter(campaign uuid.UUID, wants, unused int) int {
	unused = min(max(unused, 0), wants)
	if r.hasRoom(r.o.Campaigns[campaign], wants-unused) {
		return wants
	}
	return unused
}

// AfterSearch has the site read that a search has found, where that isn't known from before. What the search has set aside and didn't use is there for it.
func (r *Researcher) AfterSearch(of events.WebSearchRef, domainHash string, pages int) []events.Event {
	domain, known := hashOf(domainHash), false
	if lead := r.o.Leads.Get(of.LeadID); of.MailCompanyID == uuid.Nil {
		known = r.o.Known.Research.of[domain].fresh > toMicros(r.now)
	} else if domain = lead.Domain; lead.FreeMail || r.o.companyID(domain) != of.MailCompanyID { // they have another address by now
		return nil
	}
	if known || r.isStopped() || !r.mayAsk(domain) || r.o.Known.Research.Settings().Off {
		return nil
	}
	room := r.roomAfter(of.CampaignID, r.pagesASite(), r.o.Known.Research.searches.of[of.Searched()].pages-pages)
	if room == 0 {
		return nil
	}
	return []events.Event{r.request(events.ResearchRef{CompanyID: r.o.companyID(domain), LeadID: of.LeadID, CampaignID: of.CampaignID}, domain, events.ResearchFound, room)}
}

// isStopped reports whether the organisation begins nothing any more.
func (r *Researcher) isStopped() bool { return IsStopped(r.o.Status) || !r.o.EraseAt.IsZero() }

func (r *Researcher) maySearch(of uuid.UUID) bool {
	is := r.o.Known.Research.searches.of[of]
	return r.o.AI.Search.On && r.o.AI.Stopped == "" && !r.isStopped() && !r.o.Known.Research.Settings().Off && !r.searched[of] && (is.open == uuid.Nil || r.now.Sub(toTime(is.asked)) >= ResearchLost)
}

func (r *Researcher) search(ref events.WebSearchRef, reason string, pages int) events.Event {
	putInMap(&r.searched, ref.Searched(), true)
	r.spend(ref.CampaignID, pages)
	ref.SearchID = searchID(ref.Searched(), r.now)
	return events.WebSearchRequested{WebSearchRef: ref, Reason: reason, Pages: pages, RequestedAt: r.now}
}

func searchID(of uuid.UUID, at time.Time) uuid.UUID {
	return es.DeriveID(of, "web search", at.UTC().Format(time.RFC3339Nano))
}
