package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files lists the objects of an organisation's imports in the bucket, without their folders.
func (p *program) files(org string) (names []string) {
	p.t.Helper()
	_ = filepath.WalkDir(filepath.Join(p.data, "blobs", "imports", org), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return nil
	})
	return names
}

// logged counts the events of an organisation whose type begins so.
func (p *program) logged(key, kind string) (n int) {
	p.t.Helper()
	for _, e := range p.must(http.StatusOK, key, http.MethodGet, "/v1/audit/events?limit=100", nil).Body["data"].([]any) {
		if strings.HasPrefix(e.(map[string]any)["type"].(string), kind) {
			n++
		}
	}
	return n
}

func TestAFileGoesWhenItsImportEnds(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	org, key := p.organization("acme", "growth")
	file := func(rows string) func(io.Writer) {
		return func(w io.Writer) { _, _ = io.WriteString(w, "email,first_name,time_zone\n"+rows) }
	}
	rows := "ann@example.com,Ann,Nowhere\nbob@example.com,Bob,\nnobody,x,\nann@example.com,Again,\n"

	dry := p.imported(key, p.upload(key, map[string]string{"dry_run": "true"}, file(rows)).text("id"))
	if dry.number("created") != 2 || len(p.files(org)) != 1 {
		t.Fatalf("a dry run's file is kept for its commit: %s %v", dry.Raw, p.files(org))
	}
	commit := p.must(http.StatusCreated, key, http.MethodPost, "/v1/imports/"+dry.text("id")+"/commit", nil)
	id := commit.text("id")
	done := p.imported(key, id)
	if done.number("created") != 2 || done.number("duplicates") != 1 || done.number("rejected") != 1 {
		t.Fatalf("the commit: %s", done.Raw)
	}
	p.until(func() bool {
		left := p.files(org)
		return len(left) == 2 && strings.HasSuffix(left[0], ".rows") && strings.HasSuffix(left[1], ".rows")
	})
	for _, of := range []string{id, dry.text("id")} {
		errors := string(p.call(key, http.MethodGet, "/v1/imports/"+of+"/errors.csv", nil).Raw)
		for _, want := range []string{"row,outcome,field,code,reason,email,first_name,time_zone", "2,created,time_zone,time_zone_unknown", ",ann@example.com,Ann,Nowhere", "4,rejected,email,email_invalid,it has no @,nobody,x,", "5,duplicate,email,duplicate_in_file"} {
			if !strings.Contains(errors, want) {
				t.Errorf("errors.csv of %s is without %q:\n%s", of, want, errors)
			}
		}
	}
	if again := p.must(http.StatusCreated, key, http.MethodPost, "/v1/imports/"+dry.text("id")+"/commit", nil); again.text("id") != id {
		t.Errorf("committed once more: %s", again.Raw)
	}
}

// What a file brings that is there already leaves nothing of it in the log.
func TestRowsThatBringNothingStandNowhere(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	import2 := func(on, rows string) response {
		return p.imported(key, p.upload(key, map[string]string{"on_duplicate": on, "tags": "fair"}, func(w io.Writer) {
			_, _ = io.WriteString(w, "email,first_name,size\n"+rows)
		}).text("id"))
	}
	rows := "ann@example.com,Ann,38\nbob@example.com,Bob,40\n"
	import2("update", rows)
	p.until(func() bool { return p.hasLead(key, "bob@example.com") })
	same := import2("update", rows)
	if same.number("duplicates") != 2 || same.number("updated") != 0 || p.logged(key, "lead.") != 2 {
		t.Errorf("the same file again: %s, %d events of leads", same.Raw, p.logged(key, "lead."))
	}
	changed := import2("update", "ann@example.com,Ann,39\nbob@example.com,Bob,40\n")
	if changed.number("duplicates") != 1 || changed.number("updated") != 1 || p.logged(key, "lead.supplemented") != 1 {
		t.Errorf("one row of it changed: %s", changed.Raw)
	}
	if own := p.leadOf(key, "ann@example.com")["custom"].(map[string]any); own["size"] != "39" {
		t.Errorf("ann has %v", own)
	}
	twice := import2("update", "ann@example.com,Ann,41\nann@example.com,Ann,39\n") // the second row isn't compared with what was before the first
	if twice.number("updated") != 2 {
		t.Errorf("twice in a file: %s", twice.Raw)
	}
	if own := p.leadOf(key, "ann@example.com")["custom"].(map[string]any); own["size"] != "39" {
		t.Errorf("after both rows ann has %v", own)
	}
	if skipped := import2("skip", rows); skipped.number("duplicates") != 2 {
		t.Errorf("skipped: %s", skipped.Raw)
	}
}

func TestAPlanBoundsWhatIsImported(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	org, key := p.organization("acme", "tiny")
	try := func(file string) response {
		return p.post(key, "/v1/imports", nil, "leads.csv", []byte("email\n"+file))
	}
	var rows []string
	for _, n := range "abcde" {
		rows = append(rows, string(n)+"@example.com\n")
	}
	if r := try(strings.Join(rows, "")); r.Status != http.StatusRequestEntityTooLarge || r.text("limit") != "import_rows" || r.number("max") != 4 || r.text("plan") != "tiny" {
		t.Errorf("five rows: %d %s", r.Status, r.Raw)
	}
	if r := try(strings.Repeat("\n", 1000)); r.Status != http.StatusRequestEntityTooLarge || r.text("limit") != "import_bytes" {
		t.Errorf("a thousand bytes: %d %s", r.Status, r.Raw)
	}
	four := try(strings.Join(rows[:4], ""))
	done := p.imported(key, four.text("id"))
	if done.number("created") != 3 || done.number("rejected") != 1 {
		t.Fatalf("four rows for three places: %s", done.Raw)
	}
	if errors := string(p.call(key, http.MethodGet, "/v1/imports/"+four.text("id")+"/errors.csv", nil).Raw); !strings.Contains(errors, "5,rejected,,over_quota,the plan stores no more leads") {
		t.Errorf("errors.csv: %s", errors)
	}
	if r := try(rows[4]); r.Status != http.StatusPaymentRequired || r.text("limit") != "leads_stored" || r.number("used") != 3 {
		t.Errorf("one more file: %d %s", r.Status, r.Raw)
	}
	if r := p.call(key, http.MethodPost, "/v1/leads", map[string]any{"email": "e@example.com"}); r.Status != http.StatusPaymentRequired || r.text("limit") != "leads_stored" {
		t.Errorf("one more lead: %d %s", r.Status, r.Raw)
	}
	if left := p.files(org); len(left) > 2 {
		t.Errorf("files of imports that never began: %v", left)
	}
}
