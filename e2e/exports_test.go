package e2e

import (
	"bytes"
	stdcsv "encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// exported asks for an export and waits until it has ended.
func (p *program) exported(key string, ask map[string]any) response {
	p.t.Helper()
	id := p.must(http.StatusCreated, key, http.MethodPost, "/v1/exports", ask).text("id")
	for {
		r := p.must(http.StatusOK, key, http.MethodGet, "/v1/exports/"+id, nil)
		if r.text("status") != "running" {
			return r
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// rowsOf fetches the file of an export, by column.
func (p *program) rowsOf(key, id string) (rows []map[string]string, raw string) {
	p.t.Helper()
	r := p.must(http.StatusOK, key, http.MethodGet, "/v1/exports/"+id+"/file", nil)
	lines, err := stdcsv.NewReader(bytes.NewReader(r.Raw)).ReadAll()
	if err != nil || len(lines) == 0 {
		p.t.Fatalf("read export: %v %q", err, r.Raw)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows, string(r.Raw)
}

func TestExportsHoldWhatWasAskedForAndGoWithAPerson(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	org, key := p.organization("acme", "growth")
	_, other := p.organization("rival", "growth")
	var leads []string
	for _, l := range []map[string]any{
		{"email": "ann@acme.test", "first_name": "=1+1", "last_name": "O\"Neil, \nJr", "tags": []string{"vip", "spring"}, "custom": map[string]string{"segment": "@home"}},
		{"email": "bob@acme.test", "company_name": "Büro"},
		{"email": "eve@gone.test"},
	} {
		leads = append(leads, p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", l).text("id"))
	}
	p.must(http.StatusNoContent, key, http.MethodPost, "/v1/leads/"+leads[2]+"/erase", nil)
	p.must(http.StatusCreated, key, http.MethodPost, "/v1/suppressions", map[string]any{"items": []map[string]any{{"kind": "domain", "value": "rude.test", "reason": "complaint"}, {"kind": "address", "value": "bob@acme.test"}}})

	all := p.exported(key, map[string]any{"kind": "leads"})
	if all.text("status") != "completed" || all.number("rows") != 2 {
		t.Fatalf("export: %s", all.Raw)
	}
	rows, raw := p.rowsOf(key, all.text("id"))
	if len(rows) != 2 || rows[0]["email"] != "ann@acme.test" || rows[0]["first_name"] != "'=1+1" || rows[0]["last_name"] != "O\"Neil, \nJr" || rows[0]["segment"] != "'@home" || rows[0]["tags"] != "vip,spring" ||
		rows[1]["suppressed_by"] != "address" || rows[1]["suppressed_reason"] != "manual" || rows[1]["outreach_status"] != "new" || rows[1]["company_name"] != "Büro" || !strings.Contains(raw, "\r\n") {
		t.Errorf("leads: %q", raw)
	}
	if all.number("bytes") != len(raw) {
		t.Errorf("%v bytes, fetched %d", all.number("bytes"), len(raw))
	}
	some := p.exported(key, map[string]any{"kind": "leads", "leads": map[string]any{"q": "büro"}})
	if rows, _ := p.rowsOf(key, some.text("id")); len(rows) != 1 || rows[0]["email"] != "bob@acme.test" {
		t.Errorf("by a search: %v", rows)
	}
	held := p.exported(key, map[string]any{"kind": "suppressions", "suppressions": map[string]any{"reason": "complaint"}})
	if rows, raw := p.rowsOf(key, held.text("id")); len(rows) != 1 || rows[0]["value"] != "rude.test" || rows[0]["kind"] != "domain" || !strings.HasPrefix(raw, "value,kind,reason,created_at,source\r\n") {
		t.Errorf("suppressions: %q", raw)
	}
	if none := p.exported(key, map[string]any{"kind": "messages", "messages": map[string]any{"state": "sent"}}); none.text("status") != "completed" || none.number("rows") != 0 {
		t.Errorf("messages: %s", none.Raw)
	}

	// As it lies on disk nobody reads it, and nobody else fetches it.
	found := 0
	_ = filepath.WalkDir(filepath.Join(p.data), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, all.text("id")) {
			found++
			if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, []byte("acme.test")) {
				t.Errorf("%s is readable, or %v", path, err)
			}
		}
		return nil
	})
	if found != 1 {
		t.Errorf("%d files of the export", found)
	}
	for _, path := range []string{"", "/file"} {
		if r := p.call(other, http.MethodGet, "/v1/exports/"+all.text("id")+path, nil); r.Status != http.StatusNotFound {
			t.Errorf("another organisation's %s: %d", path, r.Status)
		}
	}
	history := p.must(http.StatusOK, key, http.MethodGet, "/v1/audit/events?type=export.&limit=100", nil)
	var types []string
	for _, e := range history.Body["data"].([]any) {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	if !slices.Contains(types, "export.downloaded.v1") || !slices.Contains(types, "export.requested.v1") {
		t.Errorf("the history has %v", types)
	}

	// When a person is erased, every file goes that they may stand in.
	p.must(http.StatusNoContent, key, http.MethodPost, "/v1/leads/"+leads[0]+"/erase", nil)
	gone := p.must(http.StatusOK, key, http.MethodGet, "/v1/exports/"+all.text("id"), nil)
	if gone.text("status") != "deleted" || gone.text("reason") != "person_erased" {
		t.Errorf("after the erasure: %s", gone.Raw)
	}
	if r := p.call(key, http.MethodGet, "/v1/exports/"+all.text("id")+"/file", nil); r.Status != http.StatusNotFound {
		t.Errorf("the file after the erasure: %d", r.Status)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		files, err := filepath.Glob(filepath.Join(p.data, "*", "exports", org, "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("files are left: %v", files)
		}
		time.Sleep(100 * time.Millisecond)
	}
	again := p.exported(key, map[string]any{"kind": "leads"})
	if rows, _ := p.rowsOf(key, again.text("id")); len(rows) != 1 {
		t.Errorf("afterwards: %v", rows)
	}
	p.must(http.StatusNoContent, key, http.MethodDelete, "/v1/exports/"+again.text("id"), nil)
	if r := p.call(key, http.MethodGet, "/v1/exports/"+again.text("id")+"/file", nil); r.Status != http.StatusNotFound {
		t.Errorf("a deleted file: %d", r.Status)
	}

	file := filepath.Join(t.TempDir(), "leads.csv")
	p.run("leads", "export", "--url", p.URL, "--key", key, "-o", file)
	if b, err := os.ReadFile(file); err != nil || !bytes.Contains(b, []byte("bob@acme.test")) {
		t.Errorf("by the command line: %q %v", b, err)
	}
}
