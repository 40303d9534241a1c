package doctor

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/kafka"
)

func TestExamineSaysWhatIsWrongAndTheFix(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	failed := Examine(t.Context(), &b, []Check{
		{"first", "do this", func(context.Context) (string, error) { return "all is well", nil }},
		{"second", "do that", func(context.Context) (string, error) { return "", errors.New("it is broken") }},
	})
	if failed != 1 || !strings.Contains(b.String(), "ok    first ") || !strings.Contains(b.String(), "it is broken\n") || !strings.Contains(b.String(), "fix: do that") {
		t.Fatalf("got %d failed and\n%s", failed, b.String())
	}
}

// failing gives the names of the checks that fail.
func failing(t *testing.T, p *Installation) string {
	t.Helper()
	defer p.Close()
	var names []string
	for _, c := range p.Checks() {
		if found, err := c.try(t.Context()); err != nil {
			t.Logf("%s: %v", c.name, err)
			names = append(names, c.name)
		} else if found == "" {
			t.Errorf("%s says nothing", c.name)
		}
	}
	return strings.Join(names, ", ")
}

func TestDoctorOnRealEngines(t *testing.T) {
	t.Parallel()
	f, a := nodetest.EmptyEngines(t)
	patientNow := func() *Installation { return &Installation{Addresses: a, Keys: f.Keys(), Data: f.Data, Generation: 1} }

	const untouched = "key files, kafka topics, kafka retention, postgres roles, master key, row-level security, clickhouse tables, projections, connections"
	if got := failing(t, patientNow()); got != untouched {
		t.Fatalf("before migrate: got %q, want %q", got, untouched)
	}
	nodetest.SharedRoles(t, f.Keys())
	log, err := node.Migrate(t.Context(), a, f.Keys(), kafka.Log{Seeds: a.Seeds(), Generation: 1, Partitions: 2, Replication: 1, Replies: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := node.OpenStores(t.Context(), node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: log, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if got := failing(t, patientNow()); got != "" {
		t.Fatalf("after migrate: got %q, want no failure", got)
	}
	right, err := os.ReadFile(f.Keys().Master())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Keys().Master(), []byte(strings.Repeat("A", 43)+"=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := failing(t, patientNow()); got != "master key" {
		t.Fatalf("with another master key: got %q, want \"master key\"", got)
	}
	if err := os.WriteFile(f.Keys().Master(), right, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(f.Keys().Master(), 0o644); err != nil { // what the check is for
		t.Fatal(err)
	}
	if got := failing(t, patientNow()); got != "key files" {
		t.Fatalf("with a master key that others can read: got %q, want \"key files\"", got)
	}
}
