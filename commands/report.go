package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/zone"
)

const (
	// MaxReports bounds those of an organisation.
	MaxReports = 100
	// ReportKept is how long the files of a run are kept.
	ReportKept = 90 * 24 * time.Hour

	mostRecipients = 50
)

// CreateReport saves a report. What it counts was checked by the edge, which knows the metrics.
type CreateReport struct {
	events.ReportRef
	events.ReportPlan
	CreatedBy string `json:"created_by"` // "kind:id" of the actor
}

func (CreateReport) CommandType() string { return "report.create.v1" }

// Decide identifies a report by its id.
func (c CreateReport) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if is := o.Reports.Get(c.ReportID); is != nil {
		if samePlan(is.Plan, c.ReportPlan) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.ReportID)
	}
	if c.ReportID == uuid.Nil {
		return nil, errInvalid("report_id", "is missing")
	}
	if o.Reports.All() >= MaxReports {
		return nil, errInvalid("name", "there are "+strconv.Itoa(MaxReports)+" reports; remove one first")
	}
	next, err := checkReportPlan(now, o, c.ReportPlan)
	if err != nil {
		return nil, err
	}
	return oneEvent(events.ReportCreated{ReportRef: c.ReportRef, ReportPlan: c.ReportPlan, NextAt: next, CreatedBy: c.CreatedBy})
}

// checkReportPlan returns when a plan runs for the first time.
func checkReportPlan(now time.Time, o *aggregates.Organization, p events.ReportPlan) (next time.Time, err error) {
	for i, f := range p.Formats {
		if f != events.ReportCSV && f != events.ReportParquet && f != events.ReportHTML || slices.Contains(p.Formats[:i], f) {
			return next, errInvalid("formats."+strconv.Itoa(i), "must be csv, parquet or html, each once")
		}
	}
	for i, r := range p.Recipients {
		if o.Members.RoleOf(r) == "" || slices.Contains(p.Recipients[:i], r) {
			return next, errInvalid("recipients."+strconv.Itoa(i), "must be members, each once")
		}
	}
	periods := []string{events.ReportYesterday, events.ReportLast7Days, events.ReportLast28Days, events.ReportLastWeek, events.ReportLastMonth}
	s := p.Schedule
	switch {
	case len(p.Formats) == 0:
		return next, errInvalid("formats", "names none")
	case len(p.Recipients) > mostRecipients:
		return next, errInvalid("recipients", "must be at most "+strconv.Itoa(mostRecipients))
	case len(p.Query.Metrics) == 0 || len(p.Query.Metrics) > 20:
		return next, errInvalid("query.metrics", "must be 1 to 20")
	case len(p.Query.By) > 2:
		return next, errInvalid("query.by", "must be at most 2")
	case len(p.Query.Where) > 20 || slices.ContainsFunc(p.Query.Where, func(f events.ReportFilter) bool { return len(f.Values) > 200 }):
		return next, errInvalid("query.where", "is too long")
	case !slices.Contains(periods, p.Query.Period):
		return next, errInvalid("query.period", "must be yesterday, last_7_days, last_28_days, last_week or last_month")
	case p.Query.Unit != events.UnitPerson && p.Query.Unit != events.UnitMessage:
		return next, errInvalid("query.unit", "must be person or message")
	case s.Every != "" && s.Every != events.ReportDaily && s.Every != events.ReportWeekly && s.Every != events.ReportMonthly:
		return next, errInvalid("schedule.every", "must be daily, weekly or monthly")
	case s.Hour < 0 || s.Hour > 23:
		return next, errInvalid("schedule.hour", "must be 0 to 23")
	case s.Every == events.ReportWeekly && (s.Weekday < 1 || s.Weekday > 7):
		return next, errInvalid("schedule.weekday", "must be 1 (Monday) to 7")
	case s.Every == events.ReportMonthly && (s.Day < 1 || s.Day > 28):
		return next, errInvalid("schedule.day", "must be 1 to 28")
	}
	if err := checkText("name", p.Name, 1, 200); err != nil {
		return next, err
	}
	if s.Every == "" {
		return next, nil
	}
	loc, err := zone.Load(o.TimeZone)
	if err != nil {
		return next, err
	}
	return aggregates.NextReport(s, now, loc), nil
}

func samePlan(a, b events.ReportPlan) bool {
	return a.Name == b.Name && a.Schedule == b.Schedule && slices.Equal(a.Formats, b.Formats) && slices.Equal(a.Recipients, b.Recipients) && a.Query.Unit == b.Query.Unit && a.Query.Period == b.Query.Period &&
		slices.Equal(a.Query.Metrics, b.Query.Metrics) && slices.Equal(a.Query.By, b.Query.By) &&
		slices.EqualFunc(a.Query.Where, b.Query.Where, func(a, b events.ReportFilter) bool {
			return a.Dimension == b.Dimension && slices.Equal(a.Values, b.Values)
		})
}

// ChangeReport gives a report another plan.
type ChangeReport struct {
	events.ReportRef
	events.ReportPlan
	IfVersion *int `json:"if_version,omitzero"`
}

func (ChangeReport) CommandType() string { return "report.change.v1" }

// Decide lets a run that is under way end as it began.
func (c ChangeReport) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Reports.Get(c.ReportID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ReportID)
	case samePlan(is.Plan, c.ReportPlan):
		return nil, nil
	}
	if err := checkVersion(c.ReportID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	next, err := checkReportPlan(now, o, c.ReportPlan)
	if err != nil {
		return nil, err
	}
	return oneEvent(events.ReportChanged{ReportRef: c.ReportRef, ReportPlan: c.ReportPlan, NextAt: next})
}

// RemoveReport ends a report, and removes the files of its runs.
type RemoveReport struct {
	events.ReportRef
}

func (RemoveReport) CommandType() string { return "report.remove.v1" }

// Decide doesn't find a report that was removed.
func (c RemoveReport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Reports.Get(c.ReportID) == nil {
		return nil, errNotFound(c.ReportID)
	}
	return oneEvent(events.ReportRemoved(c))
}

// RunReport makes the files now, of the period as it is now.
type RunReport struct {
	events.ReportRef
	RunID uuid.UUID `json:"run_id"`
}

func (RunReport) CommandType() string { return "report.run.v1" }

// Decide has nothing to do while a run is under way: its files are as good.
func (c RunReport) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Reports.Get(c.ReportID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ReportID)
	case c.RunID == uuid.Nil:
		return nil, errInvalid("run_id", "is missing")
	case is.RunningAny():
		return nil, nil
	}
	e, err := reportRun(now, o, is, c.RunID)
	if err != nil {
		return nil, err
	}
	e.NextAt = is.NextAt()
	return oneEvent(e)
}

func reportRun(now time.Time, o *aggregates.Organization, is *aggregates.Report, run uuid.UUID) (events.ReportRunRequested, error) {
	loc, err := zone.Load(o.TimeZone)
	if err != nil {
		return events.ReportRunRequested{}, err
	}
	from, to := aggregates.ReportDays(is.Plan.Query.Period, now, loc)
	return events.ReportRunRequested{ReportRef: events.ReportRef{ReportID: is.ID}, RunID: run, Plan: is.Plan, From: from, To: to, TimeZone: o.TimeZone, ExpiresAt: now.Add(ReportKept)}, nil
}

// runDueReports asks for the files of reports whose time has come: once each, however many times were missed.
func runDueReports(now time.Time, o *aggregates.Organization) (out []events.Event) {
	for _, is := range o.Reports.Due(now) {
		at := is.NextAt()
		e, err := reportRun(now, o, is, es.DeriveID(is.ID, "run", at.Format(time.RFC3339)))
		loc, zoneErr := zone.Load(o.TimeZone)
		if err != nil || zoneErr != nil {
			continue // the zone was checked when it was set
		}
		e.DueAt, e.NextAt = at, aggregates.NextReport(is.Plan.Schedule, now, loc)
		out = append(out, e)
	}
	return out
}

// CompleteReportRun records that the files are there.
type CompleteReportRun events.ReportRunCompleted

func (CompleteReportRun) CommandType() string { return "report.complete_run.v1" }

// Decide refuses the files of a report that was removed: they must not stay.
func (c CompleteReportRun) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Reports.Get(c.ReportID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ReportID)
	case !is.Running(c.RunID):
		return nil, nil
	case c.Rows < 0 || len(c.Files) == 0 || len(c.Files) > 3:
		return nil, errInvalid("files", "must be 1 to 3")
	}
	return oneEvent(events.ReportRunCompleted(c))
}

// FailReportRun records that there will be no files.
type FailReportRun events.ReportRunFailed

func (FailReportRun) CommandType() string { return "report.fail_run.v1" }

// Decide has nothing to do for a run that isn't under way.
func (c FailReportRun) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Reports.Get(c.ReportID)
	if is == nil || !is.Running(c.RunID) {
		return nil, nil
	}
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.ReportRunFailed(c))
}
