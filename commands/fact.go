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

const (
	// MaxFacts bounds those about one lead, and those about one company, that may be said.
	MaxFacts = 200
	// MaxFactItems bounds those of one command.
	MaxFactItems = 50
)

// CompanyID returns the id of the company of a domain, of which only the hash is in the log.
func CompanyID(org uuid.UUID, domainHash string) uuid.UUID {
	return events.CompanyID(org, domainHash)
}

// FactItem is a fact as the edge sends it. FactID follows from what it says and where it is from, so that the same one found again is known.
type FactItem struct {
	FactID     uuid.UUID     `json:"fact_id"`
	OfCompany  bool          `json:"of_company,omitzero"` // about the lead's company, sealed under its key
	Predicate  string        `json:"predicate"`
	Method     string        `json:"method"`
	Confidence int           `json:"confidence"`
	Content    events.Sealed `json:"content"`
	FoundAt    time.Time     `json:"found_at"`
	ExpiresAt  time.Time     `json:"expires_at,omitzero"`
}

// RecordFacts records what was found of a lead and their company.
type RecordFacts struct {
	LeadID     uuid.UUID     `json:"lead_id"`
	DomainHash string        `json:"domain_hash,omitzero"` // of the lead's address, when the edge sealed facts under the company's key
	Company    events.Sealed `json:"company,omitzero"`     // its details, likewise
	Facts      []FactItem    `json:"facts"`
}

func (RecordFacts) CommandType() string { return "fact.record.v1" }

// Decide has nothing to do for facts that are known. One that went stale is found again.
func (c RecordFacts) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	lead := o.Leads.Get(c.LeadID)
	switch {
	case lead == nil:
		return nil, errNotFound(c.LeadID)
	case len(c.Facts) == 0 || len(c.Facts) > MaxFactItems:
		return nil, errInvalid("facts", "must be 1 to "+strconv.Itoa(MaxFactItems))
	}
	company := CompanyID(o.ID, c.DomainHash)
	count := map[uuid.UUID]int{lead.ID: o.Known.Count(lead.ID), company: o.Known.Count(company)}
	seen := map[uuid.UUID]bool{}
	recorded := o.Known.HasCompany(company)
	var out []events.Event
	for _, f := range c.Facts {
		if err := f.checkFields(); err != nil {
			return nil, err
		}
		ref := events.FactRef{FactID: f.FactID, LeadID: lead.ID}
		if f.OfCompany {
			if lead.FreeMail || lead.Domain.String() != c.DomainHash {
				return nil, errInvalid("about", "the lead's address has no company's domain, or another one by now")
			}
			ref = events.FactRef{FactID: f.FactID, CompanyID: company}
			if !recorded {
				if c.Company.IsZero() {
					return nil, errInvalid("company", "is missing")
				}
				recorded = true
				out = append(out, events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: company}, DomainHash: c.DomainHash, Details: c.Company})
			}
		}
		known, ok := o.Known.Fact(f.FactID)
		switch {
		case ok && known.Ref != ref:
			return nil, errAlreadyExists(f.FactID)
		case ok && !known.Stale || seen[f.FactID]:
			continue
		}
		seen[f.FactID] = true
		if count[ref.Subject()]++; count[ref.Subject()] > MaxFacts {
			return nil, errInvalid("facts", "at most "+strconv.Itoa(MaxFacts)+" are kept of one subject; withdraw some")
		}
		out = append(out, events.FactFound{FactRef: ref, Predicate: f.Predicate, Method: f.Method, Confidence: f.Confidence, Content: f.Content, FoundAt: f.FoundAt, ExpiresAt: f.ExpiresAt})
	}
	return out, nil
}

func (f FactItem) checkFields() error {
	switch f.Method {
	case events.FactByJSONLD, events.FactByRule, events.FactByModel, events.FactByPerson, events.FactByImport, events.FactByProvider:
	default:
		return errInvalid("method", "is unknown")
	}
	switch {
	case f.FactID == uuid.Nil:
		return errInvalid("fact_id", "is missing")
	case f.Content.IsZero():
		return errInvalid("content", "is missing")
	case len(f.Content.C) > 16<<10:
		return errInvalid("content", "must be at most 16 KiB")
	case f.Confidence < 0 || f.Confidence > 100:
		return errInvalid("confidence", "must be 0 to 100")
	case f.FoundAt.IsZero():
		return errInvalid("found_at", "is missing")
	case !f.ExpiresAt.IsZero() && !f.ExpiresAt.After(f.FoundAt):
		return errInvalid("expires_at", "must be after found_at")
	}
	return checkText("predicate", f.Predicate, 1, 40)
}

// MarkFactsStale says that facts may not be said any more.
type MarkFactsStale struct {
	FactIDs []uuid.UUID `json:"fact_ids"`
	Reason  string      `json:"reason"`
}

func (MarkFactsStale) CommandType() string { return "fact.mark_stale.v1" }

// Decide has nothing to do for those that are stale. Drafts that say one of them, and haven't left, are taken up.
func (c MarkFactsStale) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("fact_ids", len(c.FactIDs)); err != nil {
		return nil, err
	}
	switch c.Reason {
	case events.FactWithdrawn, events.FactPageGone, events.FactPageChanged:
	default:
		return nil, errInvalid("reason", "is unknown")
	}
	seen := map[uuid.UUID]bool{}
	var out []events.Event
	for _, id := range c.FactIDs {
		f, ok := o.Known.Fact(id)
		switch {
		case !ok && len(c.FactIDs) == 1:
			return nil, errNotFound(id)
		case !ok || f.Stale || seen[id]:
			continue
		}
		seen[id] = true
		out = append(out, events.FactStale{FactRef: f.Ref, Reason: c.Reason})
	}
	return append(out, lapsedDrafts(o, slices.Collect(maps.Keys(seen)), events.LapsedFactStale)...), nil
}
