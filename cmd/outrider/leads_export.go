package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type leadsExportCmd struct {
	APIAccess
	LeadChoice `embed:""`

	Output string `short:"o" default:"-" help:"File to write; - = standard output." placeholder:"FILE"`
	Kind   string `default:"leads" enum:"leads,messages,suppressions" help:"leads, messages or suppressions."`
}

// Run asks for the file, waits for it and fetches it.
func (c leadsExportCmd) Run(ctx context.Context, f *node.Folder) (err error) {
	ask, err := c.request()
	if err != nil {
		return err
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	x, position, err := client.ReadDecided[client.Export](api.CreateExport(ctx, nil, ask))
	if err != nil {
		return err
	}
	if x, err = api.FollowExport(ctx, x, position); err != nil {
		return err
	}
	if x.Status != client.ExportStatusCompleted {
		reason := "it doesn't say why"
		if x.Reason != nil {
			reason = *x.Reason
		}
		return fmt.Errorf("export %s %s: %s", x.ID, x.Status, reason)
	}
	out := os.Stdout
	if c.Output != "-" {
		if out, err = os.OpenFile(c.Output, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("make export: %w", err)
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	body, err := client.Stream(api.DownloadExport(ctx, x.ID, nil))
	if err != nil {
		return err
	}
	defer body.Close()
	n, err := io.Copy(out, body)
	if err == nil && n != x.Bytes {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("the export is not complete: %w", err)
	}
	_, err = fmt.Fprintf(os.Stderr, "%d %s\n", x.Rows, c.Kind)
	return err
}

func (c leadsExportCmd) request() (client.ExportCreate, error) {
	ask := client.ExportCreate{Kind: client.ExportKind(c.Kind), Leads: c.selection()}
	if ask.Leads != nil && ask.Kind != client.ExportKindLeads {
		return ask, errors.New("--q, --tag, --import, --outreach-status and --all choose leads")
	}
	return ask, nil
}
