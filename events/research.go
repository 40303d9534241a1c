package events

import (
	"time"

	"github.com/google/uuid"
)

// ResearchRef names one reading of a company's web site, and for whom it was asked.
type ResearchRef struct {
	ResearchID uuid.UUID `json:"research_id"`
	CompanyID  uuid.UUID `json:"company_id"`
	LeadID     uuid.UUID `json:"lead_id,omitzero"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
}

func (r ResearchRef) AggregateID() string { return r.CompanyID.String() }

// Subjects returns whom it is about.
func (r ResearchRef) Subjects() []uuid.UUID {
	if r.LeadID == uuid.Nil {
		return []uuid.UUID{r.CompanyID}
	}
	return []uuid.UUID{r.CompanyID, r.LeadID}
}

// Why a company's site is read.
const (
	ResearchEnrolled = "enrolled" // one of its people came to a campaign that wants it
	ResearchAsked    = "asked"    // by somebody
	ResearchExpired  = "expired"  // what was found is too old, and somebody there is written to
)

// ResearchRequested asks for it. So many pages are set aside of the day's budgets.
type ResearchRequested struct {
	ResearchRef
	DomainHash  string    `json:"domain_hash"`
	Reason      string    `json:"reason"`
	Pages       int       `json:"pages"`
	RequestedAt time.Time `json:"requested_at"`
}

func (ResearchRequested) EventType() string { return "research.requested.v1" }

// ResearchOutcome is what came of it. The report is sealed under the company's key: a JSON object {pages: [{url, outcome, status, fetched_at, hash, facts}]}.
type ResearchOutcome struct {
	Pages   int       `json:"pages"`   // that were asked for: what isn't used of the budget is free again
	Read    int       `json:"read"`    // of them
	Refused int       `json:"refused"` // of them, by the site or by us
	EndedAt time.Time `json:"ended_at"`
	Report  Sealed    `json:"report,omitzero"`
}

// ResearchCompleted stands behind the facts that were found, in the same batch.
type ResearchCompleted struct {
	ResearchRef
	ResearchOutcome
	Facts      int       `json:"facts"`   // that were found, known ones too
	Dropped    int       `json:"dropped"` // whose words don't stand in the page, or which another page contradicts
	Stale      int       `json:"stale"`   // that were known and aren't found any more
	FreshUntil time.Time `json:"fresh_until"`
}

func (ResearchCompleted) EventType() string { return "research.completed.v1" }

// Why a site couldn't be read at all.
const (
	ResearchUnreachable = "unreachable"
	ResearchForbidden   = "robots"  // the site wants no programs
	ResearchPrivate     = "private" // its name leads to an address that isn't public
	ResearchElsewhere   = "elsewhere"
	ResearchBadStatus   = "status"
	ResearchSlow        = "slow"
	ResearchUnreadable  = "unreadable"
)

// ResearchFailed says that the site couldn't be read.
type ResearchFailed struct {
	ResearchRef
	ResearchOutcome
	Reason string `json:"reason"`
}

func (ResearchFailed) EventType() string { return "research.failed.v1" }

// Why nothing was even tried.
const (
	ResearchOverBudget  = "budget" // of the campaign's or the organisation's day
	ResearchRefusedHost = "refused_host"
	ResearchGone        = "gone" // who it was for isn't there any more
	ResearchOff         = "off"  // switched off meanwhile
)

// ResearchSkipped says that nothing was tried.
type ResearchSkipped struct {
	ResearchRef
	Reason    string    `json:"reason"`
	SkippedAt time.Time `json:"skipped_at"`
}

func (ResearchSkipped) EventType() string { return "research.skipped.v1" }

// ResearchSettingsRef names whose settings they are.
type ResearchSettingsRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	CampaignID     uuid.UUID `json:"campaign_id,omitzero"`
}

func (r ResearchSettingsRef) AggregateID() string {
	if r.CampaignID != uuid.Nil {
		return r.CampaignID.String()
	}
	return r.OrganizationID.String()
}

// ResearchSettings are an organisation's.
type ResearchSettings struct {
	Off         bool `json:"off,omitzero"`
	PagesASite  int  `json:"pages_a_site"`
	PagesPerDay int  `json:"pages_per_day"` // UTC
	KeepDays    int  `json:"keep_days"`     // pages are kept for so long; facts stay
}

// ResearchSettingsSet replaces them.
type ResearchSettingsSet struct {
	ResearchSettingsRef
	ResearchSettings
}

func (ResearchSettingsSet) EventType() string { return "research.settings_set.v1" }

// CampaignResearch is whether and how the companies of a campaign's people are looked at.
type CampaignResearch struct {
	On          bool `json:"on,omitzero"`
	WaitMinutes int  `json:"wait_minutes"`           // a first message waits for it at most so long; 0 = not at all
	PagesPerDay int  `json:"pages_per_day,omitzero"` // 0 = as the organisation's
}

// CampaignResearchSet replaces it.
type CampaignResearchSet struct {
	ResearchSettingsRef
	CampaignResearch
}

func (CampaignResearchSet) EventType() string { return "research.campaign_set.v1" }
