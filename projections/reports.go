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
)

// Status of a report's run.
const (
	ReportRunning   = "running"
	ReportCompleted = "completed"
	ReportFailed    = "failed"
)

// Report is a row of read.reports.
type Report struct {
	OrgID     uuid.UUID       `db:"org_id"`
	ReportID  uuid.UUID       `db:"report_id"`
	Oseq      int64           `db:"oseq"`
	Name      string          `db:"name"`
	Plan      json.RawMessage `db:"plan"` // events.ReportPlan
	NextAt    *time.Time      `db:"next_at"`
	Version   int             `db:"version"`
	CreatedBy string          `db:"created_by"`
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
	RemovedAt *time.Time      `db:"removed_at"`
}

// ReportRun is a row of read.report_runs.
type ReportRun struct {
	OrgID     uuid.UUID       `db:"org_id"`
	RunID     uuid.UUID       `db:"run_id"`
	ReportID  uuid.UUID       `db:"report_id"`
	Oseq      int64           `db:"oseq"`
	Name      string          `db:"name"`
	Status    string          `db:"status"`
	Reason    string          `db:"reason"`
	From      string          `db:"from_day"`
	To        string          `db:"to_day"`
	TimeZone  string          `db:"time_zone"`
	DueAt     *time.Time      `db:"due_at"`
	Rows      int             `db:"rows"`
	Files     json.RawMessage `db:"files"` // []events.ReportFile
	ExpiresAt time.Time       `db:"expires_at"`
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
}

// runOf returns the run that an event is about.
func runOf(p events.ReportEvent) (uuid.UUID, bool) {
	switch p := p.(type) {
	case events.ReportRunRequested:
		return p.RunID, true
	case events.ReportRunCompleted:
		return p.RunID, true
	case events.ReportRunFailed:
		return p.RunID, true
	case events.ReportCreated, events.ReportChanged, events.ReportRemoved: // of no run
	}
	return uuid.Nil, false
}

func foldReports(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var reports, runs []id
	for _, e := range batch {
		p := events.As[events.ReportEvent](e.Payload)
		if p == nil {
			continue
		}
		reports = append(reports, id{e.Org, p.Report()})
		if run, ok := runOf(p); ok {
			runs = append(runs, id{e.Org, run})
		}
	}
	if len(reports) == 0 {
		return nil
	}
	rows, ran := newFold[id, Report](), newFold[id, ReportRun]()
	if err := errors.Join(loadRows(ctx, tx, rows, "reports", "report_id", reports, func(r *Report) id { return id{r.OrgID, r.ReportID} }),
		loadRows(ctx, tx, ran, "report_runs", "run_id", runs, func(r *ReportRun) id { return id{r.OrgID, r.RunID} })); err != nil {
		return err
	}
	for _, e := range batch {
		if err := applyReport(rows, ran, e); err != nil {
			return err
		}
	}
	return errors.Join(upsertRows(ctx, tx, "reports", "org_id, report_id", rows.liveRows()), upsertRows(ctx, tx, "report_runs", "org_id, run_id", ran.liveRows()))
}

func applyReport(rows *fold[id, Report], ran *fold[id, ReportRun], e *es.Event) (err error) {
	p := events.As[events.ReportEvent](e.Payload)
	if p == nil {
		return nil
	}
	if made, ok := p.(events.ReportCreated); ok {
		r := &Report{OrgID: e.Org, ReportID: made.ReportID, Oseq: e.Oseq, Name: made.Name, NextAt: timeOrNil(made.NextAt), Version: 1, CreatedBy: made.CreatedBy, CreatedAt: e.Time, UpdatedAt: e.Time}
		r.Plan, err = es.Marshal(made.ReportPlan)
		rows.putRow(id{e.Org, made.ReportID}, r)
		return err
	}
	r := rows.rows[id{e.Org, p.Report()}]
	if r == nil {
		return nil
	}
	run, _ := runOf(p)
	x := ran.rows[id{e.Org, run}]
	if x != nil {
		x.UpdatedAt = e.Time
	}
	switch p := p.(type) {
	case events.ReportChanged:
		r.Name, r.NextAt, r.UpdatedAt, r.Version = p.Name, timeOrNil(p.NextAt), e.Time, r.Version+1
		r.Plan, err = es.Marshal(p.ReportPlan)
	case events.ReportRemoved:
		r.RemovedAt, r.NextAt, r.UpdatedAt = &e.Time, nil, e.Time
	case events.ReportRunRequested:
		r.NextAt = timeOrNil(p.NextAt)
		ran.putRow(id{e.Org, p.RunID}, &ReportRun{OrgID: e.Org, RunID: p.RunID, ReportID: p.ReportID, Oseq: e.Oseq, Name: p.Plan.Name, Status: ReportRunning, From: p.From, To: p.To, TimeZone: p.TimeZone,
			DueAt: timeOrNil(p.DueAt), Files: json.RawMessage(`[]`), ExpiresAt: p.ExpiresAt, CreatedAt: e.Time, UpdatedAt: e.Time})
	case events.ReportRunCompleted:
		if x != nil {
			x.Status, x.Rows = ReportCompleted, p.Rows
			x.Files, err = es.Marshal(p.Files)
		}
	case events.ReportRunFailed:
		if x != nil {
			x.Status, x.Reason = ReportFailed, p.Reason
		}
	case events.ReportCreated: // above
	}
	return err
}

// GetReport returns pgx.ErrNoRows when there is none, or none any more.
func GetReport(ctx context.Context, tx pgx.Tx, org, report uuid.UUID) (*Report, error) {
	rows, err := tx.Query(ctx, selectFrom[Report]("reports")+`where org_id = $1 and report_id = $2 and removed_at is null`, org, report)
	return collectOne[Report](rows, err, "get report")
}

// ListReports returns the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListReports(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Report, error) {
	rows, err := tx.Query(ctx, selectFrom[Report]("reports")+`where org_id = $1 and removed_at is null and ($2 = 0 or oseq < $2) order by oseq desc limit $3`, org, after, limit)
	return collectAll[Report](rows, err, "list reports")
}

// GetReportRun returns pgx.ErrNoRows when there is none, or its report was removed.
func GetReportRun(ctx context.Context, tx pgx.Tx, org, run uuid.UUID) (*ReportRun, error) {
	rows, err := tx.Query(ctx, selectFrom[ReportRun]("report_runs")+`x where org_id = $1 and run_id = $2
		and exists (select from read.reports r where r.org_id = x.org_id and r.report_id = x.report_id and r.removed_at is null)`, org, run)
	return collectOne[ReportRun](rows, err, "get run of a report")
}

// ListReportRuns returns those of a report, the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListReportRuns(ctx context.Context, tx pgx.Tx, org, report uuid.UUID, after int64, limit int) ([]*ReportRun, error) {
	rows, err := tx.Query(ctx, selectFrom[ReportRun]("report_runs")+`where org_id = $1 and report_id = $2 and ($3 = 0 or oseq < $3) order by oseq desc limit $4`, org, report, after, limit)
	return collectAll[ReportRun](rows, err, "list runs of a report")
}

// AllCampaignNames returns what campaigns are called.
func AllCampaignNames(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]string, error) {
	return textsOf(ctx, tx, `select campaign_id, name from read.campaigns where org_id = $1`, org)
}
