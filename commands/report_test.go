package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
	"outrider/internal/zone"
)

var weekly = events.ReportRef{ReportID: uuid.MustParse("01990000-0000-7000-8000-0000000000f1")}

func reportPlan(change ...func(*events.ReportPlan)) events.ReportPlan {
	p := events.ReportPlan{Name: "Weekly", Query: events.ReportQuery{Metrics: []string{"sent", "replied"}, By: []string{"campaign"}, Unit: "person", Period: "last_week"}, Formats: []string{"csv"},
		Schedule: events.ReportSchedule{Every: "weekly", Weekday: 1, Hour: 8}}
	for _, c := range change {
		c(&p)
	}
	return p
}

// nextMonday is eight in Berlin, after the clocks have changed.
var nextMonday = time.Date(2026, 4, 6, 6, 0, 0, 0, time.UTC)

func reportCreated(change ...func(*events.ReportPlan)) events.ReportCreated {
	return events.ReportCreated{ReportRef: weekly, ReportPlan: reportPlan(change...), NextAt: nextMonday, CreatedBy: "person:1"}
}

func TestReports(t *testing.T) {
	t.Parallel()
	create := commands.CreateReport{ReportRef: weekly, ReportPlan: reportPlan(), CreatedBy: "person:1"}
	invalid := func(change func(*events.ReportPlan)) estest.Case {
		return estest.Case{Given: given(), When: commands.CreateReport{ReportRef: weekly, ReportPlan: reportPlan(change)}, Refused: "invalid"}
	}
	daily := func(p *events.ReportPlan) { p.Schedule = events.ReportSchedule{Every: "daily", Hour: 8} }
	byHand := func(p *events.ReportPlan) { p.Schedule = events.ReportSchedule{} }
	noon := time.Date(2026, 4, 7, 12, 0, 0, 0, time.UTC) // the Tuesday after it was due
	run := func(id uuid.UUID, at time.Time) events.ReportRunRequested {
		return events.ReportRunRequested{ReportRef: weekly, RunID: id, Plan: reportPlan(), From: "2026-03-23", To: "2026-03-29", TimeZone: "Europe/Berlin", NextAt: nextMonday, ExpiresAt: at.Add(commands.ReportKept)}
	}
	asked := run(other, estest.At)
	due := run(es.DeriveID(weekly.ReportID, "run", nextMonday.Format(time.RFC3339)), noon)
	due.From, due.To, due.DueAt, due.NextAt = "2026-03-30", "2026-04-05", nextMonday, nextMonday.AddDate(0, 0, 7)
	done := events.ReportRunCompleted{ReportRef: weekly, RunID: other, Rows: 2, Files: []events.ReportFile{{Format: "csv", Bytes: 10, SHA256: "00"}}}
	failed := events.ReportRunFailed{ReportRef: weekly, RunID: other, Reason: "no"}
	removed := events.ReportRemoved{ReportRef: weekly}
	changed := events.ReportChanged{ReportRef: weekly, ReportPlan: reportPlan(daily), NextAt: time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC)}
	kit().Run(t, map[string]estest.Case{
		"a report is saved":                     {Given: given(), When: create, Then: facts{reportCreated()}, Again: estest.NothingToDo()},
		"an id isn't used for another":          {Given: given(reportCreated()), When: commands.CreateReport{ReportRef: weekly, ReportPlan: reportPlan(daily)}, Refused: "already_exists"},
		"it has a form":                         invalid(func(p *events.ReportPlan) { p.Formats = nil }),
		"each form once":                        invalid(func(p *events.ReportPlan) { p.Formats = []string{"csv", "csv"} }),
		"it counts something":                   invalid(func(p *events.ReportPlan) { p.Query.Metrics = nil }),
		"it has a period":                       invalid(func(p *events.ReportPlan) { p.Query.Period = "ever" }),
		"a week has seven days":                 invalid(func(p *events.ReportPlan) { p.Schedule.Weekday = 8 }),
		"strangers aren't told":                 invalid(func(p *events.ReportPlan) { p.Recipients = []uuid.UUID{other} }),
		"it is changed":                         {Given: given(reportCreated()), When: commands.ChangeReport{ReportRef: weekly, ReportPlan: reportPlan(daily), IfVersion: ptr(1)}, Then: facts{changed}, Again: estest.NothingToDo()},
		"somebody else was faster":              {Given: given(reportCreated(), changed), When: commands.ChangeReport{ReportRef: weekly, ReportPlan: reportPlan(), IfVersion: ptr(1)}, Refused: "version_conflict"},
		"what isn't there isn't changed":        {Given: given(), When: commands.ChangeReport{ReportRef: weekly, ReportPlan: reportPlan()}, Refused: "not_found"},
		"somebody runs it":                      {Given: given(reportCreated()), When: commands.RunReport{ReportRef: weekly, RunID: other}, Then: facts{asked}, Again: estest.NothingToDo()},
		"what isn't there isn't run":            {Given: given(), When: commands.RunReport{ReportRef: weekly, RunID: other}, Refused: "not_found"},
		"its time comes, once for all missed":   {Given: given(reportCreated(), periods()), At: noon, When: commands.AdvanceClock{}, Then: facts{due}, Again: estest.NothingToDo()},
		"nothing runs before":                   {Given: given(reportCreated(), periods()), At: nextMonday.Add(-1), When: commands.AdvanceClock{}, Noop: true},
		"nothing runs by itself by hand":        {Given: given(events.ReportCreated{ReportRef: weekly, ReportPlan: reportPlan(byHand)}, periods()), At: noon, When: commands.AdvanceClock{}, Noop: true},
		"nothing runs while suspended":          {Given: given(reportCreated(), periods(), status("suspended")), At: noon, When: commands.AdvanceClock{}, Noop: true},
		"its files are there":                   {Given: given(reportCreated(), asked), When: commands.CompleteReportRun(done), Then: facts{done}, Again: estest.NothingToDo()},
		"files of what was removed must not":    {Given: given(reportCreated(), asked, removed), When: commands.CompleteReportRun(done), Refused: "not_found"},
		"there are files":                       {Given: given(reportCreated(), asked), When: commands.CompleteReportRun{ReportRef: weekly, RunID: other}, Refused: "invalid"},
		"it fails":                              {Given: given(reportCreated(), asked), When: commands.FailReportRun(failed), Then: facts{failed}, Again: estest.NothingToDo()},
		"with a reason":                         {Given: given(reportCreated(), asked), When: commands.FailReportRun{ReportRef: weekly, RunID: other}, Refused: "invalid"},
		"what has ended doesn't fail":           {Given: given(reportCreated(), asked, done), When: commands.FailReportRun(failed), Noop: true},
		"it is removed":                         {Given: given(reportCreated()), When: commands.RemoveReport{ReportRef: weekly}, Then: facts{removed}, Again: estest.RefusedAs("not_found")},
		"a removed one doesn't run by itself":   {Given: given(reportCreated(), removed, periods()), At: noon, When: commands.AdvanceClock{}, Noop: true},
		"after a run by hand it runs as before": {Given: given(reportCreated(), asked, done, periods()), At: noon, When: commands.AdvanceClock{}, Then: facts{due}, Again: estest.NothingToDo()},
	})
}

func TestSchedulesOfReports(t *testing.T) {
	t.Parallel()
	berlin, err := zone.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		schedule    events.ReportSchedule
		after, want string
	}{
		{events.ReportSchedule{Every: "daily", Hour: 8}, "2026-03-28 08:00", "2026-03-29 08:00"},
		{events.ReportSchedule{Every: "daily", Hour: 8}, "2026-03-28 07:59", "2026-03-28 08:00"},
		{events.ReportSchedule{Every: "daily", Hour: 2}, "2026-03-28 12:00", "2026-03-29 03:00"}, // two o'clock is left out
		{events.ReportSchedule{Every: "weekly", Weekday: 7, Hour: 0}, "2026-03-29 00:00", "2026-04-05 00:00"},
		{events.ReportSchedule{Every: "monthly", Day: 28, Hour: 6}, "2026-01-28 06:00", "2026-02-28 06:00"},
		{events.ReportSchedule{Every: "monthly", Day: 1, Hour: 0}, "2026-12-31 23:00", "2027-01-01 00:00"},
	} {
		if got := aggregates.NextReport(c.schedule, at(c.after), berlin); !got.Equal(at(c.want)) {
			t.Errorf("%+v after %s comes at %s, want %s", c.schedule, c.after, got.In(berlin), c.want)
		}
	}
	for period, want := range map[string][2]string{"yesterday": {"2026-03-01", "2026-03-01"}, "last_7_days": {"2026-02-23", "2026-03-01"}, "last_28_days": {"2026-02-02", "2026-03-01"},
		"last_week": {"2026-02-23", "2026-03-01"}, "last_month": {"2026-02-01", "2026-02-28"}} {
		if from, to := aggregates.ReportDays(period, at("2026-03-02 00:30"), berlin); from != want[0] || to != want[1] { // a Monday; Sunday in UTC
			t.Errorf("%s is %s to %s, want %v", period, from, to, want)
		}
	}
}
