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

const campaignColumns = `org_id, campaign_id, oseq, name, campaign_type, status, time_zone, start_date, end_date, created_by, approval, steps, enrolled,
	created_at, updated_at, version`

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

// foldCampaigns keeps campaigns and who is on them: a lead that is removed or erased leaves all its campaigns.
func foldCampaigns(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	enrolled, err := loadEnrollments(ctx, tx, batch)
	if err != nil {
		return err
	}
	rows := newFold[id, Campaign]()
	var touched []id
	for _, e := range batch {
		if x, ok := campaignOf(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	for _, n := range enrolled.live() {
		touched = append(touched, id{n.OrgID, n.CampaignID})
	}
	if len(touched) == 0 {
		return nil
	}
	if err := load(ctx, tx, rows, touched, `select `+campaignColumns+` from read.campaigns join unnest($1::uuid[], $2::uuid[]) k (org_id, campaign_id) using (org_id, campaign_id)`,
		func(c *Campaign) id { return id{c.OrgID, c.CampaignID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := applyCampaign(rows, enrolled, e); err != nil {
			return err
		}
	}
	if err := errors.Join(remove(ctx, tx, "campaigns", "campaign_id", rows.deleted()), remove(ctx, tx, "enrollments", "enrollment_id", enrolled.deleted())); err != nil {
		return err
	}
	if err := writeCampaigns(ctx, tx, rows.live()); err != nil {
		return err
	}
	return writeEnrollments(ctx, tx, enrolled.live())
}

func applyCampaign(rows *fold[id, Campaign], enrolled *enrollments, e *es.Event) error {
	switch p := e.Payload.(type) {
	case events.CampaignCreated:
		steps, err := es.Marshal(p.Steps)
		if err != nil {
			return fmt.Errorf("steps: %w", err)
		}
		rows.put(id{e.Org, p.CampaignID}, &Campaign{OrgID: e.Org, CampaignID: p.CampaignID, Oseq: e.Oseq, Name: p.Name, CampaignType: p.CampaignType, Status: CampaignDraft, TimeZone: p.TimeZone,
			StartDate: p.StartDate, EndDate: p.EndDate, CreatedBy: p.CreatedBy, Approval: p.Approval, Steps: steps, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1})
		return nil
	case events.EnrollmentStarted:
		enrolled.add(&Enrollment{e.Org, p.EnrollmentID, e.Oseq, p.CampaignID, p.LeadID, p.Counted, p.PeriodFrom, e.Time})
		if c := rows.rows[id{e.Org, p.CampaignID}]; c != nil {
			c.Enrolled++
		}
		return nil
	}
	if lead, ok := goneLead(e); ok {
		for _, n := range enrolled.drop(lead) {
			if c := rows.rows[id{e.Org, n.CampaignID}]; c != nil {
				c.Enrolled--
			}
		}
		return nil
	}
	x, ok := campaignOf(e)
	c := rows.rows[id{e.Org, x}]
	if !ok || c == nil {
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
		rows.put(id{e.Org, x}, nil)
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
		on conflict (org_id, campaign_id) do update set oseq = excluded.oseq, name = excluded.name, campaign_type = excluded.campaign_type, status = excluded.status,
			time_zone = excluded.time_zone, start_date = excluded.start_date, end_date = excluded.end_date, created_by = excluded.created_by, approval = excluded.approval,
			steps = excluded.steps, enrolled = excluded.enrolled, created_at = excluded.created_at, updated_at = excluded.updated_at, version = excluded.version`,
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
