// Package exports writes files of an organisation's data for people to download.
package exports

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/exportfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
	"outrider/internal/retry"
)

// Config is what exports need.
type Config struct {
	Vault    *pii.Vault
	Bucket   *blob.Bucket
	Commands reaction.Commander
	Reads    *pgxpool.Pool // as the api role
	Await    reaction.Await
	Now      func() time.Time
	Log      *slog.Logger
}

// Exports writes the files that are requested. Each step can be repeated: a file that was begun is written again from the start.
type Exports struct {
	Config
}

// New returns the reactor, or an error that names what is missing.
func New(c Config) (*Exports, error) {
	if err := (reaction.Required{"vault": c.Vault != nil, "bucket": c.Bucket != nil, "commands": c.Commands != nil, "reads": c.Reads != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("exports"); err != nil {
		return nil, err
	}
	return &Exports{Config: c}, nil
}

// Reactor returns how it is run.
func (x *Exports) Reactor() react.Reactor {
	return react.Reactor{Name: "exports", Wants: reaction.WantEvents(events.ExportRequested{}, events.ExportFailed{}, events.ExportDiscarded{}), Concurrency: 4, PerOrg: 1, Handle: x.handleExport}
}

// attempts is how often writing a file is tried before the export fails, with its reason recorded.
const attempts = 5

func (x *Exports) handleExport(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.ExportFailed:
		return nil, x.deleteFile(ctx, e.Org, p.ExportID)
	case events.ExportDiscarded:
		return nil, x.deleteFile(ctx, e.Org, p.ExportID)
	case events.ExportRequested:
		err := retry.Do(ctx, retry.Policy{First: time.Second, Attempts: attempts, Report: func(err error, wait time.Duration) {
			x.Log.Warn("an export is tried again", "export", p.ExportID, "org", e.Org, "wait", wait, "error", err)
		}}, func() error { return x.writeExport(ctx, e, p) })
		if err == nil || ctx.Err() != nil {
			return nil, err
		}
		x.Log.Error("an export is given up", "export", p.ExportID, "org", e.Org, "error", err)
		_, err = x.submit(ctx, e, p.ExportID, "fail", commands.FailExport{ExportID: p.ExportID, Reason: "an internal error; ask for it again"})
		return nil, err
	}
	return nil, nil
}

func (x *Exports) writeExport(ctx context.Context, e *es.Event, p events.ExportRequested) error {
	ask, err := exportfile.OpenRequest(ctx, x.Vault, e.Org, p.ExportID, p.Filter)
	if err != nil {
		return err
	}
	if err := x.Await.For(ctx, e, "leads", "campaigns", "messages", "suppressions"); err != nil {
		return err
	}
	rows, size, err := x.writeFile(ctx, e.Org, p.ExportID, ask)
	if err != nil {
		return err
	}
	a, err := x.submit(ctx, e, p.ExportID, "complete", commands.CompleteExport{ExportID: p.ExportID, Rows: rows, Bytes: size})
	if err == nil && a.Outcome == es.Refused { // it was discarded by now
		return x.deleteFile(ctx, e.Org, p.ExportID)
	}
	return err
}

// writeFile writes a new file in place of one that was begun.
func (x *Exports) writeFile(ctx context.Context, org, export uuid.UUID, ask exportfile.Request) (rows int, size int64, err error) {
	key, err := x.Vault.ImportKey(ctx, org, export)
	if errors.Is(err, pii.ErrNotFound) { // the vault goes by this machine's clock, also where time is simulated
		key, err = x.Vault.CreateImportKey(ctx, org, export, time.Now().Add(fileKept))
	}
	if err != nil {
		return 0, 0, err
	}
	size, err = x.Bucket.FillSealed(ctx, exportfile.Name(org, export), key, func(ctx context.Context, w io.Writer) (err error) {
		rows, err = x.writeRows(ctx, org, ask, w)
		return err
	})
	return rows, size, err
}

// fileKept is how long a file is stored: a little longer than it can be downloaded.
const fileKept = 25 * time.Hour

func (x *Exports) deleteFile(ctx context.Context, org, export uuid.UUID) error {
	return errors.Join(x.Vault.DestroyImportKey(ctx, org, export), x.Vault.Erase(ctx, org, export), x.Bucket.Delete(ctx, exportfile.Name(org, export)))
}

func (x *Exports) submit(ctx context.Context, e *es.Event, export uuid.UUID, step string, c commands.Command) (es.Answer, error) {
	return reaction.Submit(ctx, x.Commands, reaction.CausedBy(e, "exports"), es.DeriveID(export, step), x.Now(), c)
}
