package projections

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// ProfileField is the field name that a lead's sealed profile is bound to.
const ProfileField = pii.ProfileField

// Lead is a row of read.leads.
type Lead struct {
	OrgID  uuid.UUID `db:"org_id"`
	LeadID uuid.UUID `db:"lead_id"`
	Oseq   int64     `db:"oseq"`
	LeadProfile
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
	LeadOutreach
	LeadScores
}

type leadFold struct{ keys Keys }

func (f leadFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	suppressed, err := writeLeadSuppressions(ctx, tx, batch)
	if err != nil {
		return err
	}
	if err := f.handleLeads(ctx, tx, batch); err != nil {
		return err
	}
	return suppressed.markLeads(ctx, tx)
}

func (f leadFold) handleLeads(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
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
	if err := loadMissing(ctx, tx, rows, leadsToLoad(batch, touched), `select `+columnsOf[Lead]()+` from leads join unnest($1::uuid[], $2::uuid[]) k (org_id, lead_id) using (org_id, lead_id)`,
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
	live := rows.liveRows()
	if err := findSuppressions(ctx, tx, live); err != nil {
		return err
	}
	return writeLeads(ctx, tx, live)
}

// sealedProfile returns the sealed profile in an event; zero = none.
func sealedProfile(e *es.Event) events.Sealed {
	switch p := events.As[events.LeadEvent](e.Payload).(type) {
	case events.LeadCreated:
		return p.Profile
	case events.LeadUpdated:
		return p.Profile
	case events.LeadSupplemented:
		return p.Profile
	case events.LeadRetagged, events.LeadRemoved, events.LeadErased: // change nothing here
	}
	return events.Sealed{}
}

// leadsToLoad leaves out the leads whose first event in the batch creates them, so that an import reads nothing.
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
	switch p := e.Payload.(type) {
	case events.LeadCreated:
		l := &Lead{OrgID: e.Org, LeadID: p.LeadID, Oseq: e.Oseq, Custom: json.RawMessage(`{}`), Tags: []string{}, TimeZone: p.TimeZone, Source: p.Source, OutreachStatus: OutreachNew, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1,
			LeadOutreach: LeadOutreach{AddressHash: p.AddressHash, DomainHash: p.DomainHash}, LeadScores: unscored}
		if p.ImportID != uuid.Nil {
			l.ImportID, l.ImportRow = &p.ImportID, &p.Row
		}
		rows.putRow(id{e.Org, p.LeadID}, l)
		words, err := l.mergeProfile(keys, keyRef(e.Org, p.LeadID, p.Profile), p.Profile, true)
		l.supplementWords(p.Plain)
		l.supplementWords(words)
		return err
	case events.LeadUpdated:
		l := rows.rows[id{e.Org, p.LeadID}]
		if l == nil {
			return nil
		}
		setIfGiven(&l.TimeZone, p.TimeZone)
		l.replaceWords(p.Plain)
		if p.AddressHash != "" {
			l.AddressHash, l.DomainHash = p.AddressHash, p.DomainHash
		}
		l.Version, l.UpdatedAt = l.Version+1, e.Time
		if !p.Profile.IsZero() {
			words, err := l.mergeProfile(keys, keyRef(e.Org, p.LeadID, p.Profile), p.Profile, false)
			l.replaceWords(words)
			return err
		}
	case events.LeadSupplemented:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil {
			l.TimeZone = cmp.Or(p.TimeZone, l.TimeZone, p.DefaultTimeZone)
			l.Version, l.UpdatedAt = l.Version+1, e.Time
			words, err := l.mergeProfile(keys, keyRef(e.Org, p.LeadID, p.Profile), p.Profile, false)
			l.supplementWords(p.Plain)
			l.supplementWords(words)
			return err
		}
	case events.LeadRetagged:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil {
			l.addTags(p.Added)
			l.Tags = slices.DeleteFunc(l.Tags, func(tag string) bool { return slices.Contains(p.Removed, tag) })
			l.Version, l.UpdatedAt = l.Version+1, e.Time
		}
	case events.LeadErased:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil {
			at := e.Time
			l.Forget()
			l.ErasedAt, l.UpdatedAt, l.Version = &at, e.Time, l.Version+1
			l.endEnrollments()
		}
	case events.LeadRemoved:
		rows.putRow(id{e.Org, p.LeadID}, nil)
	case events.LeadScored:
		if l := rows.rows[id{e.Org, p.LeadID}]; l != nil && l.ErasedAt == nil {
			at := e.Time
			l.LeadScores = LeadScores{p.LeadScore, p.IntentScore, p.Qualification, p.Version, &at}
		}
	default:
		if lead, ok := leadIn(e); ok {
			if l := rows.rows[id{e.Org, lead}]; l != nil {
				return l.applyOutreach(e)
			}
		}
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
