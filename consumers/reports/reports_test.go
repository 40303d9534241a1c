package reports

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/reportfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/systemmail"
	"outrider/projections/analytics"
)

// found answers every run with one table, or fails.
type found struct {
	table reportfile.Table
	err   error
}

func (f *found) Ask(context.Context, uuid.UUID, events.ReportRunRequested) (reportfile.Table, error) {
	return f.table, f.err
}

type postbox map[string]systemmail.Message

func (p postbox) Deliver(_ context.Context, m systemmail.Message, id string) error {
	p[id] = m
	return nil
}

type office struct {
	*Reports
	*reactortest.Boundary
	source *found
	bucket *blob.Bucket
	mails  postbox
	org    uuid.UUID
	asked  events.ReportRunRequested
}

func setupOffice(t *testing.T) *office {
	t.Helper()
	return setupOfficeAt(t, filepath.Join(t.TempDir(), "blobs"))
}

func setupOfficeAt(t *testing.T, location string) *office {
	t.Helper()
	bucket, err := blob.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	query := events.ReportQuery{Metrics: []string{"replied"}, By: []string{"campaign"}, Unit: "person", Period: "last_week"}
	o := &office{Boundary: &reactortest.Boundary{}, bucket: bucket, mails: postbox{}, org: es.NewID(),
		source: &found{table: reportfile.Table{Name: "<b>Weekly</b>", Query: query, Figures: []reportfile.Figure{{First: "Spring <i>", Metric: "replied", Count: 12, Of: 400, Denominator: "sent", Rate: 0.03, Low: 0.017, High: 0.052},
			{Metric: "replied", Count: 3, Of: 20, Denominator: "sent", Total: true}}}},
		asked: events.ReportRunRequested{ReportRef: events.ReportRef{ReportID: es.NewID()}, RunID: es.NewID(), Plan: events.ReportPlan{Name: "Weekly", Query: query, Formats: []string{"csv", "parquet", "html"}}}}
	o.Reports, err = New(Config{Source: o.source, Bucket: bucket, Commands: o.Boundary, Mailer: o.mails, BaseURL: "https://outrider.test", Now: reactortest.Noon, Log: slog.New(slog.DiscardHandler),
		Addresses: func(context.Context, uuid.UUID, uuid.UUID) (string, string, []string, error) {
			return "Weekly", "acme", []string{"ann@example.com", "bob@example.com"}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) handle(t *testing.T, p events.Event) {
	t.Helper()
	if _, err := o.handleEvent(t.Context(), reactortest.Fact(t, o.org, p)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) file(t *testing.T, format string) string {
	t.Helper()
	r, err := o.bucket.Read(t.Context(), reportfile.Name(o.org, o.asked.ReportID, o.asked.RunID, format))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilesAreWrittenAndToldOf(t *testing.T) {
	t.Parallel()
	o := setupOffice(t)
	o.handle(t, o.asked)
	o.handle(t, o.asked) // again, as after a crash
	done := reactortest.Of[commands.CompleteReportRun](t, o.Boundary)
	if len(done) != 1 || len(done[0].Files) != 3 || done[0].Rows != 2 {
		t.Fatalf("it is completed as %+v", done)
	}
	if csv := o.file(t, "csv"); !strings.Contains(csv, "Spring <i>,,,,replied,12,400,sent,0.03,0.017,0.052,0,false") || int64(len(csv)) != done[0].Files[0].Bytes {
		t.Errorf("the CSV is %s", csv)
	}
	page := o.file(t, "html")
	for _, want := range []string{"&lt;b&gt;Weekly", "Spring &lt;i&gt;", "3.0 % of 400 sent, between 1.7 and 5.2 %", "3 of 20 sent", "<svg"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	rows, err := parquet.Read[reportfile.Figure](bytes.NewReader([]byte(o.file(t, "parquet"))), done[0].Files[1].Bytes)
	if err != nil || len(rows) != 2 || rows[0] != o.source.table.Figures[0] {
		t.Errorf("the Parquet file has %+v, %v", rows, err)
	}
	for range 2 {
		e := reactortest.Fact(t, o.org, events.ReportRunCompleted(done[0]))
		if _, err := o.handleEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.mails) != 2 {
		t.Errorf("%d mails, want one to each", len(o.mails))
	}
	for _, m := range o.mails {
		if !strings.Contains(m.Text, "https://outrider.test/o/acme/analytics/reports?report="+o.asked.ReportID.String()) {
			t.Errorf("it says %s", m.Text)
		}
	}
	o.handle(t, events.ReportRemoved{ReportRef: o.asked.ReportRef})
	if left, err := o.bucket.List(t.Context(), "reports/"); err != nil || len(left) != 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func TestWhatCannotBeWrittenFailsWithAReason(t *testing.T) {
	t.Parallel()
	o := setupOffice(t)
	o.source.err = analytics.ErrTooManyRows
	o.handle(t, o.asked)
	failed := reactortest.Of[commands.FailReportRun](t, o.Boundary)
	if len(failed) != 1 || !strings.Contains(failed[0].Reason, "2,000 rows") {
		t.Errorf("it fails as %+v", failed)
	}
}
