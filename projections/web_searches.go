package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// WebSearch is a row of read.web_searches: one search for the web site of a lead's company.
type WebSearch struct {
	OrgID         uuid.UUID  `db:"org_id"`
	SearchID      uuid.UUID  `db:"search_id"`
	Oseq          int64      `db:"oseq"`
	SearchedID    uuid.UUID  `db:"searched_id"`
	LeadID        uuid.UUID  `db:"lead_id"`
	CampaignID    *uuid.UUID `db:"campaign_id"`
	MailCompanyID *uuid.UUID `db:"mail_company_id"`
	Cause         string     `db:"cause"`
	State         string     `db:"state"` // ResearchIsRequested, or an outcome of events.WebSearchEnded
	Reason        string     `db:"reason"`
	Results       int        `db:"results"`
	Refused       int        `db:"refused"`
	Looked        int        `db:"looked"`
	Pages         int        `db:"pages"`
	CompanyID     *uuid.UUID `db:"company_id"`
	Site          *string    `db:"site"`
	RequestedAt   time.Time  `db:"requested_at"`
	EndedAt       *time.Time `db:"ended_at"`
	ActorKind     string     `db:"actor_kind"`
	ActorID       string     `db:"actor_id"`
}

func (f researchFold) foldWebSearches(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.WebSearchRequested:
			touched = append(touched, id{e.Org, p.SearchID})
		case events.WebSearchEnded:
			touched, refs = append(touched, id{e.Org, p.SearchID}), appendReport(refs, e.Org, p.MailCompanyID, p.Site)
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
	rows := newFold[id, WebSearch]()
	if err := loadRows(ctx, tx, rows, "web_searches", "search_id", touched, func(r *WebSearch) id { return id{r.OrgID, r.SearchID} }); err != nil {
		return err
	}
	rowOf := func(e *es.Event, r events.WebSearchRef) *WebSearch {
		key := id{e.Org, r.SearchID}
		if row := rows.rows[key]; row != nil {
			return row
		}
		row := &WebSearch{OrgID: e.Org, SearchID: r.SearchID, Oseq: e.Oseq, SearchedID: r.Searched(), LeadID: r.LeadID, CampaignID: nilIfZero(r.CampaignID), MailCompanyID: nilIfZero(r.MailCompanyID),
			State: ResearchIsRequested, RequestedAt: e.Time, ActorKind: e.Actor.Kind, ActorID: replaceNUL(e.Actor.ID)}
		rows.putRow(key, row)
		return row
	}
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.WebSearchRequested:
			row := rowOf(e, p.WebSearchRef)
			row.Cause, row.Pages = p.Reason, p.Pages
		case events.WebSearchEnded:
			row := rowOf(e, p.WebSearchRef)
			row.State, row.Reason, row.Results, row.Refused, row.Looked, row.Pages, row.CompanyID, row.EndedAt = p.Outcome, p.Reason, p.Results, p.Refused, p.Looked, p.Pages, nilIfZero(p.CompanyID), &p.EndedAt
			if row.Site, err = t.openSite(e.Org, p); err != nil {
				return err
			}
		}
	}
	return upsertRows(ctx, tx, "web_searches", "org_id, search_id", rows.liveRows())
}

// openSite reads the domain of a site that isn't the company's own; nil where there is none, or its key is gone.
func (t *opener) openSite(org uuid.UUID, p events.WebSearchEnded) (*string, error) {
	if p.Site.IsZero() {
		return nil, nil
	}
	text, err := t.openText(org, p.MailCompanyID, CompanyField, p.Site)
	if err != nil || text == nil {
		return nil, err
	}
	var d CompanyDetails
	_ = json.Unmarshal([]byte(*text), &d) // else it was written by someone who shouldn't
	if d.Domain == "" {
		return nil, nil
	}
	return new(replaceNUL(d.Domain)), nil
}

// WebSearchesFor returns the searches for the company of a lead, or of a mail domain, the newest first.
func WebSearchesFor(ctx context.Context, tx pgx.Tx, org, searched uuid.UUID, limit int) ([]*WebSearch, error) {
	rows, err := tx.Query(ctx, selectFrom[WebSearch]("web_searches")+`where org_id = $1 and searched_id = $2 order by oseq desc limit $3`, org, searched, limit)
	return collectAll[WebSearch](rows, err, "list searches")
}

// SiteOf returns the domain of the site that a search has found for the company of a mail domain; "" = none has.
func SiteOf(ctx context.Context, tx pgx.Tx, org, company uuid.UUID) (site string, err error) {
	err = tx.QueryRow(ctx, `select site from read.web_searches where org_id = $1 and searched_id = $2 and site is not null order by oseq desc limit 1`, org, company).Scan(&site)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("get site that was found: %w", err)
	}
	return site, nil
}

// foundCompanies returns the companies that searches have found for leads, by lead.
func foundCompanies(ctx context.Context, tx pgx.Tx, org uuid.UUID, searched []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `select distinct on (searched_id) searched_id, company_id from read.web_searches where org_id = $1 and searched_id = any($2) and company_id is not null order by searched_id, oseq desc`, org, searched)
	if err != nil {
		return nil, fmt.Errorf("get companies that were found: %w", err)
	}
	out := map[uuid.UUID]uuid.UUID{}
	var of, company uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&of, &company}, func() error {
		out[of] = company
		return nil
	}); err != nil {
		return nil, fmt.Errorf("get companies that were found: %w", err)
	}
	return out, nil
}

// SearchedFor returns under what searches for a lead's company are known: their own id, or the company of the domain of their address.
func (l *Lead) SearchedFor() uuid.UUID {
	if l.isFreeMail() {
		return l.LeadID
	}
	return events.CompanyID(l.OrgID, l.DomainHash)
}

func (l *Lead) isFreeMail() bool { return l.Email != nil && pii.IsFreeMail(pii.Domain(*l.Email)) }

// CompanyOf returns a lead's company: that of the domain of their address, or of a public mail provider's the one that a search has found; uuid.Nil = none.
func CompanyOf(ctx context.Context, tx pgx.Tx, lead *Lead) (uuid.UUID, error) {
	switch {
	case lead.Email == nil: // nothing is known of them
		return uuid.Nil, nil
	case !lead.isFreeMail():
		return events.CompanyID(lead.OrgID, lead.DomainHash), nil
	}
	found, err := foundCompanies(ctx, tx, lead.OrgID, []uuid.UUID{lead.LeadID})
	return found[lead.LeadID], err
}

// PeopleFound returns the leads whose company is one because a search says so; those of a mail domain go by its company.
func PeopleFound(ctx context.Context, tx pgx.Tx, org, company uuid.UUID, limit int) ([]*Lead, error) {
	rows, err := tx.Query(ctx, selectFrom[Lead]("leads")+`where org_id = $1 and email is not null and lead_id in (select lead_id from read.web_searches where org_id = $1 and company_id = $2 and mail_company_id is null) order by oseq limit $3`, org, company, limit)
	return collectAll[Lead](rows, err, "list people of a company that was found")
}
