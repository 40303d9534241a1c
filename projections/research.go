package projections

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// ResearchField is what the report of a reading is bound to, under the company's key.
const ResearchField = "research"

// PageField is what a page that is kept is bound to, under the company's key.
const PageField = "page"

// States of a reading.
const (
	ResearchIsRequested = "requested"
	ResearchIsCompleted = "completed"
	ResearchIsFailed    = "failed"
	ResearchIsSkipped   = "skipped"
)

// Research is a row of read.researches: one reading of a company's web site.
type Research struct {
	OrgID       uuid.UUID  `db:"org_id"`
	ResearchID  uuid.UUID  `db:"research_id"`
	Oseq        int64      `db:"oseq"`
	CompanyID   uuid.UUID  `db:"company_id"`
	LeadID      *uuid.UUID `db:"lead_id"`
	CampaignID  *uuid.UUID `db:"campaign_id"`
	Cause       string     `db:"cause"`
	State       string     `db:"state"`
	Reason      string     `db:"reason"`
	Pages       int        `db:"pages"`
	PagesRead   int        `db:"pages_read"`
	Refused     int        `db:"refused"`
	Facts       int        `db:"facts"`
	Dropped     int        `db:"dropped"`
	Stale       int        `db:"stale"`
	Report      *string    `db:"report"` // a ResearchReport in JSON
	RequestedAt time.Time  `db:"requested_at"`
	EndedAt     *time.Time `db:"ended_at"`
	FreshUntil  *time.Time `db:"fresh_until"`
	ActorKind   string     `db:"actor_kind"`
	ActorID     string     `db:"actor_id"`
}

// ResearchReport is the sealed value of a reading's outcome.
type ResearchReport struct {
	Pages []ResearchPage `json:"pages"`
}

// ResearchPage is what became of a page.
type ResearchPage struct {
	URL       string    `json:"url"`
	Outcome   string    `json:"outcome"` // as internal/research calls it
	Status    int       `json:"status,omitzero"`
	Hash      string    `json:"hash,omitzero"` // of what is kept of it
	Facts     int       `json:"facts,omitzero"`
	FetchedAt time.Time `json:"fetched_at"`
}

// Read returns the report, an empty one where it can't be read.
func (r *Research) Read() (out ResearchReport) {
	if r.Report != nil {
		_ = json.Unmarshal([]byte(*r.Report), &out) // else it was written by someone who shouldn't
	}
	return out
}

// ResearchSettings is a row of read.research_settings: an organisation's (CampaignID is uuid.Nil) or a campaign's.
type ResearchSettings struct {
	OrgID      uuid.UUID       `db:"org_id"`
	CampaignID uuid.UUID       `db:"campaign_id"`
	Settings   json.RawMessage `db:"settings"` // events.ResearchSettings or events.CampaignResearch
}

type researchFold struct{ keys Keys }

func (f researchFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	var refs []pii.Ref
	var settings []*ResearchSettings
	if err := f.foldWebSearches(ctx, tx, batch); err != nil {
		return err
	}
	for _, e := range batch {
		switch p := events.As[events.ResearchEvent](e.Payload).(type) {
		case events.ResearchRequested:
			touched = append(touched, id{e.Org, p.ResearchID})
		case events.ResearchCompleted:
			touched, refs = append(touched, id{e.Org, p.ResearchID}), appendReport(refs, e.Org, p.CompanyID, p.Report)
		case events.ResearchFailed:
			touched, refs = append(touched, id{e.Org, p.ResearchID}), appendReport(refs, e.Org, p.CompanyID, p.Report)
		case events.ResearchSkipped:
			touched = append(touched, id{e.Org, p.ResearchID})
		case events.ResearchSettingsSet:
			settings = append(settings, &ResearchSettings{OrgID: e.Org, Settings: mustMarshal(p.ResearchSettings)})
		case events.CampaignResearchSet:
			settings = append(settings, &ResearchSettings{OrgID: e.Org, CampaignID: p.CampaignID, Settings: mustMarshal(p.CampaignResearch)})
		case events.WebSearchRequested, events.WebSearchEnded: // foldWebSearches
		}
	}
	if err := f.writeSettings(ctx, tx, settings); err != nil || len(touched) == 0 {
		return err
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := newFold[id, Research]()
	if err := loadRows(ctx, tx, rows, "researches", "research_id", touched, func(r *Research) id { return id{r.OrgID, r.ResearchID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := applyResearch(rows, t, e); err != nil {
			return err
		}
	}
	return upsertRows(ctx, tx, "researches", "org_id, research_id", rows.liveRows())
}

func appendReport(refs []pii.Ref, org, company uuid.UUID, report events.Sealed) []pii.Ref {
	if report.IsZero() {
		return refs
	}
	return append(refs, keyRef(org, company, report))
}

// writeSettings keeps the last of each.
func (f researchFold) writeSettings(ctx context.Context, tx pgx.Tx, all []*ResearchSettings) error {
	rows := newFold[id, ResearchSettings]()
	for _, s := range all {
		rows.putRow(id{s.OrgID, s.CampaignID}, s)
	}
	return upsertRows(ctx, tx, "research_settings", "org_id, campaign_id", rows.liveRows())
}

// mustMarshal is for plain values of our own.
func mustMarshal(v any) json.RawMessage {
	out, err := es.Marshal(v)
	if err != nil {
		return json.RawMessage("{}")
	}
	return out
}

func applyResearch(rows *fold[id, Research], t *opener, e *es.Event) error {
	rowOf := func(r events.ResearchRef) *Research {
		key := id{e.Org, r.ResearchID}
		if row := rows.rows[key]; row != nil {
			return row
		}
		row := &Research{OrgID: e.Org, ResearchID: r.ResearchID, Oseq: e.Oseq, CompanyID: r.CompanyID, LeadID: nilIfZero(r.LeadID), CampaignID: nilIfZero(r.CampaignID), State: ResearchIsRequested,
			RequestedAt: e.Time, ActorKind: e.Actor.Kind, ActorID: replaceNUL(e.Actor.ID)}
		rows.putRow(key, row)
		return row
	}
	switch p := events.As[events.ResearchEvent](e.Payload).(type) {
	case events.ResearchRequested:
		row := rowOf(p.ResearchRef)
		row.Cause, row.Pages = p.Reason, p.Pages
	case events.ResearchCompleted:
		row := rowOf(p.ResearchRef)
		row.State, row.Facts, row.Dropped, row.Stale, row.FreshUntil = ResearchIsCompleted, p.Facts, p.Dropped, p.Stale, &p.FreshUntil
		return row.end(t, p.ResearchRef, p.ResearchOutcome)
	case events.ResearchFailed:
		row := rowOf(p.ResearchRef)
		row.State, row.Reason = ResearchIsFailed, p.Reason
		return row.end(t, p.ResearchRef, p.ResearchOutcome)
	case events.ResearchSkipped:
		row := rowOf(p.ResearchRef)
		row.State, row.Reason, row.Pages, row.EndedAt = ResearchIsSkipped, p.Reason, 0, &p.SkippedAt
	case nil, events.ResearchSettingsSet, events.CampaignResearchSet, events.WebSearchRequested, events.WebSearchEnded: // change nothing here
	}
	return nil
}

func (r *Research) end(t *opener, ref events.ResearchRef, o events.ResearchOutcome) (err error) {
	r.Pages, r.PagesRead, r.Refused, r.EndedAt = o.Pages, o.Read, o.Refused, &o.EndedAt
	r.Report, err = t.openText(r.OrgID, ref.CompanyID, ResearchField, o.Report)
	return err
}

// ResearchSettingsOf reads what an organisation (campaign is uuid.Nil) or a campaign has set into out, which stays as it is where nothing was.
func ResearchSettingsOf(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, out any) error {
	rows, err := tx.Query(ctx, selectFrom[ResearchSettings]("research_settings")+`where org_id = $1 and campaign_id = $2`, org, campaign)
	row, err := collectOne[ResearchSettings](rows, err, "get settings of research")
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(row.Settings, out)
}

// ResearchesOf returns the readings of a company's site, the newest first.
func ResearchesOf(ctx context.Context, tx pgx.Tx, org, company uuid.UUID, limit int) ([]*Research, error) {
	rows, err := tx.Query(ctx, selectFrom[Research]("researches")+`where org_id = $1 and company_id = $2 order by oseq desc limit $3`, org, company, limit)
	return collectAll[Research](rows, err, "list readings")
}
