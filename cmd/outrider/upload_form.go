package main

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// formField is a name and a value.
type formField [2]string

// appendField adds a field that was given.
func appendField(fields []formField, name, value string) []formField {
	if value == "" {
		return fields
	}
	return append(fields, formField{name, value})
}

// newBars shows progress on a terminal, and nowhere else.
func newBars(ctx context.Context) *mpb.Progress {
	screen := io.Discard
	if isatty.IsTerminal(os.Stderr.Fd()) {
		screen = os.Stderr
	}
	return mpb.NewWithContext(ctx, mpb.WithOutput(screen))
}

// uploadForm is a form with a file, which is streamed.
type uploadForm struct {
	fields []formField
	file   string // - = standard input
}

// sendForm streams a form into a request, and returns what that returns.
func sendForm[T any](u uploadForm, bars *mpb.Progress, request func(contentType string, body io.Reader) (T, string, error)) (out T, position string, err error) {
	file, size, err := openInput(u.file)
	if err != nil {
		return out, "", err
	}
	defer file.Close()
	bar := bars.AddBar(size, mpb.PrependDecorators(decor.Name("upload "), decor.CountersKibiByte("% .1f / % .1f")), mpb.AppendDecorators(decor.Percentage()))
	defer bar.Abort(false) // when it broke off
	shown, err := bar.ProxyReader(file)
	if err != nil {
		return out, "", fmt.Errorf("show progress: %w", err)
	}
	r, w := io.Pipe()
	defer r.Close()
	form := multipart.NewWriter(w)
	go func() { w.CloseWithError(u.write(form, shown)) }()
	return request(form.FormDataContentType(), r)
}

func (u uploadForm) write(form *multipart.Writer, file io.Reader) error {
	for _, f := range u.fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return err
		}
	}
	name := filepath.Base(u.file)
	if u.file == "-" {
		name = "standard input"
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file); err != nil {
		return err
	}
	return form.Close()
}

// openInput opens a file, or standard input for -, whose size isn't known (0).
func openInput(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("open file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("look at file: %w", err)
	}
	return file, info.Size(), nil
}
