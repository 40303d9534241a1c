package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// What the sealed values of facts and companies are bound to.
const (
	FactField    = "fact"
	CompanyField = "company"
	// DraftEvidenceField is of what the evidence gate says of a draft, ReasonField of why a person answers for it; both under the lead's key.
	DraftEvidenceField = "draft_evidence"
	ReasonField        = "reason"
)

// FactContent is the sealed value of a fact.
type FactContent struct {
	Object      string    `json:"object"`
	SourceURL   string    `json:"source_url,omitzero"`
	Quote       string    `json:"quote,omitzero"`
	ContentHash string    `json:"content_hash,omitzero"` // of the page
	FetchedAt   time.Time `json:"fetched_at,omitzero"`
}

// CompanyDetails is the sealed value of a company.
type CompanyDetails struct {
	Name   string `json:"name,omitzero"`
	Domain string `json:"domain"`
}

// Fact is a row of read.facts.
type Fact struct {
	OrgID       uuid.UUID  `db:"org_id"`
	FactID      uuid.UUID  `db:"fact_id"`
	Oseq        int64      `db:"oseq"`
	LeadID      *uuid.UUID `db:"lead_id"`
	CompanyID   *uuid.UUID `db:"company_id"`
	Predicate   string     `db:"predicate"`
	Object      *string    `db:"object"` // nil once the person is erased; so are the next two
	SourceURL   *string    `db:"source_url"`
	Quote       *string    `db:"quote"`
	ContentHash string     `db:"content_hash"`
	Method      string     `db:"method"`
	Confidence  int        `db:"confidence"`
	FoundAt     time.Time  `db:"found_at"`
	ExpiresAt   *time.Time `db:"expires_at"`
	StaleAt     *time.Time `db:"stale_at"`
	StaleReason string     `db:"stale_reason"`
	ActorKind   string     `db:"actor_kind"`
	ActorID     string     `db:"actor_id"`
	RecordedAt  time.Time  `db:"recorded_at"`
}

// Usable reports whether a fact may be said at a time.
func (f *Fact) Usable(at time.Time) bool {
	return f.Object != nil && f.StaleAt == nil && (f.ExpiresAt == nil || at.Before(*f.ExpiresAt))
}

// Company is a row of read.companies.
type Company struct {
	OrgID      uuid.UUID `db:"org_id"`
	CompanyID  uuid.UUID `db:"company_id"`
	Oseq       int64     `db:"oseq"`
	Name       *string   `db:"name"`
	Domain     *string   `db:"domain"`
	RecordedAt time.Time `db:"recorded_at"`
}

type factFold struct{ keys Keys }

func (f factFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "facts", []string{"object", "source_url", "quote"}, erasedIn(batch)); err != nil {
		return err
	}
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		switch p := events.As[events.FactEvent](e.Payload).(type) {
		case events.FactFound:
			touched, refs = append(touched, id{e.Org, p.FactID}), append(refs, keyRef(e.Org, p.Subject(), p.Content))
		case events.FactStale:
			touched = append(touched, id{e.Org, p.FactID})
		case events.CompanyRecorded:
			touched, refs = append(touched, id{e.Org, p.CompanyID}), append(refs, keyRef(e.Org, p.CompanyID, p.Details))
		}
	}
	if len(touched) == 0 {
		return nil
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows, companies := newFold[id, Fact](), newFold[id, Company]()
	if err := loadRows(ctx, tx, rows, "facts", "fact_id", touched, func(r *Fact) id { return id{r.OrgID, r.FactID} }); err != nil {
		return err
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		switch p := events.As[events.FactEvent](e.Payload).(type) {
		case events.FactFound:
			row, err := newFact(t, e, p, e.Oseq < erased[id{e.Org, p.LeadID}])
			if err != nil {
				return err
			}
			rows.putRow(id{e.Org, p.FactID}, row)
		case events.FactStale:
			if row := rows.rows[id{e.Org, p.FactID}]; row != nil {
				row.StaleAt, row.StaleReason = &e.Time, p.Reason
			}
		case events.CompanyRecorded:
			row, err := newCompany(t, e, p)
			if err != nil {
				return err
			}
			companies.putRow(id{e.Org, p.CompanyID}, row)
		}
	}
	if err := upsertRows(ctx, tx, "facts", "org_id, fact_id", rows.liveRows()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "companies", "org_id, company_id", companies.liveRows())
}

func newFact(t *opener, e *es.Event, p events.FactFound, erased bool) (*Fact, error) {
	row := &Fact{OrgID: e.Org, FactID: p.FactID, Oseq: e.Oseq, LeadID: nilIfZero(p.LeadID), CompanyID: nilIfZero(p.CompanyID), Predicate: replaceNUL(p.Predicate), Method: p.Method,
		Confidence: p.Confidence, FoundAt: p.FoundAt, ActorKind: e.Actor.Kind, ActorID: replaceNUL(e.Actor.ID), RecordedAt: e.Time}
	if !p.ExpiresAt.IsZero() {
		row.ExpiresAt = &p.ExpiresAt
	}
	if erased {
		return row, nil
	}
	text, err := t.openText(e.Org, p.Subject(), FactField, p.Content)
	if err != nil || text == nil {
		return row, err
	}
	var is FactContent
	if json.Unmarshal([]byte(*text), &is) == nil { // else it was written by someone who shouldn't
		row.Object, row.SourceURL, row.Quote, row.ContentHash = &is.Object, &is.SourceURL, &is.Quote, is.ContentHash
	}
	return row, nil
}

func newCompany(t *opener, e *es.Event, p events.CompanyRecorded) (*Company, error) {
	row := &Company{OrgID: e.Org, CompanyID: p.CompanyID, Oseq: e.Oseq, RecordedAt: e.Time}
	text, err := t.openText(e.Org, p.CompanyID, CompanyField, p.Details)
	if err != nil || text == nil {
		return row, err
	}
	var is CompanyDetails
	if json.Unmarshal([]byte(*text), &is) == nil {
		row.Name, row.Domain = &is.Name, &is.Domain
	}
	return row, nil
}

// FactsAbout returns what is known of a lead and of a company, the newest first; uuid.Nil is neither.
func FactsAbout(ctx context.Context, tx pgx.Tx, org, lead, company uuid.UUID, limit int) ([]*Fact, error) {
	rows, err := tx.Query(ctx, selectFrom[Fact]("facts")+`where org_id = $1 and (lead_id = $2 or company_id = $3) order by oseq desc limit $4`, org, lead, company, limit)
	return collectAll[Fact](rows, err, "list facts")
}

// GetCompany returns pgx.ErrNoRows when the organisation has no such company.
func GetCompany(ctx context.Context, tx pgx.Tx, org, company uuid.UUID) (*Company, error) {
	rows, err := tx.Query(ctx, selectFrom[Company]("companies")+`where org_id = $1 and company_id = $2`, org, company)
	return collectOne[Company](rows, err, "get company")
}

// ListCompanies returns companies, the oldest record first. after is the oseq of the last one seen.
func ListCompanies(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Company, error) {
	rows, err := tx.Query(ctx, selectFrom[Company]("companies")+`where org_id = $1 and oseq > $2 order by oseq limit $3`, org, after, limit)
	return collectAll[Company](rows, err, "list companies")
}
