package events

import (
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// FactRef names a fact about a lead or a company. What a lead's says is sealed under the lead's key, what a company's says under the company's.
type FactRef struct {
	FactID    uuid.UUID `json:"fact_id"`
	LeadID    uuid.UUID `json:"lead_id,omitzero"`    // that it is about; or
	CompanyID uuid.UUID `json:"company_id,omitzero"` // which follows from the organisation and the company's domain
}

func (r FactRef) AggregateID() string { return r.Subject().String() }

// Subject returns who the fact is about.
func (r FactRef) Subject() uuid.UUID {
	if r.LeadID != uuid.Nil {
		return r.LeadID
	}
	return r.CompanyID
}

// How a fact was found.
const (
	FactByJSONLD   = "json_ld"  // data that a page gives for machines
	FactByRule     = "rule"     // a rule on a page's words
	FactByModel    = "model"    // a language model, on a page's words
	FactByPerson   = "person"   // somebody of the organisation
	FactByImport   = "import"   // data that the organisation has brought
	FactByProvider = "provider" // a provider of data
)

// FactFound is something that is known of a lead or a company, with where it is from. The sealed value is a JSON object {object, source_url, quote, content_hash, fetched_at}.
type FactFound struct {
	FactRef
	Predicate  string    `json:"predicate"`
	Method     string    `json:"method"`
	Confidence int       `json:"confidence"` // in percent
	Content    Sealed    `json:"content"`
	FoundAt    time.Time `json:"found_at"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"` // from then on it may not be said any more
}

func (FactFound) EventType() string { return "fact.found.v1" }

// Why a fact may not be said any more.
const (
	FactWithdrawn   = "withdrawn" // a person has taken it back
	FactPageGone    = "page_gone"
	FactPageChanged = "page_changed" // the page no longer says it
)

// FactStale says that a fact may not be said any more.
type FactStale struct {
	FactRef
	Reason string `json:"reason"`
}

func (FactStale) EventType() string { return "fact.stale.v1" }

// CompanyRef names a company.
type CompanyRef struct {
	CompanyID uuid.UUID `json:"company_id"`
}

func (r CompanyRef) AggregateID() string { return r.CompanyID.String() }

// CompanyID returns the id of the company of a domain, of which only the hash is in the log.
func CompanyID(org uuid.UUID, domainHash string) uuid.UUID {
	return es.DeriveID(org, "company", domainHash)
}

// CompanyRecorded makes a record of a company when the first fact about it comes. The sealed value is a JSON object {name, domain}.
type CompanyRecorded struct {
	CompanyRef
	DomainHash string `json:"domain_hash"`
	Details    Sealed `json:"details"`
}

func (CompanyRecorded) EventType() string { return "company.recorded.v1" }
