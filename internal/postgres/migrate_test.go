package postgres_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

// notes is a projection migration as later ones will look.
func notes() postgres.Source {
	return postgres.Source{Name: "notes", FS: fstest.MapFS{"00001_notes.sql": {Data: []byte(`-- +goose Up
create table read.notes (org_id uuid not null, id int not null, text text not null, primary key (org_id, id));
call kernel.protect('read.notes');
`)}}}
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	url := postgrestest.Empty(t)
	for range 2 {
		if err := postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMigrateAtOnceInOneAndSeveralDatabases(t *testing.T) {
	t.Parallel()
	var g errgroup.Group
	for range 3 {
		url := postgrestest.Empty(t)
		for range 3 {
			g.Go(func() error { return postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes()) })
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	url := postgrestest.Empty(t)
	if err := postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `insert into kernel.migrations_notes (version_id, is_applied) values (2, true)`); err != nil {
		t.Fatal(err)
	}
	err = postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes())
	if err == nil || !strings.Contains(err.Error(), "run the newer program") {
		t.Fatalf("got %v, want a refusal that names the newer program", err)
	}
}

func TestMigrateRefusesAnEmptyPassword(t *testing.T) {
	t.Parallel()
	err := postgres.Migrate(t.Context(), postgrestest.Empty(t), postgres.Secrets{Projector: "x"})
	if err == nil || !strings.Contains(err.Error(), "password is empty") {
		t.Fatalf("got %v, want a refusal of the empty password", err)
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	wrong := db.Secrets
	wrong.API = "not-it"
	if pools, err := postgres.OpenPools(t.Context(), db.OwnerURL, wrong, postgres.Options{}); err == nil {
		pools.Close()
		t.Fatal("opened pools with a wrong password")
	}
}

func TestEachRoleHasItsTimeouts(t *testing.T) {
	t.Parallel()
	p := postgrestest.New(t).Pools
	for name, x := range map[string]struct {
		pool *pgxpool.Pool
		want string
	}{"projector": {p.Projector, "0 5min"}, "api": {p.API, "15s 5min"}, "identity": {p.Identity, "30s 5min"}, "vault": {p.Vault, "30s 5min"}} {
		var got string
		if err := x.pool.QueryRow(t.Context(), `select current_setting('statement_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout')`).Scan(&got); err != nil || got != x.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, x.want)
		}
	}
}

func TestUnprotectedTablesNamesWhatWasForgotten(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, notes())
	found, err := postgres.UnprotectedTables(t.Context(), db.Pools.API)
	if err != nil || len(found) != 0 {
		t.Fatalf("got %v, %v, want every table protected", found, err)
	}
	owner, err := pgx.Connect(t.Context(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	for _, c := range []struct{ broken, undo, want string }{
		{"create table read.forgotten (org_id uuid)", "drop table read.forgotten", "forgotten: row level security is off"},
		{"alter table read.notes no force row level security", "alter table read.notes force row level security", "notes: row level security is not forced"},
		{"drop policy api on read.notes; create policy api on read.notes for select to outrider_api using (true)",
			"drop policy api on read.notes; drop policy projector on read.notes; call kernel.protect('read.notes')", "notes: it has no policy that"},
		{"create policy extra on read.notes using (true)", "drop policy extra on read.notes", "notes: it has a further permissive policy"},
		{"create view read.peek as select * from read.notes", "drop view read.peek", "peek: it is a view with the rights of its owner"},
		{"create materialized view read.copy as select * from read.notes", "drop materialized view read.copy", "copy: row level security does not exist"},
	} {
		if _, err := owner.Exec(t.Context(), c.broken); err != nil {
			t.Fatal(err)
		}
		found, err := postgres.UnprotectedTables(t.Context(), db.Pools.API)
		if err != nil || !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("after %q: got %q, %v, want %q", c.broken, found, err, c.want)
		}
		if _, err := owner.Exec(t.Context(), c.undo); err != nil {
			t.Fatal(err)
		}
		if found, err := postgres.UnprotectedTables(t.Context(), db.Pools.API); err != nil || len(found) != 0 {
			t.Fatalf("after %q: got %q, %v, want none", c.undo, found, err)
		}
	}
}
