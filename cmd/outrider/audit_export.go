package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/audit"
)

type auditExportCmd struct {
	APIAccess
	Output string `short:"o" default:"-" help:"File to write; - = standard output." placeholder:"FILE"`
	After  int64  `help:"Start after the event with this number (oseq); 0 = with the first."`
	Org    string `help:"Whose history it must be; default: that of the key's organisation." placeholder:"UUID"`
}

// Run fetches the export and verifies it while it is written, with the keys that the same server names.
func (c auditExportCmd) Run(ctx context.Context, f *node.Folder) (err error) {
	org, err := anyOrg(c.Org)
	if err != nil {
		return err
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	keys, err := auditKeys(ctx, api)
	if err != nil {
		return err
	}
	out := os.Stdout
	if c.Output != "-" {
		if out, err = os.OpenFile(c.Output, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("make export: %w", err)
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	body, err := client.Stream(api.ExportAudit(ctx, &client.ExportAuditParams{After: new(strconv.FormatInt(c.After, 10))}))
	if err != nil {
		return err
	}
	defer body.Close()
	w := bufio.NewWriterSize(out, 256<<10)
	head, err := audit.Verify(io.TeeReader(body, w), keys, org)
	if err = errors.Join(err, w.Flush()); err != nil {
		return fmt.Errorf("the export is not complete: %w", err)
	}
	fmt.Fprintln(os.Stderr, exportSummary(head))
	return nil
}

// auditKeys asks which keys the server signs with.
func auditKeys(ctx context.Context, api *client.Client) (audit.TrustedKeys, error) {
	list, _, err := client.Read[client.AuditKeys](api.GetAuditKey(ctx))
	if err != nil {
		return nil, err
	}
	text := ""
	for _, k := range list.Data {
		text += k.PublicKey + "\n"
	}
	return audit.ParseKeys(text)
}
