package events

import (
	"time"

	"github.com/google/uuid"
)

// ReportRef names a saved report.
type ReportRef struct {
	ReportID uuid.UUID `json:"report_id"`
}

func (r ReportRef) AggregateID() string { return r.ReportID.String() }
func (r ReportRef) Report() uuid.UUID   { return r.ReportID }

// Forms of a report's file.
const (
	ReportCSV     = "csv"
	ReportParquet = "parquet"
	ReportHTML    = "html" // with charts, for people
)

// Periods that a report is about, as seen from the day on which it runs, in the organisation's zone.
const (
	ReportYesterday  = "yesterday"
	ReportLast7Days  = "last_7_days"
	ReportLast28Days = "last_28_days"
	ReportLastWeek   = "last_week" // Monday to Sunday
	ReportLastMonth  = "last_month"
)

// How often a report runs by itself.
const (
	ReportDaily   = "daily"
	ReportWeekly  = "weekly"
	ReportMonthly = "monthly"
)

// ReportPlan is what a report asks, when, and who gets it.
type ReportPlan struct {
	Name       string         `json:"name"`
	Query      ReportQuery    `json:"query"`
	Formats    []string       `json:"formats"`
	Schedule   ReportSchedule `json:"schedule,omitzero"`
	Recipients []uuid.UUID    `json:"recipients,omitzero"` // members who are told by mail
}

// ReportQuery is what is counted; see projections/analytics.Query.
type ReportQuery struct {
	Metrics []string       `json:"metrics"`
	By      []string       `json:"by,omitzero"`
	Where   []ReportFilter `json:"where,omitzero"`
	Unit    string         `json:"unit"`   // person | message
	Period  string         `json:"period"` // one of Report...
}

// ReportFilter keeps some values of a dimension.
type ReportFilter struct {
	Dimension string   `json:"dimension"`
	Values    []string `json:"values"`
}

// ReportSchedule is when it runs, in the organisation's zone.
type ReportSchedule struct {
	Every   string `json:"every,omitzero"`   // daily, weekly, monthly; empty = only when somebody asks
	Weekday int    `json:"weekday,omitzero"` // of weekly: 1 = Monday to 7
	Day     int    `json:"day,omitzero"`     // of monthly: 1 to 28
	Hour    int    `json:"hour,omitzero"`    // 0 to 23
}

// ReportCreated is a saved report.
type ReportCreated struct {
	ReportRef
	ReportPlan
	NextAt    time.Time `json:"next_at,omitzero"` // when it runs next by itself
	CreatedBy string    `json:"created_by"`       // "kind:id" of the actor
}

func (ReportCreated) EventType() string { return "report.created.v1" }

// ReportChanged is another plan.
type ReportChanged struct {
	ReportRef
	ReportPlan
	NextAt time.Time `json:"next_at,omitzero"`
}

func (ReportChanged) EventType() string { return "report.changed.v1" }

// ReportRemoved ends it; the files of its runs go with it.
type ReportRemoved struct {
	ReportRef
}

func (ReportRemoved) EventType() string { return "report.removed.v1" }

// ReportRunRequested asks for the files of a period. It carries all that they are made by.
type ReportRunRequested struct {
	ReportRef
	RunID     uuid.UUID  `json:"run_id"`
	Plan      ReportPlan `json:"plan"`
	From      string     `json:"from"` // days of the period, both included
	To        string     `json:"to"`
	TimeZone  string     `json:"time_zone"`
	DueAt     time.Time  `json:"due_at,omitzero"`  // by the schedule; zero = somebody asked
	NextAt    time.Time  `json:"next_at,omitzero"` // when it runs next by itself
	ExpiresAt time.Time  `json:"expires_at"`       // of the files
}

func (ReportRunRequested) EventType() string { return "report.run_requested.v1" }

// ReportFile is one file of a run.
type ReportFile struct {
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
}

// ReportRunCompleted says that the files are there.
type ReportRunCompleted struct {
	ReportRef
	RunID uuid.UUID    `json:"run_id"`
	Rows  int          `json:"rows"`
	Files []ReportFile `json:"files"`
}

func (ReportRunCompleted) EventType() string { return "report.run_completed.v1" }

// ReportRunFailed says that there will be none.
type ReportRunFailed struct {
	ReportRef
	RunID  uuid.UUID `json:"run_id"`
	Reason string    `json:"reason"`
}

func (ReportRunFailed) EventType() string { return "report.run_failed.v1" }
