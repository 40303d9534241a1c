package events

import (
	"time"

	"github.com/google/uuid"
)

// WebSearchRef names one search for the web site of a lead's company, and for whom it was asked.
type WebSearchRef struct {
	SearchID   uuid.UUID `json:"search_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
	// MailCompanyID is the company of the domain at which the lead has their address and whose site can't be read; zero where that domain is a public mail provider's.
	MailCompanyID uuid.UUID `json:"mail_company_id,omitzero"`
}

func (r WebSearchRef) AggregateID() string { return r.LeadID.String() }

// Subjects returns whom it is about.
func (r WebSearchRef) Subjects() []uuid.UUID {
	if r.MailCompanyID == uuid.Nil {
		return []uuid.UUID{r.LeadID}
	}
	return []uuid.UUID{r.LeadID, r.MailCompanyID}
}

// Searched returns whose company's site is searched for: all people of a domain, or the lead alone.
func (r WebSearchRef) Searched() uuid.UUID {
	if r.MailCompanyID != uuid.Nil {
		return r.MailCompanyID
	}
	return r.LeadID
}

// ResearchNoSite is why a search follows a reading: the site of the lead's own domain couldn't be read. The other reasons are those of readings.
const ResearchNoSite = "no_site"

// ResearchFound is why a site is read that a search has found.
const ResearchFound = "found"

// WebSearchRequested asks for it. So many pages are set aside of the day's budgets, to see whose the sites are that are found.
type WebSearchRequested struct {
	WebSearchRef
	Reason      string    `json:"reason"`
	Pages       int       `json:"pages"`
	RequestedAt time.Time `json:"requested_at"`
}

func (WebSearchRequested) EventType() string { return "web_search.requested.v1" }

// What came of a search.
const (
	WebSearchFound    = "found"     // one site that shows itself to be the company's
	WebSearchNotFound = "not_found" // none does
	WebSearchSeveral  = "several"   // more than one does: none is taken
	WebSearchFailed   = "failed"    // the search engine couldn't be asked, or not within the budget
	WebSearchSkipped  = "skipped"   // nobody was asked
)

// Why nobody was asked; of a search that failed the reason is that of its call in the ledger.
const (
	WebSearchNoName   = "no_name" // it isn't known what the company is called, or it is called like the person
	WebSearchOff      = "off"
	WebSearchGone     = "gone"
	WebSearchNoBudget = "budget" // of the day's pages
)

// WebSearchEnded says what came of it. What results say is kept nowhere; the addresses lie in the ledger of calls, sealed under the lead's key.
type WebSearchEnded struct {
	WebSearchRef
	Outcome    string    `json:"outcome"`
	Reason     string    `json:"reason,omitzero"`
	Results    int       `json:"results"`              // of the search engine
	Refused    int       `json:"refused"`              // of them, at hosts of which nothing is read
	Looked     int       `json:"looked"`               // sites that were looked at
	Pages      int       `json:"pages"`                // that were asked for: what isn't used of the budget is free again
	CompanyID  uuid.UUID `json:"company_id,omitzero"`  // whose site was found: that of the site's domain, or that of the mail domain
	DomainHash string    `json:"domain_hash,omitzero"` // of the site
	Site       Sealed    `json:"site,omitzero"`        // details of the company of a mail domain, with the site's domain instead of its own
	EndedAt    time.Time `json:"ended_at"`
}

func (WebSearchEnded) EventType() string { return "web_search.ended.v1" }
