package aggregates

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Reports that are saved.
type Reports struct {
	byID  map[uuid.UUID]*Report
	order []*Report // the oldest first
}

// Report is one of them.
type Report struct {
	ID      uuid.UUID
	Plan    events.ReportPlan
	Version int

	created [sha256.Size]byte
	next    int64              // 0 = it doesn't run by itself
	running map[uuid.UUID]bool // runs that have no files yet
}

// Get returns a report, or nil.
func (r *Reports) Get(id uuid.UUID) *Report { return r.byID[id] }

// All counts them.
func (r *Reports) All() int { return len(r.order) }

// CreatedAs reports whether it was created by this very event.
func (r *Report) CreatedAs(e events.ReportCreated) bool { return r.created == digestOf(e) }

// NextAt is when it runs next by itself; zero = never.
func (r *Report) NextAt() time.Time {
	if r.next == 0 {
		return time.Time{}
	}
	return toTime(r.next)
}

// Running reports whether a run has no files yet.
func (r *Report) Running(run uuid.UUID) bool { return r.running[run] }

// RunningAny reports whether any run hasn't.
func (r *Report) RunningAny() bool { return len(r.running) > 0 }

// Due returns the reports whose time has come, the oldest first.
func (r *Reports) Due(now time.Time) (out []*Report) {
	for _, x := range r.order {
		if x.next != 0 && x.next <= toMicros(now) {
			out = append(out, x)
		}
	}
	return out
}

// dueAt returns when the next one runs; 0 = none does.
func (r *Reports) dueAt() (at int64) {
	for _, x := range r.order {
		if x.next != 0 && (at == 0 || x.next < at) {
			at = x.next
		}
	}
	return at
}

func (r *Reports) applyEvent(event events.ReportEvent) {
	is := r.byID[event.Report()]
	if made, ok := event.(events.ReportCreated); ok {
		is = &Report{ID: made.ReportID, created: digestOf(made), Plan: made.ReportPlan, Version: 1, next: microsOrNever(made.NextAt)}
		putInMap(&r.byID, made.ReportID, is)
		r.order = append(r.order, is)
		return
	}
	if is == nil {
		return
	}
	switch e := event.(type) {
	case events.ReportChanged:
		is.Plan, is.next = e.ReportPlan, microsOrNever(e.NextAt)
		is.Version++
	case events.ReportRemoved:
		delete(r.byID, e.ReportID)
		r.order = slices.DeleteFunc(r.order, func(x *Report) bool { return x.ID == e.ReportID })
	case events.ReportRunRequested:
		is.next = microsOrNever(e.NextAt)
		putInMap(&is.running, e.RunID, true)
	case events.ReportRunCompleted:
		delete(is.running, e.RunID)
	case events.ReportRunFailed:
		delete(is.running, e.RunID)
	case events.ReportCreated: // above
	}
}

func microsOrNever(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return toMicros(at)
}

// NextReport returns the first time of a schedule after an instant; zero = it never comes by itself.
func NextReport(s events.ReportSchedule, after time.Time, loc *time.Location) time.Time {
	local := after.In(loc)
	at := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, s.Hour, 0, 0, 0, loc)
	}
	for days := range 63 { // a month has at most 31 days, and an hour that clocks leave out is another one
		next := at(days)
		switch {
		case !next.After(after):
		case s.Every == events.ReportDaily,
			s.Every == events.ReportWeekly && (int(next.Weekday())+6)%7+1 == s.Weekday,
			s.Every == events.ReportMonthly && next.Day() == s.Day:
			return next.UTC()
		}
	}
	return time.Time{}
}

// ReportDays returns the days of a period, both included, as seen at an instant.
func ReportDays(period string, now time.Time, loc *time.Location) (from, to string) {
	local := now.In(loc)
	day := func(year int, month time.Month, day int) string {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	y, m, d := local.Date()
	switch period {
	case events.ReportYesterday:
		return day(y, m, d-1), day(y, m, d-1)
	case events.ReportLast28Days:
		return day(y, m, d-28), day(y, m, d-1)
	case events.ReportLastWeek:
		monday := d - (int(local.Weekday())+6)%7
		return day(y, m, monday-7), day(y, m, monday-1)
	case events.ReportLastMonth:
		return day(y, m-1, 1), day(y, m, 0)
	}
	return day(y, m, d-7), day(y, m, d-1)
}
