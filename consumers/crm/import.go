package crm

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/imports"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/hubspot"
	services "outrider/internal/integrations"
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
		settings = crm.DefaultSettings()
	}
	for _, f := range settings.Fields {
		if f.Remote == crm.PropertyOwner {
			owners, err := j.client.ListOwners(ctx)
			if err != nil {
				return fmt.Errorf("read owners: %w", err)
			}
			j.owners = crm.OwnersOf(owners)
		}
	}
	var file bytes.Buffer
	n, err := w.writeFile(ctx, j, settings, asked, &file)
	if err != nil {
		if errors.Is(err, hubspot.ErrNotFound) {
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
	mapping, one := map[string]string{crm.PropertyEmail: csvfile.FieldEmail, crmID: "crm_id"}, 1
	for _, f := range settings.Fields {
		if f.Direction != events.CRMOut {
			mapping[f.Remote] = f.Field
		}
	}
	command := es.Command{ID: es.DeriveID(asked.ImportID, "crm import"), Org: j.Org, Time: w.Now().UTC().Truncate(time.Microsecond), Actor: asked.Actor, CorrelationID: asked.Correlation, CausationID: t.EventID, ReplyTo: -1}
	_, a, err := w.Imports.Begin(ctx, imports.Upload{Org: j.Org, ImportID: asked.ImportID, Command: command, FileName: "hubspot-" + w.Now().UTC().Format("2006-01-02") + ".csv",
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

// crmID is the column of HubSpot's ids.
const crmID = "hs_object_id"

// mostContacts bounds an import; what the plan allows is less.
const mostContacts = 1_000_000

// writeFile writes contacts as CSV, each once, whatever moves between pages. Who has opted out there is suppressed before anybody could write to them.
func (w *Worker) writeFile(ctx context.Context, j *job, settings events.CRMSettings, asked importTask, to *bytes.Buffer) (n int, err error) {
	columns := []string{crm.PropertyEmail, crmID}
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
	add := func(page []hubspot.Object) error {
		for _, c := range page {
			if seen[c.ID] || c.Archived {
				continue
			}
			seen[c.ID] = true
			if c.Value(crm.PropertyOptOut) == "true" && !asked.DryRun {
				if err := w.suppressUnknown(ctx, j, addressOf(c)); err != nil {
					return err
				}
			}
			row := []string{c.Value(crm.PropertyEmail), c.ID}
			for _, column := range columns[2:] {
				row = append(row, crm.Theirs(c, column, j.owners))
			}
			if err := out.Write(row); err != nil {
				return fmt.Errorf("write file: %w", err)
			}
			n++
		}
		return w.Turns.Renew(ctx, j.Turn)
	}
	if asked.ListID != "" {
		err = w.readList(ctx, j, asked.ListID, crm.PropertiesOf(settings), add)
	} else {
		err = w.readAll(ctx, j, asked.Since, crm.PropertiesOf(settings), add)
	}
	out.Flush()
	return n, errors.Join(err, out.Error())
}

// readAll goes by ids, each page behind the last id of the one before: contacts that come and go move no boundary.
func (w *Worker) readAll(ctx context.Context, j *job, since time.Time, properties []string, add func([]hubspot.Object) error) error {
	last := "0"
	for range mostContacts / fullPage {
		filters := []hubspot.Filter{{Property: crmID, Operator: "GT", Value: last}, {Property: crm.PropertyEmail, Operator: "HAS_PROPERTY"}}
		if !since.IsZero() {
			filters = append(filters, hubspot.Filter{Property: crm.PropertyModified, Operator: "GTE", Value: strconv.FormatInt(since.UnixMilli(), 10)})
		}
		page, err := j.client.Search(ctx, hubspot.Contacts, filters, crmID, properties)
		if err != nil {
			return fmt.Errorf("read contacts: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		if err := add(page); err != nil {
			return err
		}
		last = page[len(page)-1].ID
	}
	return &services.Later{After: time.Hour, Why: "there are more than a million contacts"}
}

func (w *Worker) readList(ctx context.Context, j *job, list string, properties []string, add func([]hubspot.Object) error) error {
	after := ""
	for range mostContacts / hubspot.BatchSize {
		ids, next, err := j.client.Members(ctx, list, after)
		if err != nil {
			return fmt.Errorf("read list: %w", err)
		}
		if len(ids) > 0 {
			page, err := j.client.Read(ctx, hubspot.Contacts, "", ids, properties)
			if err != nil {
				return fmt.Errorf("read contacts of list: %w", err)
			}
			if err := add(page); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
	return &services.Later{After: time.Hour, Why: "the list has more than a million contacts"}
}
