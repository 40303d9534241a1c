package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"outrider/internal/audit"
)

type auditExportCmd struct {
	Server
	Output string `short:"o" default:"-" help:"File to write; - = standard output." placeholder:"FILE"`
	After  int64  `help:"Begin behind the event of this number (oseq); 0 = with the first."`
	Org    string `help:"Whose history it must be; default: that of the key's organisation." placeholder:"UUID"`
}

// Run fetches the export and verifies it while it is written, with the keys that the same server names.
func (c auditExportCmd) Run(ctx context.Context, f *Folder) (err error) {
	org, err := anyOrg(c.Org)
	if err != nil {
		return err
	}
	api, err := c.client(f, false)
	if err != nil {
		return err
	}
	keys, err := api.auditKeys(ctx)
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
	body, err := api.open(ctx, "/v1/audit/export?after="+strconv.FormatInt(c.After, 10))
	if err != nil {
		return err
	}
	defer body.Close()
	w := bufio.NewWriterSize(out, 256<<10)
	head, err := audit.Verify(io.TeeReader(body, w), keys, org)
	if err = errors.Join(err, w.Flush()); err != nil {
		return fmt.Errorf("the export is not complete: %w", err)
	}
	fmt.Fprintln(os.Stderr, says(head))
	return nil
}

// auditKeys asks which keys the server signs with.
func (c client) auditKeys(ctx context.Context) (audit.Keys, error) {
	var list struct {
		Data []struct {
			PublicKey string `json:"public_key"`
		} `json:"data"`
	}
	if err := c.send(ctx, http.MethodGet, "/v1/audit/key", "", nil, &list); err != nil {
		return nil, err
	}
	text := ""
	for _, k := range list.Data {
		text += k.PublicKey + "\n"
	}
	return audit.ParseKeys(text)
}

// open gives the body of a long answer.
func (c client) open(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the api: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, problemIn(res)
	}
	return res.Body, nil
}
