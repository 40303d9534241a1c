package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// askSearch searches for the site of a company of which just the name may be known.
func askSearch(o *aggregates.Organization, r *aggregates.Researcher, lead *aggregates.Lead) ([]events.Event, error) {
	if o.Known.Research.Settings().Off {
		return nil, errInvalid("research", reasonResearchOff)
	}
	e, off, busy, full := r.AskSearch(lead)
	switch {
	case off:
		return nil, errInvalid("lead_id", "has an address of a public mail provider: there is no company")
	case busy:
		return nil, nil
	case full:
		return nil, errInvalid("research", reasonNoPages)
	}
	return oneEvent(e)
}

// FinishWebSearch says what came of a search. Whoever says it again changes nothing: it has ended.
type FinishWebSearch struct {
	events.WebSearchRef
	Outcome    string        `json:"outcome"`
	Reason     string        `json:"reason,omitzero"`
	Results    int           `json:"results"`
	Refused    int           `json:"refused"`
	Looked     int           `json:"looked"`
	Pages      int           `json:"pages"`
	DomainHash string        `json:"domain_hash,omitzero"` // of the site that was found
	Company    events.Sealed `json:"company,omitzero"`     // details with the site's domain, sealed under the key of the company whose it is
	EndedAt    time.Time     `json:"ended_at"`
}

func (FinishWebSearch) CommandType() string { return "web_search.finish.v1" }

// Decide has the site read that was found.
func (c FinishWebSearch) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	searched, ok := o.Known.Searching(c.SearchID)
	if !ok {
		return nil, nil
	}
	if err := c.check(searched); err != nil {
		return nil, err
	}
	ended := events.WebSearchEnded{WebSearchRef: c.WebSearchRef, Outcome: c.Outcome, Reason: c.Reason, Results: c.Results, Refused: c.Refused, Looked: c.Looked, Pages: c.Pages, EndedAt: c.EndedAt}
	if o.Leads.Get(c.LeadID) == nil {
		ended.Outcome, ended.Reason = events.WebSearchSkipped, events.WebSearchGone
	}
	if ended.Outcome != events.WebSearchFound {
		return oneEvent(ended)
	}
	var out []events.Event
	ended.CompanyID, ended.DomainHash = CompanyID(o.ID, c.DomainHash), c.DomainHash
	if c.MailCompanyID != uuid.Nil {
		ended.CompanyID, ended.Site = c.MailCompanyID, c.Company
	} else if !o.Known.HasCompany(ended.CompanyID) {
		out = append(out, events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: ended.CompanyID}, DomainHash: c.DomainHash, Details: c.Company})
	}
	return append(append(out, ended), o.Researcher(now).AfterSearch(c.WebSearchRef, c.DomainHash, c.Pages)...), nil
}

func (c FinishWebSearch) check(searched uuid.UUID) error {
	found := c.Outcome == events.WebSearchFound
	switch c.Outcome {
	case events.WebSearchFound, events.WebSearchNotFound, events.WebSearchSeveral, events.WebSearchFailed, events.WebSearchSkipped:
	default:
		return errInvalid("outcome", "is unknown")
	}
	switch {
	case searched != c.Searched():
		return errInvalid("search_id", "is another one's")
	case found != (c.DomainHash != "") || found && !validHash(c.DomainHash):
		return errInvalid("domain_hash", "belongs to a site that was found; "+reasonHash)
	case found == c.Company.IsZero():
		return errInvalid("company", "belongs to a site that was found")
	case min(c.Results, c.Refused, c.Looked, c.Pages) < 0 || max(c.Results, c.Refused, c.Looked, c.Pages) > maxPagesASite:
		return errInvalid("pages", "must be 0 to 20, as the other counts")
	case c.EndedAt.IsZero():
		return errInvalid("ended_at", "is missing")
	}
	return checkText("reason", c.Reason, 0, 50)
}
