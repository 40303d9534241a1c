package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/costs"
	"outrider/internal/es"
	"outrider/projections"
	"outrider/projections/analytics"
)

// reportHandlers answer what is asked of saved reports.
type reportHandlers struct {
	*readSide
	*writeSide
	files ReportFiles // may be nil
	base  string
}

func forReports(handle func(*reportHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&reportHandlers{s.readSide, s.writeSide, s.cfg.ReportFiles, s.cfg.BaseURL}, c)
	}
}

// planIn reads a plan, whose form has been checked.
func planIn(c *call, b gen.ReportPlan) (p events.ReportPlan, err error) {
	p = events.ReportPlan{Name: b.Name, Recipients: b.Recipients, Query: events.ReportQuery{Unit: string(b.Query.Unit), Period: string(b.Query.Period)},
		Schedule: events.ReportSchedule{Every: string(b.Schedule.Every), Weekday: b.Schedule.Weekday, Day: b.Schedule.Day, Hour: b.Schedule.Hour}}
	for _, f := range b.Formats {
		p.Formats = append(p.Formats, string(f))
	}
	for _, m := range b.Query.Metrics {
		if p.Query.Unit == events.UnitPerson && analytics.OnlyOfMessages(string(m)) {
			return p, invalidField("query.metrics", string(m)+" is of messages only; of people, ask for sent or bounced")
		}
		p.Query.Metrics = append(p.Query.Metrics, string(m))
	}
	for _, d := range b.Query.By {
		if analytics.OfPeople(string(d)) && c.masked() {
			return p, needsPII("by " + string(d))
		}
		p.Query.By = append(p.Query.By, string(d))
	}
	where, err := filterOf("query.filter", b.Query.Filter)
	if err != nil {
		return p, err
	}
	for _, name := range slices.Sorted(maps.Keys(where)) {
		p.Query.Where = append(p.Query.Where, events.ReportFilter{Dimension: name, Values: where[name]})
	}
	if slices.Contains(p.Query.Metrics, costs.Metric) {
		if name := costs.NotBy(analytics.Query{By: p.Query.By, Where: where}); name != "" {
			return p, invalidField("query.metrics", "cost can't be told apart by "+name)
		}
	}
	return p, nil
}

func reportOf(row *projections.Report) (out gen.Report, err error) {
	var p events.ReportPlan
	if err := json.Unmarshal(row.Plan, &p); err != nil {
		return out, fmt.Errorf("plan of report %s: %w", row.ReportID, err)
	}
	out = gen.Report{ID: row.ReportID, NextAt: valueOrZero(row.NextAt), Version: row.Version, CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	out.Plan = gen.ReportPlan{Name: p.Name, Recipients: p.Recipients, Query: gen.ReportQuery{Unit: gen.AnalyticsUnit(p.Query.Unit), Period: gen.ReportQueryPeriod(p.Query.Period)},
		Schedule: gen.ReportSchedule{Every: gen.ReportScheduleEvery(p.Schedule.Every), Weekday: p.Schedule.Weekday, Day: p.Schedule.Day, Hour: p.Schedule.Hour}}
	for _, f := range p.Formats {
		out.Plan.Formats = append(out.Plan.Formats, gen.ReportFormat(f))
	}
	for _, m := range p.Query.Metrics {
		out.Plan.Query.Metrics = append(out.Plan.Query.Metrics, gen.AnalyticsMetric(m))
	}
	for _, d := range p.Query.By {
		out.Plan.Query.By = append(out.Plan.Query.By, gen.AnalyticsDimension(d))
	}
	where := map[string][]string{}
	for _, f := range p.Query.Where {
		where[f.Dimension] = f.Values
	}
	text, err := json.Marshal(where)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(text, &out.Plan.Query.Filter)
}

func (r *reportHandlers) createReport(c *call, body gen.ReportPlan) error {
	p, err := planIn(c, body)
	if err != nil {
		return err
	}
	in, err := r.beginOwn(c)
	if err != nil {
		return err
	}
	id, who := in.newID("report"), c.actorOf()
	a, err := r.submitCommand(in, commands.CreateReport{ReportRef: events.ReportRef{ReportID: id}, ReportPlan: p, CreatedBy: who.Kind + ":" + who.ID})
	if err != nil {
		return err
	}
	return r.showAfterChange(c, "reports", a, func() error {
		out, err := r.loadReport(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/reports/"+id.String(), out.Version)
	})
}

func (r *reportHandlers) changeReport(c *call, id uuid.UUID, body gen.ReportPlan) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	p, err := planIn(c, body)
	if err != nil {
		return err
	}
	a, err := r.submitOwn(c, commands.ChangeReport{ReportRef: events.ReportRef{ReportID: id}, ReportPlan: p, IfVersion: version})
	if err != nil {
		return err
	}
	return r.showAfterChange(c, "reports", a, func() error { return r.showReport(c, id) })
}

func removeReport(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveReport{ReportRef: events.ReportRef{ReportID: id}}, nil
}

func (r *reportHandlers) loadReport(c *call, id uuid.UUID) (out gen.Report, err error) {
	err = r.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetReport(c.ctx, tx, c.who.Org, id)
		if err == nil {
			out, err = reportOf(row)
		}
		return err
	})
	return out, err
}

func (r *reportHandlers) showReport(c *call, id uuid.UUID) error {
	out, err := r.loadReport(c, id)
	if err != nil {
		return err
	}
	return c.answerVersioned(out, out.Version)
}

func (r *reportHandlers) listReports(c *call) error {
	data, next, err := listPage(r.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Report, error) {
		return projections.ListReports(c.ctx, tx, c.who.Org, after, limit)
	}, func(row *projections.Report) int64 { return row.Oseq }, reportOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ReportPage{Data: data, NextCursor: next})
}

func (r *reportHandlers) runOf(row *projections.ReportRun) (out gen.ReportRun, err error) {
	out = gen.ReportRun{ID: row.RunID, ReportID: row.ReportID, Name: row.Name, Status: gen.ReportRunStatus(row.Status), Reason: row.Reason, From: row.From, To: row.To, TimeZone: row.TimeZone, DueAt: valueOrZero(row.DueAt),
		Rows: row.Rows, Files: []gen.ReportFile{}, ExpiresAt: row.ExpiresAt, CreatedAt: row.CreatedAt}
	if row.Status == projections.ReportCompleted && !r.now().Before(row.ExpiresAt) {
		out.Status = gen.ReportRunStatusExpired
		return out, nil
	}
	var files []events.ReportFile
	if err := json.Unmarshal(row.Files, &files); err != nil {
		return out, fmt.Errorf("files of run %s: %w", row.RunID, err)
	}
	for _, f := range files {
		out.Files = append(out.Files, gen.ReportFile{Format: gen.ReportFormat(f.Format), Bytes: f.Bytes, Sha256: f.SHA256})
	}
	return out, nil
}

func (r *reportHandlers) listRuns(c *call, id uuid.UUID) error {
	if _, err := r.loadReport(c, id); err != nil {
		return err
	}
	data, next, err := listPage(r.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.ReportRun, error) {
		return projections.ListReportRuns(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(row *projections.ReportRun) int64 { return row.Oseq }, r.runOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ReportRunPage{Data: data, NextCursor: next})
}

func (r *reportHandlers) runReport(c *call, id uuid.UUID) error {
	in, err := r.beginOwn(c)
	if err != nil {
		return err
	}
	a, err := r.submitCommand(in, commands.RunReport{ReportRef: events.ReportRef{ReportID: id}, RunID: in.newID("run")})
	if err != nil {
		return err
	}
	return r.showNewestRun(c, a, id)
}

func (r *reportHandlers) showNewestRun(c *call, a es.Answer, id uuid.UUID) error {
	return r.showAfterChange(c, "reports", a, func() error {
		var out gen.ReportRun
		if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			rows, err := projections.ListReportRuns(c.ctx, tx, c.who.Org, id, 0, 1)
			if err == nil && len(rows) == 0 {
				return pgx.ErrNoRows
			}
			if err == nil {
				out, err = r.runOf(rows[0])
			}
			return err
		}); err != nil {
			return err
		}
		return c.answerJSON(http.StatusOK, out)
	})
}
