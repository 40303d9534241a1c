package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"outrider/internal/app/client"
	"outrider/internal/app/node"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// pollEvery is how often a running import is looked at.
const pollEvery = 250 * time.Millisecond

type leadsImportCmd struct {
	APIAccess
	File        string `arg:"" type:"existingfile" help:"CSV file; the first row names the columns."`
	DryRun      bool   `help:"Check and count only."`
	OnDuplicate string `default:"skip" enum:"skip,update" help:"skip or update leads that are there already."`
	JSON        bool   `help:"Print what the api says of the finished import."`
}

// Run sends the file and waits until the import has ended.
func (c leadsImportCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	screen := io.Discard
	if isatty.IsTerminal(os.Stderr.Fd()) {
		screen = os.Stderr
	}
	bars := mpb.NewWithContext(ctx, mpb.WithOutput(screen))
	i, err := c.uploadFile(ctx, api, bars)
	if err != nil {
		return err
	}
	var full json.RawMessage
	rows := bars.New(0, mpb.SpinnerStyle(), mpb.PrependDecorators(decor.Name("import "), decor.CurrentNoUnit("%d rows")))
	for i.Status == "running" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for import %s, which goes on: %w", i.ID, ctx.Err())
		case <-time.After(pollEvery):
		}
		if err := api.Send(ctx, http.MethodGet, "/v1/imports/"+i.ID, "", nil, &full); err != nil {
			return err
		}
		if err := json.Unmarshal(full, &i); err != nil {
			return fmt.Errorf("read import: %w", err)
		}
		rows.SetCurrent(i.Rows)
	}
	rows.SetTotal(i.Rows, true)
	bars.Wait()
	if c.JSON {
		fmt.Printf("%s\n", full)
	} else {
		fmt.Printf("import %s %s: %d rows, %d created, %d updated, %d duplicates, %d rejected\n", i.ID, i.Status, i.Rows, i.Created, i.Updated, i.Duplicates, i.Rejected)
	}
	if i.Status != "completed" {
		return fmt.Errorf("import %s %s: %s", i.ID, i.Status, i.Reason)
	}
	return nil
}

// uploadFile streams the file as a form.
func (c leadsImportCmd) uploadFile(ctx context.Context, api client.Client, bars *mpb.Progress) (i client.Import, err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return i, fmt.Errorf("open leads: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return i, fmt.Errorf("look at leads: %w", err)
	}
	bar := bars.AddBar(info.Size(), mpb.PrependDecorators(decor.Name("upload "), decor.CountersKibiByte("% .1f / % .1f")), mpb.AppendDecorators(decor.Percentage()))
	defer bar.Abort(false) // when it broke off
	shown, err := bar.ProxyReader(file)
	if err != nil {
		return i, fmt.Errorf("show progress: %w", err)
	}
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		err := c.writeForm(form, shown)
		w.CloseWithError(err)
	}()
	defer r.Close()
	return i, api.Send(ctx, http.MethodPost, "/v1/imports", form.FormDataContentType(), r, &i)
}

func (c leadsImportCmd) writeForm(form *multipart.Writer, file io.Reader) error {
	fields := [][2]string{{"source", "csv_upload"}, {"on_duplicate", c.OnDuplicate}}
	if c.DryRun {
		fields = append(fields, [2]string{"dry_run", "true"})
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", filepath.Base(c.File))
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file); err != nil {
		return err
	}
	return form.Close()
}
