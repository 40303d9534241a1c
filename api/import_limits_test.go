package api_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

func TestAFormIsBoundedBesideItsFile(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serve(func(c *api.Config) {
		c.Imports = countingImporter{c.Commands}
		small := c.Plans["enterprise"]
		small.ImportBytes = 1000
		c.Plans = map[string]events.Limits{"small": small}
	})
	c := w.tenant("small")
	var many, large []string
	for n := range 21 {
		many = append(many, "f"+strconv.Itoa(n), "x")
	}
	for n := range 5 {
		large = append(large, "f"+strconv.Itoa(n), strings.Repeat("x", 60_000))
	}
	for _, path := range []string{"/v1/imports", "/v1/imports/inspect"} {
		c.refused(400, "malformed_request", "POST", path, form("Email\n", many...), "Content-Type", formType)
		c.refused(413, "too_large", "POST", path, form("Email\n", large...), "Content-Type", formType)
		c.refused(413, "too_large", "POST", path, []byte("--edge\r\nContent-Disposition: form-data; name=\"a\"\r\nX: "+strings.Repeat("x", 1<<20)), "Content-Type", formType)
	}
	full := c.refused(413, "file_too_large", "POST", "/v1/imports", form("Email\n"+strings.Repeat("a@example.com\n", 100)), "Content-Type", formType)
	if full.text("limit") != "import_bytes" || full.json["max"] != 1000.0 || full.text("plan") != "small" {
		t.Errorf("got %s", full.body)
	}
	c.ok("POST", "/v1/imports", form("Email\na@example.com\n"), "Content-Type", formType)
}

// gatedFile gives no row behind a certain one until the gate is open.
type gatedFile struct {
	from int
	gate chan struct{}
}

func (f gatedFile) Columns() []string { return []string{"Email"} }
func (f gatedFile) Close() error      { return nil }
func (f gatedFile) Find(row int) ([]string, string) {
	if row >= f.from {
		<-f.gate
	}
	return []string{"row" + strconv.Itoa(row)}, ""
}

type gatedImporter struct {
	countingImporter
	file gatedFile
}

func (i gatedImporter) Open(context.Context, *projections.Import) (api.ImportedFile, error) {
	return i.file, nil
}

// What is read first leaves before the rest is read.
func TestErrorsOfAnImportAreStreamed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	file := gatedFile{from: 9000, gate: make(chan struct{})}
	w.serve(func(c *api.Config) { c.Imports = gatedImporter{countingImporter{c.Commands}, file} })
	c := w.tenant("enterprise")
	id := es.NewID()
	c.submit(commands.RequestImport{ImportRef: events.ImportRef{ImportID: id}, FileName: "x.csv", Bytes: 1, Blob: "x", Mapping: map[string]string{"Email": "email"}, OnDuplicate: "skip", Source: events.SourceCSVUpload})
	var position string
	for n := range 3 { // odd rows have no address, even ones a bad one
		cmd := commands.ImportLeads{ImportID: id, Chunk: n, FirstRow: n*4000 + 2, Rows: 4000, OnDuplicate: "skip", Rejected: []events.RefusedRows{{Code: "email_invalid"}, {Code: "email_missing"}}}
		for row := range 4000 {
			into := &cmd.Rejected[row%2].Rows
			*into = into.With(cmd.FirstRow + row)
		}
		_, position = c.submit(cmd)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url()+"/v1/imports/"+id.String()+"/errors.csv", nil)
	check(t, err)
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Outrider-Position", position)
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	defer resp.Body.Close()
	lines, read := bufio.NewScanner(resp.Body), 0
	for read < 5000 && lines.Scan() {
		read++
	}
	close(file.gate)
	last := ""
	for lines.Scan() {
		read++
		last = lines.Text()
	}
	check(t, lines.Err())
	if read != 12_001 || last != "12001,rejected,email,email_missing,it has no address,row12001" {
		t.Errorf("read %d lines, the last is %q, status %d", read, last, resp.StatusCode)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	page := c.ok("GET", "/v1/imports/"+id.String()+"/rows?outcome=rejected&limit=2", nil).list("data")
	if len(page) != 2 || page[0].(map[string]any)["row"] != 2.0 || page[1].(map[string]any)["code"] != "email_missing" {
		t.Errorf("the first rows: %v", page)
	}
}
