package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// ProfileField is the field name that a lead's sealed profile is bound to.
const ProfileField = pii.ProfileField

// Lead is a row of read.leads. Personal fields are nil when nobody filled them or nobody may read them any more.
type Lead struct {
	OrgID          uuid.UUID       `db:"org_id"`
	LeadID         uuid.UUID       `db:"lead_id"`
	Oseq           int64           `db:"oseq"`
	Email          *string         `db:"email"`
	FirstName      *string         `db:"first_name"`
	LastName       *string         `db:"last_name"`
	Phone          *string         `db:"phone"`
	CompanyName    *string         `db:"company_name"`
	JobTitle       *string         `db:"job_title"`
	LinkedInURL    *string         `db:"linkedin_url"`
	Website        *string         `db:"website"`
	City           *string         `db:"city"`
	Country        *string         `db:"country"`
	Custom         json.RawMessage `db:"custom"` // object of strings
	Tags           []string        `db:"tags"`
	TimeZone       string          `db:"time_zone"`
	Source         string          `db:"source"`
	CRMID          string          `db:"crm_id"`
	LawfulBasis    string          `db:"lawful_basis"`
	ImportID       *uuid.UUID      `db:"import_id"`
	ImportRow      *int            `db:"import_row"`
	OutreachStatus string          `db:"outreach_status"`
	CreatedAt      time.Time       `db:"created_at"`
	UpdatedAt      time.Time       `db:"updated_at"`
	ErasedAt       *time.Time      `db:"erased_at"`
	Version        int             `db:"version"`
}

const leadColumns = `org_id, lead_id, oseq, email, first_name, last_name, phone, company_name, job_title, linkedin_url, website, city, country,
	custom, tags, time_zone, source, crm_id, lawful_basis, import_id, import_row, outreach_status, created_at, updated_at, erased_at, version`

type leadFold struct{ keys Keys }

func (f leadFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		lead, ok := leadIn(e)
		if !ok {
			continue
		}
		touched = append(touched, id{e.Org, lead})
		if sealed := sealedProfile(e); !sealed.IsZero() {
			refs = append(refs, keyRef(e.Org, lead, sealed))
		}
	}
	if len(touched) == 0 {
		return nil
	}
	keys, err := f.keys.Lookup(ctx, refs)
	if err != nil {
		return err
	}
	rows := newFold[id, Lead]()
	if err := loadMissing(ctx, tx, rows, leadsToLoad(batch, touched), `select `+leadColumns+` from leads join unnest($1::uuid[], $2::uuid[]) k (org_id, lead_id) using (org_id, lead_id)`,
		func(l *Lead) id { return id{l.OrgID, l.LeadID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := f.applyEvent(rows, keys, e); err != nil {
			return fmt.Errorf("lead of event %s: %w", e.ID, err)
		}
	}
	if err := deleteRows(ctx, tx, "leads", "lead_id", rows.deletedKeys()); err != nil {
		return err
	}
	return writeLeads(ctx, tx, rows.liveRows())
}

// sealedProfile returns what an event brings of a lead under its key; zero = nothing.
func sealedProfile(e *es.Event) events.Sealed {
	switch p := events.As[events.LeadEvent](e.Payload).(type) {
	case events.LeadCreated:
		return p.Profile
	case events.LeadUpdated:
		return p.Profile
	case events.LeadRemoved, events.LeadErased: // change nothing here
	}
	return events.Sealed{}
}

// leadsToLoad leaves out the leads whose first event in the batch creates them: an import reads nothing.
func leadsToLoad(batch []*es.Event, touched []id) []id {
	created := map[id]bool{}
	for _, e := range batch {
		if p, ok := e.Payload.(events.LeadCreated); ok {
			created[id{e.Org, p.LeadID}] = true
		}
	}
	first := map[id]bool{}
	var out []id
	for _, e := range batch {
		lead, ok := leadIn(e)
		if !ok {
			continue
		}
		x := id{e.Org, lead}
		_, fresh := e.Payload.(events.LeadCreated)
		if !first[x] {
			if first[x] = true; !fresh {
				out = append(out, x)
			}
		}
	}
	return out
}

func (f leadFold) applyEvent(rows *fold[id, Lead], keys map[pii.Ref]pii.Key, e *es.Event) error {
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.LeadCreated:
		l := &Lead{OrgID: e.Org, LeadID: p.LeadID, Oseq: e.Oseq, Custom: json.RawMessage(`{}`), Tags: orEmpty(p.Tags), TimeZone: p.TimeZone, Source: p.Source, CRMID: p.CRMID,
			LawfulBasis: p.LawfulBasis, OutreachStatus: "new", CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1}
		if p.ImportID != uuid.Nil {
			l.ImportID, l.ImportRow = &p.ImportID, &p.Row
		}
		rows.putRow(id{e.Org, p.LeadID}, l)
		return l.mergeProfile(keys, keyRef(e.Org, p.LeadID, p.Profile), p.Profile, true)
	case events.LeadUpdated:
		l := rows.rows[id{e.Org, p.LeadID}]
		if l == nil {
			return nil
		}
		setIfGiven(&l.TimeZone, p.TimeZone)
		setIfGiven(&l.LawfulBasis, p.LawfulBasis)
		setIfGiven(&l.CRMID, p.CRMID)
		if p.Tags != nil {
			l.Tags = orEmpty(p.Tags)
		}
		l.Version, l.UpdatedAt = l.Version+1, e.Time
		if !p.Profile.IsZero() {
			return l.mergeProfile(keys, keyRef(e.Org, p.LeadID, p.Profile), p.Profile, false)
		}
	case events.LeadErased:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil {
			for _, v := range l.personalFields() {
				*v.to = nil
			}
			at := e.Time
			l.Custom, l.ErasedAt, l.UpdatedAt, l.Version, l.CRMID = json.RawMessage(`{}`), &at, e.Time, l.Version+1, ""
		}
	case events.LeadRemoved:
		rows.putRow(id{e.Org, p.LeadID}, nil)
	case events.EnrollmentStarted:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil {
			l.OutreachStatus = "enrolled"
		}
	case events.OrganizationEvent, events.APIKeyEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent, events.EnrollmentPaused,
		events.EnrollmentResumed, events.EnrollmentStopped, events.EnrollmentCompleted, events.EnrollmentDeferred, events.MailboxEvent,
		events.MessageEvent, events.EngagementEvent, events.MeetingEvent: // change nothing here
	}
	return nil
}

func writeLeads(ctx context.Context, tx pgx.Tx, rows []*Lead) error {
	if len(rows) == 0 {
		return nil
	}
	text := func(get func(*Lead) *string) any { return textColumn(rows, get) }
	_, err := tx.Exec(ctx, `
		insert into leads (`+leadColumns+`)
		select org_id, lead_id, oseq, email, first_name, last_name, phone, company_name, job_title, linkedin_url, website, city, country,
			custom::jsonb, tags::text[], time_zone, source, crm_id, lawful_basis, import_id, import_row, outreach_status,
			created_at, updated_at, erased_at, version
		from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
			$14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::uuid[], $21::int[], $22::text[], $23::timestamptz[], $24::timestamptz[], $25::timestamptz[], $26::int[])
			as t (`+leadColumns+`)
		on conflict (org_id, lead_id) do update set
			oseq = excluded.oseq, email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name, phone = excluded.phone, company_name = excluded.company_name,
			job_title = excluded.job_title, linkedin_url = excluded.linkedin_url, website = excluded.website, city = excluded.city, country = excluded.country,
			custom = excluded.custom, tags = excluded.tags, time_zone = excluded.time_zone, source = excluded.source, crm_id = excluded.crm_id, lawful_basis = excluded.lawful_basis,
			import_id = excluded.import_id, import_row = excluded.import_row, outreach_status = excluded.outreach_status, created_at = excluded.created_at,
			updated_at = excluded.updated_at, erased_at = excluded.erased_at, version = excluded.version`,
		columnOf(rows, func(l *Lead) [16]byte { return l.OrgID }), columnOf(rows, func(l *Lead) [16]byte { return l.LeadID }), columnOf(rows, func(l *Lead) int64 { return l.Oseq }),
		text(func(l *Lead) *string { return l.Email }), text(func(l *Lead) *string { return l.FirstName }), text(func(l *Lead) *string { return l.LastName }),
		text(func(l *Lead) *string { return l.Phone }), text(func(l *Lead) *string { return l.CompanyName }), text(func(l *Lead) *string { return l.JobTitle }),
		text(func(l *Lead) *string { return l.LinkedInURL }), text(func(l *Lead) *string { return l.Website }), text(func(l *Lead) *string { return l.City }),
		text(func(l *Lead) *string { return l.Country }), columnOf(rows, func(l *Lead) string { return string(l.Custom) }), columnOf(rows, func(l *Lead) string { return arrayText(l.Tags) }),
		columnOf(rows, func(l *Lead) string { return l.TimeZone }), columnOf(rows, func(l *Lead) string { return l.Source }), columnOf(rows, func(l *Lead) string { return l.CRMID }),
		columnOf(rows, func(l *Lead) string { return l.LawfulBasis }), nullableColumn(rows, func(l *Lead) pgtype.UUID { return uuidOrNull(l.ImportID) }), nullableColumn(rows, func(l *Lead) pgtype.Int4 { return intOrNull(l.ImportRow) }),
		columnOf(rows, func(l *Lead) string { return l.OutreachStatus }), columnOf(rows, func(l *Lead) time.Time { return l.CreatedAt }),
		columnOf(rows, func(l *Lead) time.Time { return l.UpdatedAt }), nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.ErasedAt) }), columnOf(rows, func(l *Lead) int { return l.Version }))
	if err != nil {
		return fmt.Errorf("write leads: %w", err)
	}
	return nil
}

func keyRef(org, subject uuid.UUID, s events.Sealed) pii.Ref {
	return pii.Ref{Org: org, Subject: subject, ID: pii.KeyID(s.K)}
}

func setIfGiven[V any](to, from *V) {
	if from != nil {
		*to = *from
	}
}

func orEmpty(tags []string) []string {
	if tags == nil {
		return []string{}
	}
	return tags
}
