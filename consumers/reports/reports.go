// Package reports writes the files of saved reports, and tells members of them.
package reports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/costs"
	"outrider/internal/app/reportfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/mail/systemmail"
	"outrider/internal/retry"
	"outrider/projections/analytics"
)

// Asker computes what a run asks for; reportfile.Source is one.
type Asker interface {
	Ask(ctx context.Context, org uuid.UUID, run events.ReportRunRequested) (reportfile.Table, error)
}

// Mailer sends one mail; *systemmail.Sender is one.
type Mailer interface {
	Deliver(ctx context.Context, m systemmail.Message, id string) error
}

// Config is what reports need.
type Config struct {
	Source   Asker // nil = there is no ClickHouse: runs fail and say so
	Bucket   *blob.Bucket
	Commands reaction.Commander
	Await    reaction.Await
	// Addresses returns those of members who are told of a report, with the name of the report and the slug of the organisation.
	Addresses func(ctx context.Context, org, report uuid.UUID) (name, slug string, to []string, err error)
	Mailer    Mailer // nil = this installation sends no mail
	BaseURL   string
	Now       func() time.Time
	Log       *slog.Logger
}

// Reports writes the files that are asked for. Each step can be repeated: a file that was begun is written again from the start, and is whole or not there.
type Reports struct{ Config }

// New returns the reactor, or an error that names what is missing.
func New(c Config) (*Reports, error) {
	return &Reports{c}, reaction.Required{"bucket": c.Bucket != nil, "commands": c.Commands != nil, "addresses": c.Addresses != nil, "base URL": c.BaseURL != "", "now": c.Now != nil, "log": c.Log != nil}.Check("reports")
}

// Reactor returns how it is run.
func (r *Reports) Reactor() react.Reactor {
	return react.Reactor{Name: "reports", Wants: reaction.WantEvents(events.ReportRunRequested{}, events.ReportRunCompleted{}, events.ReportRemoved{}, events.OrganizationDeleted{}), Concurrency: 4, PerOrg: 1, Handle: r.handleEvent}
}

// attempts is how often writing files is tried before the run fails, with its reason recorded.
const attempts = 5

func (r *Reports) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.ReportRunRequested:
		return nil, r.run(ctx, e, p)
	case events.ReportRunCompleted:
		return nil, r.tell(ctx, e, p)
	case events.ReportRemoved:
		return nil, r.deleteFiles(ctx, reportfile.FolderOf(e.Org, p.ReportID), time.Time{})
	case events.OrganizationDeleted:
		return nil, r.deleteFiles(ctx, reportfile.Folder(e.Org), time.Time{})
	}
	return nil, nil
}

func (r *Reports) run(ctx context.Context, e *es.Event, p events.ReportRunRequested) error {
	if r.Source == nil {
		return r.fail(ctx, e, p, "this installation has no ClickHouse")
	}
	tooFine := false
	err := retry.Do(ctx, retry.Policy{First: time.Second, Attempts: attempts, Report: func(err error, wait time.Duration) {
		r.Log.Warn("a report is tried again", "run", p.RunID, "org", e.Org, "wait", wait, "error", err)
	}}, func() error {
		err := r.writeFiles(ctx, e, p)
		if errors.Is(err, analytics.ErrTooManyRows) { // another try gives as many
			tooFine = true
			return nil
		}
		return err
	})
	switch {
	case tooFine:
		return r.fail(ctx, e, p, "it has more than 2,000 rows; shorten the period, or break it down by less")
	case err == nil || ctx.Err() != nil:
		return err
	}
	r.Log.Error("a report is given up", "run", p.RunID, "org", e.Org, "error", err)
	return r.fail(ctx, e, p, "an internal error; run it again")
}

func (r *Reports) fail(ctx context.Context, e *es.Event, p events.ReportRunRequested, reason string) error {
	_, err := r.submit(ctx, e, p.RunID, "fail", commands.FailReportRun{ReportRef: p.ReportRef, RunID: p.RunID, Reason: reason})
	return err
}

func (r *Reports) writeFiles(ctx context.Context, e *es.Event, p events.ReportRunRequested) error {
	needs := []string{"organizations", "campaigns", "mailboxes", "leads", "analytics_engagement"}
	if slices.Contains(p.Plan.Query.Metrics, costs.Metric) {
		needs = append(needs, "ai", "messages")
	}
	if err := r.Await.For(ctx, e, needs...); err != nil {
		return err
	}
	table, err := r.Source.Ask(ctx, e.Org, p)
	if err != nil {
		return err
	}
	if err := r.deleteBegun(ctx, e.Org, p); err != nil {
		return err
	}
	done := commands.CompleteReportRun{ReportRef: p.ReportRef, RunID: p.RunID, Rows: len(table.Figures)}
	for _, format := range p.Plan.Formats {
		is, err := r.Bucket.FillPlain(ctx, reportfile.Name(e.Org, p.ReportID, p.RunID, format), reportfile.MediaType(format), func(w io.Writer) error { return table.Write(ctx, format, w) })
		if err != nil {
			return err
		}
		done.Files = append(done.Files, events.ReportFile{Format: format, Bytes: is.Bytes, SHA256: is.SHA256})
	}
	a, err := r.submit(ctx, e, p.RunID, "complete", done)
	if err == nil && a.Outcome == es.Refused { // the report was removed by now
		return r.deleteFiles(ctx, reportfile.FolderOf(e.Org, p.ReportID), time.Time{})
	}
	if err != nil {
		return err
	}
	return r.deleteFiles(ctx, reportfile.Folder(e.Org), time.Now().Add(-commands.ReportKept)) // buckets go by this machine's clock, also where time is simulated
}

// deleteBegun deletes what a process that was killed has left in a folder: files of this run under names of their own, that were never finished.
func (r *Reports) deleteBegun(ctx context.Context, org uuid.UUID, p events.ReportRunRequested) error {
	files, err := r.Bucket.List(ctx, reportfile.Name(org, p.ReportID, p.RunID, ""))
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".tmp") {
			err = errors.Join(err, r.Bucket.Delete(ctx, f.Name))
		}
	}
	return err
}

// deleteFiles deletes those under a folder that are older than a time; zero = all.
func (r *Reports) deleteFiles(ctx context.Context, folder string, before time.Time) error {
	files, err := r.Bucket.List(ctx, folder)
	for _, f := range files {
		if before.IsZero() || f.Modified.Before(before) {
			err = errors.Join(err, r.Bucket.Delete(ctx, f.Name))
		}
	}
	return err
}

// tell mails the recipients where the files are. It may write twice when it is interrupted; the second mail has the Message-ID of the first.
func (r *Reports) tell(ctx context.Context, e *es.Event, p events.ReportRunCompleted) error {
	if r.Mailer == nil {
		return nil
	}
	if err := r.Await.For(ctx, e, "organizations", "members", "reports"); err != nil {
		return err
	}
	name, slug, to, err := r.Addresses(ctx, e.Org, p.ReportID)
	if err != nil {
		return err
	}
	for _, address := range to {
		m := systemmail.Message{To: address, Subject: "Report: " + name, Text: fmt.Sprintf("The report %q is ready, with %d figures.\n\nSee it, and fetch its files, after signing in:\n%s/o/%s/analytics/reports?report=%s\n", name, p.Rows, r.BaseURL, slug, p.ReportID)}
		if err := r.Mailer.Deliver(ctx, m, es.DeriveID(e.Org, "report", p.RunID.String(), address).String()); err != nil {
			return fmt.Errorf("mail a report: %w", err)
		}
	}
	return nil
}

func (r *Reports) submit(ctx context.Context, e *es.Event, run uuid.UUID, step string, c commands.Command) (es.Answer, error) {
	return reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, "reports"), es.DeriveID(run, step), r.Now(), c)
}
