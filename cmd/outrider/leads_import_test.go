package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// parse reads a command line into a cli.
func parse(t *testing.T, args ...string) (*cli, error) {
	t.Helper()
	c := &cli{}
	parser, err := kong.New(c, kong.Name("outrider"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return c, err
}

func TestAnImportSendsWhatWasGiven(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(file, []byte("Email\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse(t, "leads", "import", file)
	if err != nil {
		t.Fatal(err)
	}
	if fields, err := c.Leads.Import.fields(); err != nil || len(fields) != 0 {
		t.Errorf("without flags: %q, %v; want what the api does by itself", fields, err)
	}
	c, err = parse(t, "leads", "import", file, "--charset", "latin1", "--delimiter", "tab", "--header-row", "0", "--mapping", "a=b, c=custom.d", "--mapping", "Nothing=", "--on-duplicate", "update",
		"--source", "crm", "--lawful-basis", "consent", "--tags", "fair, 2026", "--tags", "vip", "--time-zone", "Europe/Rome", "--dry-run")
	if err != nil {
		t.Fatal(err)
	}
	fields, err := c.Leads.Import.fields()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range fields {
		got[f[0]] = f[1]
	}
	want := map[string]string{"charset": "latin1", "delimiter": "tab", "header_row": "0", "mapping": `{"Nothing":"","a=b, c":"custom.d"}`, "on_duplicate": "update", "source": "crm",
		"lawful_basis": "consent", "tags": "fair, 2026,vip", "time_zone": "Europe/Rome", "dry_run": "true"}
	if !maps.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAnImportRefusesWhatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(file, []byte("Email\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const id = "0190a0a0-0000-7000-8000-000000000001"
	for args, want := range map[string]string{
		"":                                          "name a FILE",
		file + " --commit " + id:                    "name a FILE",
		"--inspect --commit " + id:                  "--inspect looks at a FILE",
		"--tags x --commit " + id:                   "tags can't be changed",
		"--header-row 0 --commit " + id:             "header_row can't be changed",
		file + " --mapping email":                   "not COLUMN=FIELD",
		file + " --mapping =email":                  "not COLUMN=FIELD",
		file + " --dry-run --campaign " + id:        "import none",
		file + " --on-duplicate replace":            "must be one of",
		filepath.Join(filepath.Dir(file), "no.csv"): "no such file",
	} {
		if _, err := parse(t, append([]string{"leads", "import"}, strings.Fields(args)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	if _, err := parse(t, "leads", "import", "--commit", id, "--campaign", id); err != nil {
		t.Errorf("a commit that enrolls: %v", err)
	}
}
