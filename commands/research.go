package commands

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RequestResearch asks for the web site of a lead's company, or of a company of which there is a record, to be read.
type RequestResearch struct {
	LeadID    uuid.UUID `json:"lead_id,omitzero"`
	CompanyID uuid.UUID `json:"company_id,omitzero"`
}

func (RequestResearch) CommandType() string { return "research.request.v1" }

// Decide has nothing to do while it is being read.
func (c RequestResearch) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	domain, ok := o.Known.DomainOf(c.CompanyID)
	subject := c.CompanyID
	r := o.Researcher(now)
	if c.LeadID != uuid.Nil {
		subject = c.LeadID
		lead := o.Leads.Get(c.LeadID)
		if ok = lead != nil; ok {
			var known bool
			if domain, known = r.SiteOf(lead); !known {
				return askSearch(o, r, lead)
			}
		}
	}
	switch {
	case !ok:
		return nil, errNotFound(subject)
	case o.Known.Research.Settings().Off:
		return nil, errInvalid("research", reasonResearchOff)
	}
	e, busy, full := r.Ask(c.LeadID, domain)
	switch {
	case busy:
		return nil, nil
	case full:
		return nil, errInvalid("research", reasonNoPages)
	}
	return oneEvent(e)
}

const (
	reasonResearchOff = "is switched off in the organisation's settings"
	reasonNoPages     = "has used up the pages of the day"
)

// StaleFact is one that isn't found any more.
type StaleFact struct {
	FactID uuid.UUID `json:"fact_id"`
	Reason string    `json:"reason"`
}

// CompleteResearch records what was found of a company, and what isn't found any more. Whoever records it again changes nothing: the reading has ended.
type CompleteResearch struct {
	events.ResearchRef
	events.ResearchOutcome
	DomainHash string        `json:"domain_hash"`
	Company    events.Sealed `json:"company"` // its details
	Facts      []FactItem    `json:"facts,omitzero"`
	Stale      []StaleFact   `json:"stale,omitzero"`
	Dropped    int           `json:"dropped"`
	FreshUntil time.Time     `json:"fresh_until"`
}

func (CompleteResearch) CommandType() string { return "research.complete.v1" }

// renewal is how much longer a known fact must hold to be recorded anew.
const renewal = 24 * time.Hour

// Decide keeps the facts that there is room for. One that is known is recorded again when it holds longer than before.
func (c CompleteResearch) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	domain, ok := o.Known.Researching(c.ResearchID)
	switch {
	case !ok:
		return nil, nil
	case domain.String() != c.DomainHash || CompanyID(o.ID, c.DomainHash) != c.CompanyID:
		return nil, errInvalid("domain_hash", "is another company's")
	case c.Company.IsZero():
		return nil, errInvalid("company", "is missing")
	case len(c.Facts) > MaxFactItems || len(c.Stale) > MaxFacts:
		return nil, errInvalid("facts", "must be at most "+strconv.Itoa(MaxFactItems))
	case !c.FreshUntil.After(c.EndedAt):
		return nil, errInvalid("fresh_until", "must be after ended_at")
	}
	if err := checkOutcome(c.ResearchOutcome); err != nil {
		return nil, err
	}
	var out []events.Event
	if len(c.Facts) > 0 && !o.Known.HasCompany(c.CompanyID) {
		out = append(out, events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: c.CompanyID}, DomainHash: c.DomainHash, Details: c.Company})
	}
	found, err := c.foundEvents(o)
	if err != nil {
		return nil, err
	}
	stale, gone, err := c.staleEvents(o)
	if err != nil {
		return nil, err
	}
	out = append(append(out, found...), stale...)
	out = append(out, events.ResearchCompleted{ResearchRef: c.ResearchRef, ResearchOutcome: c.ResearchOutcome, Facts: len(c.Facts), Dropped: c.Dropped, Stale: len(stale), FreshUntil: c.FreshUntil})
	return append(out, lapsedDrafts(o, slices.Collect(maps.Keys(gone)), events.LapsedFactStale)...), nil
}

func (c CompleteResearch) foundEvents(o *aggregates.Organization) (out []events.Event, err error) {
	room := MaxFacts - o.Known.Count(c.CompanyID)
	seen := map[uuid.UUID]bool{}
	for _, f := range c.Facts {
		if err := f.checkFields(); err != nil {
			return nil, err
		}
		ref := events.FactRef{FactID: f.FactID, CompanyID: c.CompanyID}
		known, ok := o.Known.Fact(f.FactID)
		isNew := !ok || known.Stale
		switch {
		case ok && known.Ref != ref:
			return nil, errAlreadyExists(f.FactID)
		case seen[f.FactID], isNew && room <= 0, !isNew && (known.Expires.IsZero() || f.ExpiresAt.Sub(known.Expires) < renewal):
			continue
		}
		seen[f.FactID] = true
		if isNew {
			room--
		}
		out = append(out, events.FactFound{FactRef: ref, Predicate: f.Predicate, Method: f.Method, Confidence: f.Confidence, Content: f.Content, FoundAt: f.FoundAt, ExpiresAt: f.ExpiresAt})
	}
	return out, nil
}

func (c CompleteResearch) staleEvents(o *aggregates.Organization) (out []events.Event, gone map[uuid.UUID]bool, err error) {
	gone = map[uuid.UUID]bool{}
	for _, s := range c.Stale {
		if s.Reason != events.FactPageGone && s.Reason != events.FactPageChanged {
			return nil, nil, errInvalid("reason", "is unknown")
		}
		known, ok := o.Known.Fact(s.FactID)
		found := slices.ContainsFunc(c.Facts, func(f FactItem) bool { return f.FactID == s.FactID })
		if !ok || known.Stale || found || gone[s.FactID] || known.Ref.CompanyID != c.CompanyID {
			continue
		}
		gone[s.FactID] = true
		out = append(out, events.FactStale{FactRef: known.Ref, Reason: s.Reason})
	}
	return out, gone, nil
}

func checkOutcome(r events.ResearchOutcome) error {
	switch {
	case r.Pages < 0 || r.Pages > maxPagesASite || r.Read < 0 || r.Refused < 0:
		return errInvalid("pages", "must be 0 to "+strconv.Itoa(maxPagesASite))
	case r.EndedAt.IsZero():
		return errInvalid("ended_at", "is missing")
	case len(r.Report.C) > 32<<10:
		return errInvalid("report", "must be at most 32 KiB")
	}
	return nil
}

// EndResearch says why a site couldn't be read, or why that wasn't tried.
type EndResearch struct {
	events.ResearchRef
	events.ResearchOutcome
	Reason string `json:"reason"`
	Tried  bool   `json:"tried"`
}

func (EndResearch) CommandType() string { return "research.end.v1" }

// Decide has nothing to do when it has ended. Where the company's domain has no site of its own that can be read, it is searched for.
func (c EndResearch) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	domain, ok := o.Known.Researching(c.ResearchID)
	if !ok {
		return nil, nil
	}
	if err := checkOutcome(c.ResearchOutcome); err != nil {
		return nil, err
	}
	if !c.Tried {
		switch c.Reason {
		case events.ResearchRefusedHost, events.ResearchGone, events.ResearchOff:
			return oneEvent(events.ResearchSkipped{ResearchRef: c.ResearchRef, Reason: c.Reason, SkippedAt: c.EndedAt})
		}
		return nil, errInvalid("reason", "is unknown")
	}
	failed := events.ResearchFailed{ResearchRef: c.ResearchRef, ResearchOutcome: c.ResearchOutcome, Reason: c.Reason}
	switch c.Reason {
	case events.ResearchUnreachable, events.ResearchElsewhere, events.ResearchBadStatus:
		return append([]events.Event{failed}, o.Researcher(now).AfterFailure(c.ResearchRef, domain, c.Pages)...), nil
	case events.ResearchForbidden, events.ResearchPrivate, events.ResearchSlow, events.ResearchUnreadable: // there is one
		return oneEvent(failed)
	}
	return nil, errInvalid("reason", "is unknown")
}

// Bounds of settings.
const (
	maxPagesASite   = 20
	maxPagesPerDay  = 100_000
	maxResearchWait = 24 * 60 // minutes
	maxKeepDays     = 365
)

// SetResearch replaces an organisation's settings of research.
type SetResearch struct {
	events.ResearchSettings
}

func (SetResearch) CommandType() string { return "research.set.v1" }

// Decide has nothing to do when they hold already.
func (c SetResearch) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case o.Known.Research.Settings() == c.ResearchSettings:
		return nil, nil
	case c.PagesASite < 1 || c.PagesASite > maxPagesASite:
		return nil, errInvalid("pages_a_site", "must be 1 to "+strconv.Itoa(maxPagesASite))
	case c.PagesPerDay < 0 || c.PagesPerDay > maxPagesPerDay:
		return nil, errInvalid("pages_per_day", "must be 0 (none) to "+strconv.Itoa(maxPagesPerDay))
	case c.KeepDays < 0 || c.KeepDays > maxKeepDays:
		return nil, errInvalid("keep_days", "must be 0 to "+strconv.Itoa(maxKeepDays))
	}
	return oneEvent(events.ResearchSettingsSet{ResearchSettingsRef: events.ResearchSettingsRef{OrganizationID: o.ID}, ResearchSettings: c.ResearchSettings})
}

// SetCampaignResearch says whether and how the companies of a campaign's people are looked at.
type SetCampaignResearch struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignResearch
}

func (SetCampaignResearch) CommandType() string { return "research.set_campaign.v1" }

// Decide has nothing to do when it is so already.
func (c SetCampaignResearch) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Research() == c.CampaignResearch:
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	case c.WaitMinutes < 0 || c.WaitMinutes > maxResearchWait:
		return nil, errInvalid("wait_minutes", "must be 0 (not at all) to "+strconv.Itoa(maxResearchWait))
	case c.PagesPerDay < 0 || c.PagesPerDay > maxPagesPerDay:
		return nil, errInvalid("pages_per_day", "must be 0 (as the organisation's) to "+strconv.Itoa(maxPagesPerDay))
	}
	return oneEvent(events.CampaignResearchSet{ResearchSettingsRef: events.ResearchSettingsRef{OrganizationID: o.ID, CampaignID: c.CampaignID}, CampaignResearch: c.CampaignResearch})
}
