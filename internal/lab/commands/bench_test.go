package commands

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"outrider/events"
	"outrider/internal/clickhouse"
	"outrider/internal/csvfile"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es/logtest"
	"outrider/internal/es/verify"
	"outrider/internal/lab/bench"
)

func TestAWrittenHistoryCountsAndItsChainsHold(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 3)
	const n = 4001
	if err := bench.WriteHistory(t.Context(), log, n); err != nil {
		t.Fatal(err)
	}
	v, err := verify.LogDecoded(t.Context(), log, events.Decode)
	if err != nil || v.Events != n || v.Voids != 0 || v.Organizations != 12 {
		t.Errorf("got %+v, %v", v, err)
	}
	folded, err := bench.Refold(t.Context(), log)
	if err != nil || folded != n {
		t.Errorf("folded %d, %v", folded, err)
	}
}

func TestTheFileOfABenchHasOnlyRowsThatBecomeLeads(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := bench.WriteCSV(&file, 100); err != nil {
		t.Fatal(err)
	}
	r, err := csvfile.Open(&file, csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, seen := 0, map[string]bool{}
	for {
		row, err := r.Next()
		if err != nil {
			break
		}
		if rows++; seen[row.Values[0]] {
			t.Errorf("%s comes twice", row.Values[0])
		}
		seen[row.Values[0]] = true
	}
	if m := r.Head().Mapping; rows != 100 || m["Email"] != "email" || m["Company"] != "company_name" || m["CRM ID"] != "crm_id" {
		t.Errorf("%d rows, mapping %v", rows, m)
	}
}

func TestAResultIsATableOrOneLineOfJSON(t *testing.T) {
	t.Parallel()
	result := commandFigures{Command: "campaign", Rate: 1234.5, benchConditions: benchConditions{CPUs: 2, Broker: "b", Use: map[string]bench.Use{"kafka": {PeakRSSMB: 40, CPUSeconds: 1.5}}}}
	var table, line bytes.Buffer
	if err := printBench(&table, false, result); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rate ", "1234.5", "kafka ", "40 MB at most, 1.5 s CPU"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &table)
		}
	}
	if err := printBench(&line, true, result); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(line.Bytes(), &back); err != nil || back["rate"] != 1234.5 || back["cpus"] != 2.0 || strings.Count(line.String(), "\n") != 1 {
		t.Errorf("%s: %v", &line, err)
	}
}

func TestATableHasARowForEachResult(t *testing.T) {
	t.Parallel()
	in := `{"bench":"send","messages":20000,"rate":1417.4,"p50_ms":31.25,"p99_ms":88,"broker":"embedded (kfake), no fsync","use":{"server":{"cpu_seconds":9.96},"kafka":{"cpu_seconds":2}},"disk_bytes_per_event":{"events":310.4,"postgres":800}}

{"bench":"commands","answers":7,"command":"lead","concurrency":16,"rate":42.42,"use":{}}`
	lines, err := readBenchLines(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := `| bench | what | a second | p50 ms | p99 ms | CPU seconds | bytes on disk an event | broker |
|---|---|---|---|---|---|---|---|
| send | 20000 messages | 1417 | 31.2 | 88.0 | kafka 2.0, server 10.0 | postgres 800, events 310 | embedded (kfake) |
| commands | 7 answers (lead), 16 at once | 42.4 | - | - | - | - | - |
`
	if got := benchTable(lines); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, bad := range []string{"rate 5", `{"rate":5}`} {
		if _, err := readBenchLines(strings.NewReader(bad)); err == nil {
			t.Errorf("%s passes for a result", bad)
		}
	}
}

func TestOnlyWhatStandsBehindTheMarkOfADocumentIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results, doc := filepath.Join(dir, "results.jsonl"), filepath.Join(dir, "performance.md")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(results, `{"bench":"track","hits":9,"rate":5000}`)
	write(doc, "# Speed\n\nWords.\n"+tableBegins+"\n| old |\n")
	if err := (benchTableCmd{File: results, Out: doc}).Run(); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(doc)
	if s := string(b); !strings.HasPrefix(s, "# Speed\n\nWords.\n") || !strings.Contains(s, "| track | 9 hits | 5000 |") || strings.Contains(s, "old") {
		t.Error(s)
	}
	write(doc, "# Speed\n")
	if err := (benchTableCmd{File: results, Out: doc}).Run(); err == nil {
		t.Error("a document without the mark was written to")
	}
}

func TestReportsOnLoadedEngagementSayWhatWasLoaded(t *testing.T) {
	t.Parallel()
	conn, err := clickhouse.Open(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, mailboxes := range []bool{false, true} {
		c := benchStatsCmd{Rows: 30_000, Campaigns: 4, Queries: 8, Concurrency: 2, Mailboxes: mailboxes}
		out, err := c.measureReports(t.Context(), conn) // fails where a report doesn't say how many were sent
		if err != nil || out.Rows != 40_000 || out.Messages != 4_000 || out.ReadRows == 0 || out.RollupRows < out.ReadRows || out.P95 < out.P50 {
			t.Errorf("got %+v, %v", out, err)
		}
	}
	if _, err := (benchStatsCmd{Rows: 1, Campaigns: 3}).measureReports(t.Context(), conn); err == nil {
		t.Error("three campaigns share 8000 messages")
	}
}

func TestASinksJournalShowsWhoGotNoneOrTwo(t *testing.T) {
	t.Parallel()
	line := func(kind, to, at string) string {
		return `{"kind":"` + kind + `","by":"submission","from":"jane@acme.test","to":["` + to + `"],"real":"2026-03-02T08:00:` + at + `Z"}` + "\n"
	}
	good := line("accepted", "jane@acme.test", "01") + line("accepted", "ann@a.example", "02") + line("refused", "bob@a.example", "03") + line("accepted", "bob@a.example", "04")
	for says, c := range map[string]struct {
		journal string
		want    int
	}{
		"":                                 {good, 2},
		"got 2 messages":                   {good + line("accepted", "ann@a.example", "05"), 2},
		"2 people got a message, 3 should": {good, 3},
	} {
		path := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(path, []byte(c.journal), 0o600); err != nil {
			t.Fatal(err)
		}
		last, err := arrivedOnce(path, c.want)
		if says == "" && (err != nil || last.Second() != 4) || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: got %s, %v", says, last, err)
		}
	}
}
