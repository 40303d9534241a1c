package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// CampaignDraft is the status of a campaign that was never launched.
const CampaignDraft = "draft"

// Campaign is a row of read.campaigns.
type Campaign struct {
	OrgID        uuid.UUID       `db:"org_id"`
	CampaignID   uuid.UUID       `db:"campaign_id"`
	Oseq         int64           `db:"oseq"`
	Name         string          `db:"name"`
	CampaignType string          `db:"campaign_type"`
	Status       string          `db:"status"`
	TimeZone     string          `db:"time_zone"`
	StartDate    string          `db:"start_date"`
	EndDate      string          `db:"end_date"`
	CreatedBy    string          `db:"created_by"`
	Approval     string          `db:"approval"`
	Steps        json.RawMessage `db:"steps"` // []events.Step
	Enrolled     int             `db:"enrolled"`
	CreatedAt    time.Time       `db:"created_at"`
	UpdatedAt    time.Time       `db:"updated_at"`
	Version      int             `db:"version"`
}

// Enrollment is a row of read.enrollments.
type Enrollment struct {
	OrgID        uuid.UUID `db:"org_id"`
	EnrollmentID uuid.UUID `db:"enrollment_id"`
	Oseq         int64     `db:"oseq"`
	CampaignID   uuid.UUID `db:"campaign_id"`
	LeadID       uuid.UUID `db:"lead_id"`
	Counted      bool      `db:"counted"`
	PeriodFrom   time.Time `db:"period_from"`
	CreatedAt    time.Time `db:"created_at"`
}

const (
	campaignColumns = `org_id, campaign_id, oseq, name, campaign_type, status, time_zone, start_date, end_date, created_by, approval, steps, enrolled,
		created_at, updated_at, version`
	enrollmentColumns = `org_id, enrollment_id, oseq, campaign_id, lead_id, counted, period_from, created_at`
)

func campaignOf(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.CampaignCreated:
		return p.CampaignID, true
	case events.CampaignRenamed:
		return p.CampaignID, true
	case events.CampaignStepsChanged:
		return p.CampaignID, true
	case events.CampaignDeleted:
		return p.CampaignID, true
	case events.EnrollmentStarted:
		return p.CampaignID, true
	}
	return uuid.Nil, false
}

func foldCampaigns(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[id, Campaign]()
	var touched []id
	for _, e := range batch {
		if x, ok := campaignOf(e); ok {
			if _, created := e.Payload.(events.CampaignCreated); created {
				rows.put(id{e.Org, x}, nil)
			}
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	if err := load(ctx, tx, rows, touched, `select `+campaignColumns+` from read.campaigns join unnest($1::uuid[], $2::uuid[]) k (org_id, campaign_id) using (org_id, campaign_id)`,
		func(c *Campaign) id { return id{c.OrgID, c.CampaignID} }); err != nil {
		return err
	}
	var enrolled []*Enrollment
	for _, e := range batch {
		x, ok := campaignOf(e)
		if !ok {
			continue
		}
		if err := applyCampaign(rows, id{e.Org, x}, e); err != nil {
			return err
		}
		if p, ok := e.Payload.(events.EnrollmentStarted); ok {
			enrolled = append(enrolled, &Enrollment{e.Org, p.EnrollmentID, e.Oseq, p.CampaignID, p.LeadID, p.Counted, p.PeriodFrom, e.Time})
		}
	}
	if err := remove(ctx, tx, "campaigns", "campaign_id", rows.deleted()); err != nil {
		return err
	}
	if err := writeCampaigns(ctx, tx, rows.live()); err != nil {
		return err
	}
	return writeEnrollments(ctx, tx, enrolled)
}

func applyCampaign(rows *fold[id, Campaign], key id, e *es.Event) error {
	if p, ok := e.Payload.(events.CampaignCreated); ok {
		steps, err := es.Marshal(p.Steps)
		if err != nil {
			return fmt.Errorf("steps: %w", err)
		}
		rows.put(key, &Campaign{OrgID: e.Org, CampaignID: p.CampaignID, Oseq: e.Oseq, Name: p.Name, CampaignType: p.CampaignType, Status: CampaignDraft, TimeZone: p.TimeZone,
			StartDate: p.StartDate, EndDate: p.EndDate, CreatedBy: p.CreatedBy, Approval: p.Approval, Steps: steps, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1})
		return nil
	}
	c := rows.rows[key]
	if c == nil {
		return nil
	}
	switch p := e.Payload.(type) {
	case events.CampaignRenamed:
		c.Name = p.Name
	case events.CampaignStepsChanged:
		steps, err := es.Marshal(p.Steps)
		if err != nil {
			return fmt.Errorf("steps: %w", err)
		}
		c.Steps = steps
	case events.CampaignDeleted:
		rows.put(key, nil)
		return nil
	case events.EnrollmentStarted:
		c.Enrolled++
		return nil
	}
	c.UpdatedAt, c.Version = e.Time, c.Version+1
	return nil
}

func writeCampaigns(ctx context.Context, tx pgx.Tx, rows []*Campaign) error {
	if len(rows) == 0 {
		return nil
	}
	text := func(get func(*Campaign) string) []string { return column(rows, get) }
	_, err := tx.Exec(ctx, `insert into read.campaigns (`+campaignColumns+`)
		select org_id, campaign_id, oseq, name, campaign_type, status, time_zone, start_date, end_date, created_by, approval, steps::jsonb, enrolled, created_at, updated_at, version
		from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::int[],
			$14::timestamptz[], $15::timestamptz[], $16::int[]) as t (`+campaignColumns+`)
		on conflict (org_id, campaign_id) do update set name = excluded.name, status = excluded.status, steps = excluded.steps, enrolled = excluded.enrolled,
			updated_at = excluded.updated_at, version = excluded.version`,
		column(rows, func(c *Campaign) uuid.UUID { return c.OrgID }), column(rows, func(c *Campaign) uuid.UUID { return c.CampaignID }), column(rows, func(c *Campaign) int64 { return c.Oseq }),
		text(func(c *Campaign) string { return c.Name }), text(func(c *Campaign) string { return c.CampaignType }), text(func(c *Campaign) string { return c.Status }),
		text(func(c *Campaign) string { return c.TimeZone }), text(func(c *Campaign) string { return c.StartDate }), text(func(c *Campaign) string { return c.EndDate }),
		text(func(c *Campaign) string { return c.CreatedBy }), text(func(c *Campaign) string { return c.Approval }), text(func(c *Campaign) string { return string(c.Steps) }),
		column(rows, func(c *Campaign) int { return c.Enrolled }), column(rows, func(c *Campaign) time.Time { return c.CreatedAt }),
		column(rows, func(c *Campaign) time.Time { return c.UpdatedAt }), column(rows, func(c *Campaign) int { return c.Version }))
	if err != nil {
		return fmt.Errorf("write campaigns: %w", err)
	}
	return nil
}

func writeEnrollments(ctx context.Context, tx pgx.Tx, rows []*Enrollment) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into read.enrollments (org_id, enrollment_id, oseq, campaign_id, lead_id, counted, period_from, created_at)
		select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::boolean[], $7::timestamptz[], $8::timestamptz[])`,
		column(rows, func(n *Enrollment) uuid.UUID { return n.OrgID }), column(rows, func(n *Enrollment) uuid.UUID { return n.EnrollmentID }),
		column(rows, func(n *Enrollment) int64 { return n.Oseq }), column(rows, func(n *Enrollment) uuid.UUID { return n.CampaignID }),
		column(rows, func(n *Enrollment) uuid.UUID { return n.LeadID }), column(rows, func(n *Enrollment) bool { return n.Counted }),
		column(rows, func(n *Enrollment) time.Time { return n.PeriodFrom }), column(rows, func(n *Enrollment) time.Time { return n.CreatedAt }))
	if err != nil {
		return fmt.Errorf("write enrollments: %w", err)
	}
	return nil
}

// GetCampaign gives pgx.ErrNoRows when the organisation has no such campaign.
func GetCampaign(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (*Campaign, error) {
	rows, err := tx.Query(ctx, `select `+campaignColumns+` from read.campaigns where org_id = $1 and campaign_id = $2`, org, campaign)
	return one[Campaign](rows, err, "get campaign")
}

// ListCampaigns gives the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListCampaigns(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Campaign, error) {
	rows, err := tx.Query(ctx, `select `+campaignColumns+` from read.campaigns where org_id = $1 and ($2::bigint = 0 or oseq < $2) order by oseq desc limit $3`, org, after, limit)
	return many[Campaign](rows, err, "list campaigns")
}

// ListEnrollments gives a campaign's enrollments in order; after = oseq of the last row seen.
func ListEnrollments(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, after int64, limit int) ([]*Enrollment, error) {
	rows, err := tx.Query(ctx, `select `+enrollmentColumns+` from read.enrollments where org_id = $1 and campaign_id = $2 and oseq > $3 order by oseq limit $4`, org, campaign, after, limit)
	return many[Enrollment](rows, err, "list enrollments")
}
