package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/postgres"
)

// Organization is a row of read.organizations.
type Organization struct {
	OrgID         uuid.UUID       `db:"org_id"`
	Slug          string          `db:"slug"`
	Name          string          `db:"name"`
	Plan          string          `db:"plan"`
	Limits        json.RawMessage `db:"limits"` // events.Limits
	TimeZone      string          `db:"time_zone"`
	PostalAddress string          `db:"postal_address"`
	Status        string          `db:"status"`
	StatusReason  string          `db:"status_reason"`
	StatusCause   string          `db:"status_cause"`   // events.Cause..., "" while it is active
	NextStatus    string          `db:"next_status"`    // that comes by itself, "" = none does
	NextStatusAt  *time.Time      `db:"next_status_at"` // when
	TrialEndsAt   *time.Time      `db:"trial_ends_at"`
	TrialEnded    bool            `db:"trial_ended"`
	BillingAnchor time.Time       `db:"billing_anchor"`
	CreatedAt     time.Time       `db:"created_at"`
	UpdatedAt     time.Time       `db:"updated_at"`
	DeletedAt     *time.Time      `db:"deleted_at"` // for good
	DeletionAsked *time.Time      `db:"deletion_asked_at"`
	EraseAt       *time.Time      `db:"erase_at"`
	Version       int             `db:"version"`

	PersonGapMinutes int `db:"person_gap_minutes"` // between messages of two campaigns to one person
	ReplyUndoSeconds int `db:"reply_undo_seconds"` // how long an answer can be taken back
}

// DefaultPersonGapMinutes is the gap of an organisation that has set none; a test compares it with aggregates.DefaultPersonGap.
const DefaultPersonGapMinutes = 24 * 60

// DefaultReplyUndoSeconds is how long answers can be taken back where nothing else was set; likewise.
const DefaultReplyUndoSeconds = 10

const organizationColumns = `org_id, slug, name, plan, limits, time_zone, postal_address, status, status_reason, trial_ends_at, trial_ended, billing_anchor,
	created_at, updated_at, deleted_at, version, person_gap_minutes, deletion_asked_at, erase_at, status_cause, next_status, next_status_at, reply_undo_seconds`

func foldOrganizations(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[id, Organization]()
	var touched []id
	for _, e := range batch {
		if _, ok := e.Payload.(events.LimitsOverridden); ok {
			touched = append(touched, id{e.Org, e.Org})
		}
		switch events.As[events.OrganizationEvent](e.Payload).(type) {
		case events.OrganizationUpdated, events.OrganizationPersonGapSet, events.OrganizationReplyUndoSet, events.OrganizationPlanChanged, events.OrganizationTrialReminded, events.OrganizationTrialEnded, events.OrganizationStatusChanged, events.OrganizationSlugChanged, events.OrganizationDeletionRequested, events.OrganizationRestored, events.OrganizationDeleted:
			touched = append(touched, id{e.Org, e.Org})
		case events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted, events.BookingHoursSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationCreated: // change nothing here
		}
	}
	if err := loadMissing(ctx, tx, rows, touched, `select `+organizationColumns+` from organizations join unnest($1::uuid[], $2::uuid[]) k (org_id, own) using (org_id)`,
		func(o *Organization) id { return id{o.OrgID, o.OrgID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := applyOrganization(rows, e); err != nil {
			return err
		}
	}
	for _, o := range rows.liveRows() {
		if _, err := tx.Exec(ctx, `insert into organizations (`+organizationColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
			on conflict (org_id) do update set slug = excluded.slug, name = excluded.name, plan = excluded.plan, limits = excluded.limits, time_zone = excluded.time_zone,
			postal_address = excluded.postal_address, status = excluded.status, status_reason = excluded.status_reason, trial_ends_at = excluded.trial_ends_at,
			trial_ended = excluded.trial_ended, billing_anchor = excluded.billing_anchor, created_at = excluded.created_at, updated_at = excluded.updated_at,
			deleted_at = excluded.deleted_at, version = excluded.version, person_gap_minutes = excluded.person_gap_minutes,
			deletion_asked_at = excluded.deletion_asked_at, erase_at = excluded.erase_at, status_cause = excluded.status_cause,
			next_status = excluded.next_status, next_status_at = excluded.next_status_at, reply_undo_seconds = excluded.reply_undo_seconds`,
			o.OrgID, o.Slug, o.Name, o.Plan, o.Limits, o.TimeZone, o.PostalAddress, o.Status, o.StatusReason, o.TrialEndsAt, o.TrialEnded, o.BillingAnchor,
			o.CreatedAt, o.UpdatedAt, o.DeletedAt, o.Version, o.PersonGapMinutes, o.DeletionAsked, o.EraseAt, o.StatusCause,
			o.NextStatus, o.NextStatusAt, o.ReplyUndoSeconds); err != nil {
			return fmt.Errorf("write organization: %w", err)
		}
	}
	return nil
}

func applyOrganization(rows *fold[id, Organization], e *es.Event) error {
	key := id{e.Org, e.Org}
	if p, ok := e.Payload.(events.OrganizationCreated); ok {
		limits, err := es.Marshal(p.Limits)
		if err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		o := &Organization{OrgID: e.Org, Slug: p.Slug, Name: p.Name, Plan: p.Plan, Limits: limits, TimeZone: p.TimeZone, PostalAddress: p.PostalAddress,
			Status: events.StatusActive, BillingAnchor: p.BillingAnchor, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1, PersonGapMinutes: DefaultPersonGapMinutes, ReplyUndoSeconds: DefaultReplyUndoSeconds}
		if !p.TrialEndsAt.IsZero() {
			o.TrialEndsAt = &p.TrialEndsAt
			o.expectStatus(events.StatusStep{Status: events.StatusSuspended, At: p.TrialEndsAt})
		}
		rows.putRow(key, o)
		return nil
	}
	o := rows.rows[key]
	if o == nil {
		return nil
	}
	if p, ok := e.Payload.(events.LimitsOverridden); ok {
		limits, err := es.Marshal(p.Limits)
		if err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		o.Limits = limits
		return nil
	}
	switch p := events.As[events.OrganizationEvent](e.Payload).(type) {
	case events.OrganizationUpdated:
		setIfGiven(&o.Name, p.Name)
		setIfGiven(&o.TimeZone, p.TimeZone)
		setIfGiven(&o.PostalAddress, p.PostalAddress)
	case events.OrganizationPersonGapSet:
		o.PersonGapMinutes = p.Minutes
	case events.OrganizationReplyUndoSet:
		o.ReplyUndoSeconds = p.Seconds
	case events.OrganizationPlanChanged:
		limits, err := es.Marshal(p.Limits)
		if err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		o.Plan, o.Limits = p.Plan, limits
		if !o.TrialEnded && o.NextStatusAt != nil && o.TrialEndsAt != nil && o.NextStatusAt.Equal(*o.TrialEndsAt) {
			o.expectStatus(events.StatusStep{}) // it goes on after its trial
		}
	case events.OrganizationTrialReminded: // only told
	case events.OrganizationTrialEnded:
		o.TrialEnded = true
		if o.Status == events.StatusActive {
			o.expectStatus(events.StatusStep{})
		}
	case events.OrganizationStatusChanged:
		o.Status, o.StatusReason, o.StatusCause = p.Status, p.Reason, p.Cause
		if p.Status == events.StatusActive {
			o.StatusCause = ""
		}
		o.expectStatus(p.Next)
	case events.OrganizationSlugChanged:
		o.Slug = p.Slug
	case events.OrganizationDeletionRequested:
		at, until := e.Time, p.EraseAt
		o.DeletionAsked, o.EraseAt = &at, &until
	case events.OrganizationRestored:
		o.DeletionAsked, o.EraseAt = nil, nil
	case events.OrganizationDeleted:
		o.PostalAddress = ""
		at := e.Time
		o.DeletedAt = &at
	case nil, events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted, events.BookingHoursSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationCreated:
		return nil
	}
	o.UpdatedAt, o.Version = e.Time, o.Version+1
	return nil
}

// expectStatus notes which status comes by itself; zero = none.
func (o *Organization) expectStatus(next events.StatusStep) {
	o.NextStatus, o.NextStatusAt = next.Status, nil
	if !next.At.IsZero() {
		o.NextStatusAt = &next.At
	}
}

// GetOrganization returns pgx.ErrNoRows when there is no such organisation.
func GetOrganization(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*Organization, error) {
	rows, err := tx.Query(ctx, `select `+organizationColumns+` from read.organizations where org_id = $1`, org)
	return collectOne[Organization](rows, err, "get organization")
}

// OrganizationLimits are what an organisation may use, and where its billing periods begin.
type OrganizationLimits struct {
	Limits json.RawMessage
	Anchor time.Time
}

// ReadLimits reads the limits of an organisation in one round trip; pgx.ErrNoRows when it can't be seen yet.
func ReadLimits(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID) (l OrganizationLimits, err error) {
	one := &pgx.Batch{}
	one.Queue(`select limits, billing_anchor from read.organizations where org_id = $1`, org).QueryRow(func(row pgx.Row) error { return row.Scan(&l.Limits, &l.Anchor) })
	if err := postgres.BatchInOrg(ctx, pool, org, one); err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	return l, nil
}
