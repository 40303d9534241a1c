package api_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/projections"
)

const formType = "multipart/form-data; boundary=edge"

// form is an upload; fields come in pairs, before the file.
func form(csv string, fields ...string) []byte {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("edge")
	for i := 0; i < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	part, _ := w.CreateFormFile("file", "leads.csv")
	_, _ = io.WriteString(part, csv)
	_ = w.Close()
	return b.Bytes()
}

// countingImporter does what the api relies on: it reads the file to its end and submits the request for its import.
// Reading CSV is the business of others.
type countingImporter struct{ commands api.Gateway }

func (i countingImporter) Begin(ctx context.Context, u api.Upload, file io.Reader) (commands.RequestImport, es.Answer, error) {
	n, err := io.Copy(io.Discard, file)
	if err != nil {
		return commands.RequestImport{}, es.Answer{}, err
	}
	mapping := map[string]string{"Email": "email"}
	for column, field := range u.Mapping {
		mapping[column] = field
	}
	cmd := commands.RequestImport{ImportRef: events.ImportRef{ImportID: u.ImportID}, FileName: u.FileName, Bytes: n, Blob: "imports/" + u.ImportID.String(), Charset: u.Charset, Delimiter: u.Delimiter, Mapping: mapping,
		DryRun: u.DryRun, OnDuplicate: u.OnDuplicate, Source: u.Source, LawfulBasis: u.LawfulBasis, Tags: u.Tags, TimeZone: u.TimeZone}
	envelope := u.Command
	u.Seal(&envelope)
	if envelope.Type, envelope.Data, err = commands.Encode(cmd); err != nil {
		return cmd, es.Answer{}, err
	}
	a, err := i.commands.Submit(ctx, &envelope)
	return cmd, a, err
}

// serveImports serves with an importer.
func (w *world) serveImports() {
	w.t.Helper()
	w.serve(func(c *api.Config) { c.Imports = countingImporter{c.Commands} })
}

func (i countingImporter) Inspect(api.Upload, io.Reader) (csvfile.Head, []csvfile.Row, error) {
	return csvfile.Head{}, nil, nil
}

func (i countingImporter) Commit(context.Context, *projections.Import, uuid.UUID, es.Command) (commands.RequestImport, es.Answer, error) {
	return commands.RequestImport{}, es.Answer{}, nil
}

func (i countingImporter) Open(context.Context, *projections.Import) (api.ImportedFile, error) {
	return nil, nil
}
