package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	Version      int             `db:"version"` // +1 with every campaign.* event

	StepsVersion    int             `db:"steps_version"` // +1 with every change of the steps
	Settings        json.RawMessage `db:"settings"`      // events.CampaignSettings, nil = the defaults
	Mailboxes       json.RawMessage `db:"mailboxes"`     // []uuid.UUID
	PauseReason     string          `db:"pause_reason"`
	CompletedReason string          `db:"completed_reason"`
	LaunchedAt      *time.Time      `db:"launched_at"`
	CompletedAt     *time.Time      `db:"completed_at"`
	Missing         json.RawMessage `db:"missing"`         // []events.Lack: what it lacks since it was launched
	BookingService  string          `db:"booking_service"` // empty = people book on the organisation's own page
	BookingPage     string          `db:"booking_page"`
	ApprovalSample  int             `db:"approval_sample"` // percent
	ApprovalBelow   int             `db:"approval_below"`  // percent
	ArchivedAt      *time.Time      `db:"archived_at"`

	LaunchRequestedBy string     `db:"launch_requested_by"` // kind:id; empty = nobody has asked
	LaunchRequestedAt *time.Time `db:"launch_requested_at"`
	LaunchNote        string     `db:"launch_note"`
}

// campaignOf returns the campaign whose row an event changes.
func campaignOf(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded: // answer their caller; enrollments have events of their own
		return uuid.Nil, false
	case events.CampaignEvent:
		return p.Campaign(), true
	case events.EnrollmentStarted:
		return p.CampaignID, true
	case events.ExperimentDecided: // its winner may take a step over
		return p.CampaignID, true
	}
	return uuid.Nil, false
}

// foldCampaigns keeps campaigns and their enrollments: a lead that is removed or erased leaves all its campaigns.
func foldCampaigns(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	steps := findEnrollmentSteps(batch)
	if err := steps.write(ctx, tx); err != nil {
		return err
	}
	enrolled, err := loadEnrollments(ctx, tx, batch, steps)
	if err != nil {
		return err
	}
	rows, named := newFold[id, Campaign](), map[id]bool{}
	var touched []id
	for _, e := range batch {
		if x, ok := campaignOf(e); ok {
			if _, made := e.Payload.(events.CampaignCreated); made && !named[id{e.Org, x}] {
				rows.putRow(id{e.Org, x}, nil) // a new row replaces whatever was there, which needs no reading unless an earlier event of the batch is about it
			}
			named[id{e.Org, x}] = true
			touched = append(touched, id{e.Org, x})
		}
	}
	if slices.ContainsFunc(batch, func(e *es.Event) bool { _, gone := goneLead(e); return gone }) { // their campaigns no longer count them
		for _, n := range enrolled.liveRows() {
			touched = append(touched, id{n.OrgID, n.CampaignID})
		}
	}
	if len(touched)+len(enrolled.order) == 0 {
		return nil
	}
	if err := loadRows(ctx, tx, rows, "campaigns", "campaign_id", touched, func(c *Campaign) id { return id{c.OrgID, c.CampaignID} }); err != nil {
		return err
	}
	versions := newFold[version, CampaignSteps]()
	for _, e := range batch {
		x, _ := campaignOf(e)
		before := rows.rows[id{e.Org, x}]
		if err := applyCampaign(rows, enrolled, e); err != nil {
			return err
		}
		takeSteps(versions, e, before, rows.rows[id{e.Org, x}])
	}
	if err := errors.Join(deleteRows(ctx, tx, "campaigns", "campaign_id", rows.deletedKeys()), deleteRows(ctx, tx, "enrollments", "enrollment_id", enrolled.deletedKeys())); err != nil {
		return err
	}
	if err := upsertRows(ctx, tx, "campaigns", "org_id, campaign_id", rows.liveRows()); err != nil {
		return err
	}
	if err := upsertRows(ctx, tx, "enrollments", "org_id, enrollment_id", enrolled.liveRows()); err != nil {
		return err
	}
	return writeSteps(ctx, tx, versions)
}

func applyCampaign(rows *fold[id, Campaign], enrolled *enrollments, e *es.Event) error {
	switch p := e.Payload.(type) {
	case events.CampaignCreated:
		steps, err := es.Marshal(p.Steps)
		if err != nil {
			return fmt.Errorf("steps: %w", err)
		}
		rows.putRow(id{e.Org, p.CampaignID}, &Campaign{OrgID: e.Org, CampaignID: p.CampaignID, Oseq: e.Oseq, Name: p.Name, CampaignType: p.CampaignType, Status: CampaignDraft, TimeZone: p.TimeZone,
			StartDate: p.StartDate, EndDate: p.EndDate, CreatedBy: p.CreatedBy, Approval: p.Approval, Steps: steps, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1,
			StepsVersion: 1, Mailboxes: json.RawMessage(`[]`), Missing: json.RawMessage(`[]`)})
		return nil
	case events.EnrollmentStarted:
		n := &Enrollment{OrgID: e.Org, EnrollmentID: p.EnrollmentID, Oseq: e.Oseq, CampaignID: p.CampaignID, LeadID: p.LeadID, Counted: p.Counted, PeriodFrom: p.PeriodFrom, CreatedAt: e.Time,
			State: EnrollmentActive, UpdatedAt: e.Time}
		if c := rows.rows[id{e.Org, p.CampaignID}]; c != nil {
			c.Enrolled++
			n.StepsVersion = c.StepsVersion
		}
		enrolled.addEnrollment(n)
		return nil
	}
	if x, ok := enrollmentOf(e); ok {
		if n := enrolled.rows[id{e.Org, x}]; n != nil {
			n.applyEvent(e)
		}
		return nil
	}
	if lead, ok := goneLead(e); ok {
		for _, n := range enrolled.dropLead(lead) {
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
	if _, ok := e.Payload.(events.CampaignDeleted); ok {
		rows.putRow(id{e.Org, x}, nil)
		return nil
	}
	won, ok := e.Payload.(events.ExperimentDecided)
	if ok && !won.Promoted {
		return nil
	}
	c.UpdatedAt, c.Version = e.Time, c.Version+1
	if ok {
		return c.promote(won)
	}
	return c.applyEvent(e)
}

// promote lets a step have only the variant, and the delay, that has won an experiment.
func (c *Campaign) promote(won events.ExperimentDecided) error {
	var steps []events.Step
	if err := es.Unmarshal(c.Steps, &steps); err != nil {
		return fmt.Errorf("steps: %w", err)
	}
	for i := range steps {
		s := &steps[i]
		if s.StepID != won.StepID {
			continue
		}
		if won.DelayDays != nil {
			s.DelayDays = *won.DelayDays
		}
		if slices.ContainsFunc(s.Variants, func(v events.Variant) bool { return v.VariantID == won.VariantID }) {
			for j := range s.Variants {
				s.Variants[j].Weight = 0
				if s.Variants[j].VariantID == won.VariantID {
					s.Variants[j].Weight = events.PromotedWeight
				}
			}
		}
	}
	var err error
	c.Steps, err = es.Marshal(steps)
	return err
}

func (c *Campaign) applyEvent(e *es.Event) (err error) {
	switch p := events.As[events.CampaignEvent](e.Payload).(type) {
	case events.CampaignRenamed:
		c.Name = p.Name
	case events.CampaignStepsChanged:
		c.StepsVersion++
		c.Steps, err = es.Marshal(p.Steps)
	case events.CampaignRevised:
		c.StepsVersion = p.StepsVersion
		c.Steps, err = es.Marshal(p.Steps)
	case events.CampaignSettingsChanged:
		c.Settings, err = es.Marshal(p.CampaignSettings)
	case events.CampaignMailboxesAssigned:
		c.Mailboxes, err = es.Marshal(p.MailboxIDs)
	case events.CampaignLaunched:
		c.Status, c.StepsVersion, c.LaunchedAt = events.CampaignIsActive, p.StepsVersion, &e.Time
		c.dropLaunchRequest()
	case events.CampaignArchived:
		c.ArchivedAt = &e.Time
		c.dropLaunchRequest()
	case events.CampaignUnarchived:
		c.ArchivedAt = nil
	case events.CampaignLaunchRequested:
		c.LaunchRequestedBy, c.LaunchRequestedAt, c.LaunchNote = replaceNUL(p.By), &e.Time, replaceNUL(p.Note)
	case events.CampaignLaunchRequestDropped:
		c.dropLaunchRequest()
	case events.CampaignPaused:
		c.Status, c.PauseReason = events.CampaignIsPaused, p.Reason
	case events.CampaignResumed:
		c.Status, c.PauseReason = events.CampaignIsActive, ""
	case events.CampaignCompleted:
		c.Status, c.PauseReason, c.CompletedReason, c.CompletedAt = events.CampaignIsCompleted, "", p.Reason, &e.Time
	case events.CampaignUpdated:
		setIfGiven(&c.CampaignType, p.CampaignType)
		setIfGiven(&c.TimeZone, p.TimeZone)
		setIfGiven(&c.StartDate, p.StartDate)
		setIfGiven(&c.EndDate, p.EndDate)
		if p.Approval != nil {
			c.Approval, c.ApprovalSample, c.ApprovalBelow = *p.Approval, 0, 0
		}
	case events.CampaignApprovalSet:
		c.Approval, c.ApprovalSample, c.ApprovalBelow = p.Approval, p.Sample, p.Below
	case events.CampaignIdled:
		c.Status = events.CampaignIsIdle
	case events.CampaignReactivated:
		c.Status = events.CampaignIsActive
	case events.CampaignReadinessChanged:
		c.Missing, err = es.Marshal(append([]events.Lack{}, p.Missing...))
	case events.CampaignBookingSet:
		c.BookingService, c.BookingPage = p.Service, p.Page
	case events.CampaignCreated, events.CampaignDeleted, events.CampaignPacingSet, events.CampaignEntrySet, events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded: // change nothing here
	}
	return err
}

func (c *Campaign) dropLaunchRequest() {
	c.LaunchRequestedBy, c.LaunchRequestedAt, c.LaunchNote = "", nil, ""
}

// GetCampaign returns pgx.ErrNoRows when the organisation has no such campaign.
func GetCampaign(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (*Campaign, error) {
	rows, err := tx.Query(ctx, selectFrom[Campaign]("campaigns")+`where org_id = $1 and campaign_id = $2`, org, campaign)
	return collectOne[Campaign](rows, err, "get campaign")
}

// CampaignFilter narrows a list; zero values don't.
type CampaignFilter struct {
	Search          string // in its name, case ignored
	Status          string
	Archived        *bool
	LaunchRequested *bool
}

func campaignOrders() map[string]sorting {
	return map[string]sorting{"updated_at": {"t.updated_at", "timestamptz"}, "name": byLetters("t.name"), "status": {"t.status", "text"}}
}

// ListCampaigns returns the newest first unless another order is asked for.
func ListCampaigns(ctx context.Context, tx pgx.Tx, org uuid.UUID, f CampaignFilter, l Listing) (*Page[Campaign], error) {
	q := newQuery("campaigns", "-"+byAge, org, campaignOrders())
	q.whereSet(`t.status = ?`, f.Status)
	if f.Archived != nil {
		q.where(`(t.archived_at is not null) = ?`, *f.Archived)
	}
	if f.LaunchRequested != nil {
		q.where(`(t.launch_requested_by <> '') = ?`, *f.LaunchRequested)
	}
	q.whereText("t.name", f.Search)
	return readPage(ctx, tx, q, l, "campaigns", func(c *Campaign) int64 { return c.Oseq })
}
