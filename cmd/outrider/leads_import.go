package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"outrider/internal/app/client"
	"outrider/internal/app/node"

	"github.com/google/uuid"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

type leadsImportCmd struct {
	APIAccess
	EnrollmentChoice `embed:""`
	ImportForm       `embed:""`

	File    string     `arg:"" optional:"" type:"existingfile" help:"CSV file or Excel workbook, also gzipped; - = standard input."`
	Inspect bool       `help:"Only print what would be made of the file: its form, its columns and what they fill, its first rows."`
	Commit  *uuid.UUID `help:"Import the file of this dry run, instead of a FILE." placeholder:"ID"`
	JSON    bool       `help:"Print what the api says of the finished import, or of the file."`

	Campaign *uuid.UUID `help:"Enroll the leads that are new in this campaign." placeholder:"ID"`
}

// Validate refuses what doesn't go together, before anything is sent.
func (c leadsImportCmd) Validate() error {
	fields, err := c.fields()
	switch {
	case err != nil:
		return err
	case (c.File == "") == (c.Commit == nil):
		return errors.New("name a FILE, or a dry run with --commit")
	case c.Commit != nil && c.Inspect:
		return errors.New("--inspect looks at a FILE")
	case c.Commit != nil && len(fields) > 0:
		return fmt.Errorf("a dry run is committed as it was read; %s can't be changed any more", fields[0][0])
	case c.Campaign != nil && (c.Inspect || c.DryRun):
		return errors.New("--campaign enrolls leads that were imported; --inspect and --dry-run import none")
	}
	return nil
}

// Run sends the file and waits until the import has ended.
func (c leadsImportCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	if c.Inspect {
		return c.inspect(ctx, api)
	}
	bars := newBars(ctx)
	i, position, err := c.begin(ctx, api, bars)
	if err != nil {
		return err
	}
	rows := bars.New(0, mpb.SpinnerStyle(), mpb.PrependDecorators(decor.Name("import "), decor.CurrentNoUnit("%d rows")))
	i, err = api.FollowImport(ctx, i, position, func(now client.Import) { rows.SetCurrent(now.Rows) })
	if err != nil {
		return err
	}
	rows.SetTotal(i.Rows, true)
	bars.Wait()
	if c.JSON {
		err = json.NewEncoder(os.Stdout).Encode(i)
	} else {
		err = printImport(os.Stdout, i)
	}
	if err = errors.Join(err, judgeImport(i)); err != nil {
		return err
	}
	if i.DryRun {
		fmt.Fprintf(os.Stderr, "nothing was imported yet; for seven days this does it: outrider leads import --commit %s\n", i.ID)
	}
	if c.Campaign == nil {
		return nil
	}
	enrolled, err := c.enrollImported(ctx, api, *c.Campaign, i)
	if err == nil {
		fmt.Fprintln(os.Stderr, tellEnrolled(enrolled))
	}
	return err
}

// begin uploads the file, or commits a dry run.
func (c leadsImportCmd) begin(ctx context.Context, api *client.Client, bars *mpb.Progress) (client.Import, string, error) {
	if c.Commit != nil {
		return client.ReadDecided[client.Import](api.CommitImport(ctx, *c.Commit, nil))
	}
	form, err := c.form()
	if err != nil {
		return client.Import{}, "", err
	}
	return sendForm(form, bars, func(contentType string, body io.Reader) (client.Import, string, error) {
		return client.ReadDecided[client.Import](api.CreateImportWithBody(ctx, nil, contentType, body))
	})
}

func (c leadsImportCmd) form() (uploadForm, error) {
	fields, err := c.fields()
	return uploadForm{fields: fields, file: c.File}, err
}

// judgeImport returns why an import that has ended isn't what was wanted.
func judgeImport(i client.Import) error {
	if i.Status == client.ImportStatusCompleted {
		return nil
	}
	reason := "it doesn't say why"
	if i.Reason != nil {
		reason = *i.Reason
	}
	return fmt.Errorf("import %s %s: %s", i.ID, i.Status, reason)
}
