package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func csv(n, noteBytes int) func(io.Writer) {
	note := strings.Repeat("x", noteBytes)
	return func(w io.Writer) {
		_, _ = io.WriteString(w, "E-Mail;First name;Company;Note\r\n")
		for i := range n {
			_, _ = fmt.Fprintf(w, "person%d@company%d.example.com;First %d;\"Company; %d\";\"%s\nsecond line\"\r\n", i, i%977, i, i%977, note)
		}
	}
}

func TestFromTheFirstKeyToTheQuota(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	org, key := p.organization("acme", "starter")
	_, other := p.organization("rival", "growth")

	done := p.imported(key, p.upload(key, nil, csv(1000, 0)).text("id"))
	if done.text("status") != "completed" || done.number("rows") != 1000 || done.number("created") != 1000 {
		t.Fatalf("import: %s", done.Raw)
	}
	var leads []string
	cursor := ""
	for {
		page := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?limit=200"+cursor, nil)
		for _, l := range page.Body["data"].([]any) {
			leads = append(leads, l.(map[string]any)["id"].(string))
		}
		if page.text("next_cursor") == "" {
			break
		}
		cursor = "&cursor=" + page.text("next_cursor")
	}
	if len(leads) != 1000 {
		t.Fatalf("%d leads in all pages", len(leads))
	}
	if r := p.call(other, http.MethodGet, "/v1/leads/"+leads[0], nil); r.Status != http.StatusNotFound {
		t.Errorf("another organisation reads a lead: %d %s", r.Status, r.Raw)
	}

	campaign := p.must(http.StatusCreated, key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Spring"}).text("id")
	enroll := "/v1/campaigns/" + campaign + "/enrollments"
	if r := p.must(http.StatusOK, key, http.MethodPost, enroll, map[string]any{"lead_ids": leads[:490]}); r.number("enrolled") != 490 {
		t.Fatalf("enrolled: %s", r.Raw)
	}
	// 40 requests at once for the last ten places: exactly ten win, and a repeat says the same.
	var won, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			body, idempotent := map[string]any{"lead_ids": leads[500+i : 501+i]}, "enroll-"+strconv.Itoa(i)
			r, err := p.try(key, http.MethodPost, enroll, body, "Idempotency-Key", idempotent)
			switch {
			case err != nil:
				t.Error(err)
			case r.Status == http.StatusOK:
				won.Add(1)
			case r.Status == http.StatusPaymentRequired && r.number("max") == 500 && r.number("used") == 500 && r.text("plan") == "starter":
				refused.Add(1)
			default:
				t.Errorf("enroll: %d %s", r.Status, r.Raw)
			}
		})
	}
	wg.Wait()
	if won.Load() != 10 || refused.Load() != 30 {
		t.Errorf("%d won and %d were refused; 10 places were free", won.Load(), refused.Load())
	}

	conn, err := pgx.Connect(t.Context(), p.PostgresAPI)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	rows := func(query string, args ...any) (n int) {
		if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := rows(`select count(*) from read.leads`); n != 0 {
		t.Errorf("the api role sees %d leads without an organisation", n)
	}
	if _, err := conn.Exec(t.Context(), `select set_config('outrider.org', $1, false)`, org); err != nil {
		t.Fatal(err)
	}
	if n := rows(`select count(*) from read.leads`); n != 1000 {
		t.Errorf("the api role sees %d leads of its organisation", n)
	}
	if out := p.run("log", "verify"); !strings.Contains(out, "every chain") {
		t.Errorf("log verify: %s", out)
	}
	p.report(key)
}

// report saves a report, runs it, and reads its files.
func (p *program) report(key string) {
	p.t.Helper()
	id := p.must(http.StatusCreated, key, http.MethodPost, "/v1/reports", map[string]any{"name": "Week", "formats": []string{"csv", "html", "parquet"},
		"query": map[string]any{"metrics": []string{"sent", "replied"}, "by": []string{"campaign"}, "unit": "message", "period": "last_7_days"}}).text("id")
	runs := "/v1/reports/" + id + "/runs"
	p.must(http.StatusOK, key, http.MethodPost, runs, map[string]any{})
	for late := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		run := p.must(http.StatusOK, key, http.MethodGet, runs, nil).Body["data"].([]any)[0].(map[string]any)
		if files := run["files"].([]any); run["status"] == "completed" {
			if len(files) != 3 {
				p.t.Errorf("a report has %v", files)
			}
			return
		}
		if run["status"] == "failed" || time.Now().After(late) {
			p.t.Fatalf("a report: %v", run)
		}
	}
}

// One program, which has all of its memory for itself, and is killed.
func TestLargeImportsAndKills(t *testing.T) {
	t.Parallel()
	p, err := newProgram()
	if err != nil {
		t.Fatal(err)
	}
	p.env = []string{"GOGC=100"} // it uses the memory that it uses at its users', whatever tests are given
	p.startFor(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *program)
	}{
		{"an import needs no memory for its file", importWithoutMemory}, // first: it measures the most that the process ever had
		{"killed in the middle of an import", killInAnImport},
		{"bulk operations on leads", changeLeadsInBulk},
	} {
		t.Run(part.name, func(t *testing.T) {
			p.t = t
			part.test(t, p)
		})
	}
}

func killInAnImport(t *testing.T, p *program) {
	const rows = 10_000
	org, key := p.organization("acme", "growth")
	id := p.upload(key, nil, csv(rows, 50)).text("id")
	for p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+id, nil).number("rows") == 0 {
		time.Sleep(20 * time.Millisecond)
	}
	p.stop(syscall.SIGKILL)
	p.start()
	done := p.imported(key, id)
	if done.text("status") != "completed" || done.number("rows") != rows || done.number("created") != rows || done.number("duplicates") != 0 {
		t.Fatalf("after kill -9: %s", done.Raw)
	}
	conn, err := pgx.Connect(t.Context(), p.PostgresAPI)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var n, distinct int
	if _, err := conn.Exec(t.Context(), `select set_config('outrider.org', $1, false)`, org); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRow(t.Context(), `select count(*), count(distinct email) from read.leads`).Scan(&n, &distinct); err != nil {
		t.Fatal(err)
	}
	if n != rows || distinct != n {
		t.Errorf("%d leads with %d addresses", n, distinct)
	}
	if out := p.run("log", "verify"); !strings.Contains(out, "every chain") {
		t.Errorf("log verify: %s", out)
	}
	// And back out again: an undo takes all of it, except what somebody has touched since.
	lead := p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?limit=1", nil).Body["data"].([]any)[0].(map[string]any)["id"].(string)
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+lead, map[string]any{"job_title": "Head of Sales"})
	if r := p.call(key, http.MethodPost, "/v1/imports/"+id+"/undo", nil); r.Status >= 300 {
		t.Fatalf("undo: %d %s", r.Status, r.Raw)
	}
	for p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+id, nil).text("status") != "undone" {
		time.Sleep(100 * time.Millisecond)
	}
	undone := p.must(http.StatusOK, key, http.MethodGet, "/v1/imports/"+id, nil)
	if undone.number("removed") != rows-1 || undone.number("kept") != 1 {
		t.Errorf("undo: %s", undone.Raw)
	}
}

// 100,000 rows of 2 KB are 200 MB: a server that held the file, or its rows, would show it.
func importWithoutMemory(t *testing.T, p *program) {
	_, key := p.organization("acme", "enterprise")
	p.imported(key, p.upload(key, nil, csv(1000, 50)).text("id"))
	before, rows := p.peak(), 100_000
	if n, err := strconv.Atoi(os.Getenv("OUTRIDER_E2E_ROWS")); err == nil {
		rows = n
	}
	done := p.imported(key, p.upload(key, map[string]string{"dry_run": "true"}, csv(rows, 1950)).text("id"))
	if done.text("status") != "completed" || done.number("rows") != rows || done.number("created") != rows-1000 || done.number("duplicates") != 1000 {
		t.Fatalf("dry run: %s", done.Raw)
	}
	grown := p.peak() - before
	t.Logf("peak memory grew from %d to %d MB", before>>20, (before+grown)>>20)
	if grown > 160<<20 {
		t.Errorf("peak memory grew by %d MB while a file of 200 MB was read", grown>>20)
	}
}
