package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// command runs the program as a person with a key would; failed = it ended with a status other than 0.
func (p *program) command(key string, args ...string) (stdout, stderr string, failed bool) {
	p.t.Helper()
	cmd := exec.Command(p.bin, append(args, "--url", p.URL, "--key", key)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		p.t.Fatal(err)
	}
	return out.String(), errs.String(), err != nil
}

// says runs a command that must work, and wants what it prints to hold all texts.
func (p *program) says(key string, args []string, want ...string) string {
	p.t.Helper()
	out, errs, failed := p.command(key, args...)
	for _, text := range want {
		if !strings.Contains(out, text) {
			failed = true
		}
	}
	if failed {
		p.t.Fatalf("outrider %s\nsays %s%swant it to work and to say %q", strings.Join(args, " "), out, errs, want)
	}
	return out
}

// answers runs a command with --json.
func (p *program) answers(key string, args ...string) map[string]any {
	p.t.Helper()
	out := p.says(key, append(args, "--json"))
	got := map[string]any{}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		p.t.Fatalf("outrider %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return got
}

// until waits until something holds: the command line doesn't know of the test's writes, nor the test of its.
func (p *program) until(holds func() bool) {
	p.t.Helper()
	for range 300 {
		if holds() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatal("it doesn't come to hold")
}

// hasLead says whether the API shows a lead yet.
func (p *program) hasLead(key, email string) bool {
	return len(p.must(http.StatusOK, key, http.MethodGet, "/v1/leads?email="+email, nil).Body["data"].([]any)) == 1
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLeadsAreImportedByTheCommandLine(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	p.says(key, []string{"suppressions", "add", "out@example.com"})
	file := writeFile(t, "Exported\nMail;Vorname;Ort;Zone\nann@example.com;J\xf6rg;Rom;nowhere\nout@example.com;Bob;;\nnobody;x;;\nann@example.com;Ann;;\n")
	form := []string{"--charset", "windows-1252", "--delimiter", ";", "--header-row", "2", "--mapping", "Ort=custom.place", "--mapping", "Zone=time_zone", "--on-duplicate", "update",
		"--source", "crm", "--lawful-basis", "consent", "--tags", "fair,2026", "--time-zone", "Europe/Rome"}
	importing := append([]string{"leads", "import", file}, form...)

	p.says(key, append(slices.Clone(importing), "--inspect"), `csv, charset windows-1252, delimiter ";", row 2 names the columns`, "COLUMN", "ROW 3", "Vorname  first_name", "Jörg", "custom.place")
	if seen := p.answers(key, append(slices.Clone(importing), "--inspect")...); seen["header_row"] != 2.0 {
		t.Errorf("inspected as %v", seen)
	}

	dry := p.answers(key, append(slices.Clone(importing), "--dry-run")...)
	id, _ := dry["id"].(string)
	if dry["dry_run"] != true || dry["created"] != 2.0 || dry["suppressed"] != 1.0 {
		t.Fatalf("dry run: %v", dry)
	}
	if out, errs, failed := p.command(key, "leads", "undo", id); !failed || !strings.Contains(errs, "dry run") {
		t.Errorf("the undo of a dry run: %s%s", out, errs)
	}
	p.says(key, []string{"leads", "import", "--commit", id}, "completed: 4 rows, 2 created, ", "1 rejected, 1 suppressed\n", "left out: time_zone of 1 rows: ")
	p.until(func() bool { return p.hasLead(key, "ann@example.com") })
	ann := p.leadOf(key, "ann@example.com")
	got := fmt.Sprint(ann["first_name"], ann["custom"], ann["source"], ann["lawful_basis"], ann["tags"], ann["time_zone"])
	if want := "Annmap[place:Rom]crmconsent[fair 2026]Europe/Rome"; got != want {
		t.Errorf("the lead is %s, want %s", got, want)
	}

	second := p.answers(key, "leads", "import", writeFile(t, "Email\ncyd@example.com\ndan@example.com\n"))
	id, _ = second["id"].(string)
	p.until(func() bool { return p.hasLead(key, "dan@example.com") })
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+p.leadOf(key, "dan@example.com")["id"].(string), map[string]any{"city": "Rome"})
	p.until(func() bool { return p.answers(key, "leads", "undo", id, "--preview")["edited"] == 1.0 })
	p.says(key, []string{"leads", "undo", id, "--preview"}, "an undo would remove 1 leads and keep 1: 1 edited since, 0 enrolled since\n")
	p.says(key, []string{"leads", "undo", id}, "undone: 1 leads removed, 1 kept\n")
	if undone := p.answers(key, "leads", "undo", id); undone["status"] != "undone" {
		t.Errorf("undone once more: %v", undone)
	}

	// A file that is larger than what is looked at.
	large := writeFile(t, "Email,Note\n"+strings.Repeat("ann@example.com,"+strings.Repeat("x", 1000)+"\n", 8000))
	p.says(key, []string{"leads", "import", large, "--inspect"}, "row 1 names the columns")
	if out, errs, failed := p.command(key, "leads", "import", large, "--charset", "klingon"); !failed || !strings.Contains(errs, `"klingon"`) {
		t.Errorf("an unknown character set: %s%s", out, errs)
	}
}

func TestSuppressionsByTheCommandLine(t *testing.T) {
	t.Parallel()
	p := shareProgram(t)
	_, key := p.organization("acme", "growth")
	added := p.answers(key, "suppressions", "add", "Ann@Example.com", "*.corp.test", "--reason", "complaint")
	if data := added["data"].([]any); len(data) != 2 || data[0].(map[string]any)["value"] != "ann@example.com" || data[1].(map[string]any)["subdomains"] != true {
		t.Errorf("added %v", added)
	}
	var many strings.Builder
	for n := range 600 {
		fmt.Fprintf(&many, "n%d@many.test\n\n", n)
	}
	if out := p.says(key, []string{"suppressions", "add", "narrow.test", "--no-subdomains", "--file", writeFile(t, many.String())}, "  narrow.test\n", "n599@many.test"); strings.Count(out, "\n") != 601 {
		t.Errorf("added %s", out)
	}
	if out, errs, failed := p.command(key, "suppressions", "add", "fine.test", "co.uk"); !failed || out != "" || !strings.Contains(errs, `"co.uk": `) {
		t.Errorf("a public suffix: %s%s", out, errs)
	}

	list := writeFile(t, "E-Mail;Status\nbob@example.com;unsubscribed\nAnn@example.com;\nco.uk;\nhost.test;\n")
	p.says(key, []string{"suppressions", "import", list, "--delimiter", ";", "--charset", "utf-8", "--header-row", "1", "--reason", "bounce", "--no-subdomains"},
		"4 rows: 2 added, 1 already suppressed, 1 refused\n", `row 4: "co.uk": `)
	if again := p.answers(key, "suppressions", "import", list, "--kind", "address"); again["added"] != 0.0 || again["already"] != 2.0 {
		t.Errorf("imported again: %v", again)
	}

	p.until(func() bool {
		out, _, failed := p.command(key, "suppressions", "list")
		return !failed && strings.Count(out, "\n") == 605
	})
	p.says(key, []string{"suppressions", "list", "--reason", "complaint", "--sort", "value"}, "complaint    ann@example.com\n", "complaint    *.corp.test\n")
	p.says(key, []string{"suppressions", "list", "--kind", "domain", "--q", "host"}, "  bounce       host.test\n")
	if one := p.answers(key, "suppressions", "list", "--value", "Bob@example.com"); one["reason"] != "unsubscribe" {
		t.Errorf("listed %v", one)
	}

	narrow := p.answers(key, "suppressions", "list", "--value", "narrow.test")["id"].(string)
	out, errs, failed := p.command(key, "suppressions", "remove", "bob@example.com", "ann@example.com", "who@example.com", narrow, "--json")
	if !failed || strings.Count(out, "\n") != 2 || !strings.Contains(out, `"id":"`+narrow+`"`) || !strings.Contains(errs, `"ann@example.com": This suppression stays`) || !strings.Contains(errs, `"who@example.com": it isn't suppressed itself`) {
		t.Errorf("removed %s%s", out, errs)
	}
	p.until(func() bool {
		out, _, failed := p.command(key, "suppressions", "list")
		return !failed && strings.Count(out, "\n") == 603
	})
}
