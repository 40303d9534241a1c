package crm

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/imports"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/crmapi"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/postgres"
	"outrider/projections"
)

// importTask is what a task of an import holds.
type importTask struct {
	events.ConnectionImportRequested
	Actor       es.Actor  `json:"actor"`
	Correlation uuid.UUID `json:"correlation"`
}

// runImports brings contacts in that were asked for: as a file, so that duplicates, suppressions, lawful basis, own fields and undo are what they are for any other.
func (w *Worker) runImports(ctx context.Context, j *job) error {
	all, err := w.waiting(ctx, j, []string{crm.TaskImport}, 1)
	if err != nil || len(all) == 0 {
		return err
	}
	t := all[0]
	var asked importTask
	if err := es.Unmarshal(t.Data, &asked); err != nil {
		return fmt.Errorf("read import: %w", err)
	}
	settings := j.settings
	if !j.mapped {
		settings = crm.ProposedSettings(j.Usual())
	}
	var file bytes.Buffer
	n, err := w.writeFile(ctx, j, settings, asked, &file)
	if err != nil {
		if errors.Is(err, crmapi.ErrNoList) {
			return errors.Join(w.finish(ctx, j, "failed", "the CRM has no such list", t),
				w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.In, What: "import", Outcome: integrations.Failed, Detail: "the CRM has no such list"}))
		}
		return err
	}
	if err := w.Turns.Renew(ctx, j.Turn); err != nil {
		return err
	}
	if n == 0 {
		return errors.Join(w.finish(ctx, j, "done", "", t), w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.In, What: "import", Outcome: integrations.Skipped, Detail: "there are no such contacts"}))
	}
	mapping, one := map[string]string{columnEmail: csvfile.FieldEmail, columnID: "crm_id"}, 1
	for _, f := range settings.Fields {
		if f.Direction != events.CRMOut {
			mapping[f.Remote] = f.Field
		}
	}
	command := es.Command{ID: es.DeriveID(asked.ImportID, "crm import"), Org: j.Org, Time: w.Now().UTC().Truncate(time.Microsecond), Actor: asked.Actor, CorrelationID: asked.Correlation, CausationID: t.EventID, ReplyTo: -1}
	_, a, err := w.Imports.Begin(ctx, imports.Upload{Org: j.Org, ImportID: asked.ImportID, Command: command, FileName: j.Provider + "-" + w.Now().UTC().Format("2006-01-02") + ".csv",
		Options: csvfile.Options{Charset: "utf-8", Delimiter: ',', HeaderRow: &one, Mapping: mapping}, DryRun: asked.DryRun, OnDuplicate: asked.OnDuplicate, Source: events.SourceCRM, LawfulBasis: asked.LawfulBasis, Tags: asked.Tags}, &file)
	entry := integrations.Entry{Direction: integrations.In, What: "import", Outcome: integrations.Done, Count: n}
	switch {
	case errors.Is(err, imports.ErrFile):
		entry.Outcome, entry.Detail = integrations.Failed, err.Error()
	case err != nil:
		return err
	case a.Outcome == es.Refused:
		entry.Outcome, entry.Detail = integrations.Failed, "refused: "+a.Code
	}
	state := "done"
	if entry.Outcome == integrations.Failed {
		state = "failed"
	}
	return errors.Join(w.finish(ctx, j, state, entry.Detail, t), w.Turns.Log(ctx, j.Org, j.Connection, entry))
}

// Columns besides the mapped ones; no property is called so.
const (
	columnEmail = "Email address"
	columnID    = "CRM id"
)

// mostContacts bounds an import; what the plan allows is less.
const mostContacts = 1_000_000

// erasedOf returns the addresses of contacts who were erased here, whatever the CRM keeps of them: they don't come in again.
func (w *Worker) erasedOf(ctx context.Context, j *job, page []crmapi.Contact) (out map[string]bool, err error) {
	out = map[string]bool{}
	hashes := make([]string, len(page))
	for i, c := range page {
		for _, a := range addressOf(c) {
			hashes[i] = j.hasher.AddressHash(a).String()
		}
	}
	return out, postgres.InOrg(ctx, w.Reads, j.Org, func(tx pgx.Tx) error {
		erased, err := projections.ErasedSince(ctx, tx, j.Org, 0, hashes)
		for i, c := range page {
			if erased[hashes[i]] {
				out[c.Email] = true
			}
		}
		return err
	})
}

// writeFile writes contacts as CSV, each once, whatever moves between pages. Who was erased here is left out. Who has opted out there is suppressed before anybody could write to them.
func (w *Worker) writeFile(ctx context.Context, j *job, settings events.CRMSettings, asked importTask, to *bytes.Buffer) (n int, err error) {
	columns := []string{columnEmail, columnID}
	for _, f := range settings.Fields {
		if f.Direction != events.CRMOut {
			columns = append(columns, f.Remote)
		}
	}
	out := csv.NewWriter(to)
	if err := out.Write(columns); err != nil {
		return 0, fmt.Errorf("write file: %w", err)
	}
	seen := map[string]bool{}
	add := func(page []crmapi.Contact) error {
		erased, err := w.erasedOf(ctx, j, page)
		if err != nil {
			return err
		}
		for _, c := range page {
			if seen[c.ID] || erased[c.Email] {
				continue
			}
			seen[c.ID] = true
			if c.OptedOut && !asked.DryRun {
				if err := w.suppressUnknown(ctx, j, addressOf(c)); err != nil {
					return err
				}
			}
			row := []string{c.Email, c.ID}
			for _, column := range columns[2:] {
				row = append(row, c.Value(column))
			}
			if err := out.Write(row); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
			n++
		}
		return w.Turns.Renew(ctx, j.Turn)
	}
	which, after := crmapi.Selection{List: asked.ListID, Since: asked.Since, Fields: crm.RemotesOf(settings)}, ""
	for n <= mostContacts {
		page, next, err := j.Contacts(ctx, which, after)
		if err != nil {
			return 0, err
		}
		if err := add(page); err != nil {
			return 0, err
		}
		if after = next; after == "" {
			out.Flush()
			return n, out.Error() //nolint:wrapcheck // it is written to memory
		}
	}
	return 0, &services.Later{After: time.Hour, Why: "there are more than a million contacts"}
}
