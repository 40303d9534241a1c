package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"outrider/internal/engines/enginestest"
	"outrider/internal/kafka"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func TestExamineSaysWhatIsWrongAndTheFix(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	failed := examine(t.Context(), &b, []check{
		{"first", "do this", func(context.Context) (string, error) { return "all is well", nil }},
		{"second", "do that", func(context.Context) (string, error) { return "", errors.New("it is broken") }},
	})
	if failed != 1 || !strings.Contains(b.String(), "ok    first ") || !strings.Contains(b.String(), "it is broken\n") || !strings.Contains(b.String(), "fix: do that") {
		t.Fatalf("got %d failed and\n%s", failed, b.String())
	}
}

// failing gives the names of the checks that fail.
func failing(t *testing.T, p *patient) string {
	t.Helper()
	defer p.close()
	var names []string
	for _, c := range p.checks() {
		if found, err := c.try(t.Context()); err != nil {
			names = append(names, c.name)
		} else if found == "" {
			t.Errorf("%s says nothing", c.name)
		}
	}
	return strings.Join(names, ", ")
}

func TestDoctorOnRealEngines(t *testing.T) {
	t.Parallel()
	f, a := emptyEngines(t)
	patientNow := func() *patient { return &patient{addresses: a, keys: f.keys(), data: f.Data, generation: 1} }

	const untouched = "key files, kafka topics, kafka retention, postgres roles, row-level security, clickhouse tables, projections"
	if got := failing(t, patientNow()); got != untouched {
		t.Fatalf("before migrate: got %q, want %q", got, untouched)
	}
	sharedRoles(t, f.keys())
	log, err := migrate(t.Context(), a, f.keys(), kafka.Log{Seeds: a.seeds(), Generation: 1, Partitions: 2, Replication: 1, Replies: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStores(t.Context(), a, f.keys(), log, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.close()
	if got := failing(t, patientNow()); got != "" {
		t.Fatalf("after migrate: got %q, want no failure", got)
	}
	if err := os.Chmod(f.keys().master(), 0o644); err != nil { //nolint:gosec // what the check is for
		t.Fatal(err)
	}
	if got := failing(t, patientNow()); got != "key files" {
		t.Fatalf("with a master key that others can read: got %q, want \"key files\"", got)
	}
}
