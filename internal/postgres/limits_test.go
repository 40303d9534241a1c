package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

func migrated(t *testing.T) (url string, pools *postgres.Pools) {
	t.Helper()
	url = postgrestest.Empty(t)
	if err := postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes()); err != nil {
		t.Fatal(err)
	}
	pools, err := postgres.OpenPools(t.Context(), url, postgrestest.Secrets(), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pools.Close)
	return url, pools
}

func byRole(p *postgres.Pools) map[string]*pgxpool.Pool {
	return map[string]*pgxpool.Pool{postgres.RoleProjector: p.Projector, postgres.RoleAPI: p.API, postgres.RoleIdentity: p.Identity, postgres.RoleVault: p.Vault}
}

// What Postgres denies to each of our roles, said to it by a session that has made itself able to write.
func TestRolesCannotGiveThemselvesMore(t *testing.T) {
	t.Parallel()
	url, pools := migrated(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	owner := config.User
	for role, pool := range byRole(pools) {
		for _, statement := range []string{
			"create temporary table t (a int)",
			"create temporary view v as select 1",
			"select 1 as a into temporary t",
			"create table public.t (a int)",
			"create schema mine",
			"create function public.f() returns int language sql as 'select 1'",
			"create table read.t (a int)",
			"select lo_create(0)",
			"select lo_from_bytea(0, 'x')",
			"select lo_creat(-1)",
			"alter role " + role + " connection limit -1",
			"alter role " + role + " superuser",
			"alter role " + role + " bypassrls",
			"alter role " + role + " createrole",
			"alter role " + role + " createdb",
			"alter role " + role + " set temp_file_limit = '-1'",
			"alter role " + role + " reset temp_file_limit",
			"set temp_file_limit = '-1'",
			"set session_replication_role = 'replica'",
			"set log_statement = 'none'",
			"set role " + owner,
			"set session authorization " + owner,
			"alter system set max_connections = 1000",
			"alter role " + owner + " set work_mem = '1GB'",
			"copy (select 1) to '/tmp/x'",
			"copy (select 1) to program 'true'",
			"select pg_read_file('/etc/passwd')",
			"select rolpassword from pg_authid",
			"alter table read.notes no force row level security",
			"drop policy api on read.notes",
			"create extension dblink",
			"grant select on read.notes to public",
		} {
			conn, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), "set default_transaction_read_only = off"); err != nil {
				t.Fatal(err)
			}
			_, err = conn.Exec(t.Context(), statement)
			var denied *pgconn.PgError
			if strings.HasPrefix(statement, "grant ") && err == nil { // a grant of what one doesn't have is a warning
				var granted bool
				if err := conn.QueryRow(t.Context(), "select exists (select from information_schema.role_table_grants where grantee = 'PUBLIC' and table_name = 'notes')").Scan(&granted); err != nil || granted {
					t.Errorf("%s: %s has an effect: %v", role, statement, err)
				}
			} else if !errors.As(err, &denied) || denied.Code != "42501" {
				t.Errorf("%s: %s: got %v, want permission denied", role, statement, err)
			}
			_ = conn.Hijack().Close(t.Context()) // with what it has set
		}
	}
}

// A role can change its own defaults, which nothing in Postgres forbids: they reach no connection of ours, are named, and go at the
// next migrate.
func TestWhatARoleSetsForItselfReachesNobody(t *testing.T) { // it changes roles that other tests use
	url, pools := migrated(t)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	var database string
	if err := owner.QueryRow(t.Context(), "select current_database()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"statement_timeout = '1h'", "default_transaction_read_only = off", "search_path = vault", "row_security = off"} {
		// in this database only, as roles are the server's
		if _, err := pools.API.Exec(t.Context(), "begin read write; alter role "+postgres.RoleAPI+" in database "+database+" set "+set+"; commit"); err != nil {
			t.Fatal(err)
		}
	}
	if altered, err := postgres.AlteredRoles(t.Context(), pools.API); err != nil || len(altered) != 4 {
		t.Fatalf("named: %q, %v", altered, err)
	}
	again, err := postgres.OpenPools(t.Context(), url, postgrestest.Secrets(), postgres.Options{Only: []string{postgres.RoleAPI}})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Vault != nil || again.Projector != nil || again.Identity != nil {
		t.Error("opened pools that nobody needs")
	}
	for name, want := range map[string]string{"statement_timeout": "15s", "default_transaction_read_only": "on", "search_path": "read", "row_security": "on"} {
		var got string
		if err := again.API.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", name, got, err, want)
		}
	}
	if err := postgres.Migrate(t.Context(), url, postgrestest.Secrets(), notes()); err != nil {
		t.Fatal(err)
	}
	if altered, err := postgres.AlteredRoles(t.Context(), pools.API); err != nil || len(altered) != 0 {
		t.Fatalf("after migrate: %q, %v", altered, err)
	}
	var limit string
	if err := again.API.QueryRow(t.Context(), "select current_setting('temp_file_limit')").Scan(&limit); err != nil || limit != "4GB" {
		t.Errorf("temporary files: %s, %v", limit, err)
	}
}

func TestConnectionsOfARoleAreBounded(t *testing.T) { // it changes roles that other tests use, to more than they need
	url, _ := migrated(t)
	if err := postgres.LimitConnections(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	defer func() {
		for role := range byRole(&postgres.Pools{}) {
			if _, err := owner.Exec(context.Background(), "alter role "+role+" connection limit -1"); err != nil {
				t.Error(err)
			}
		}
	}()
	var bounded int
	if err := owner.QueryRow(t.Context(), "select count(*) from pg_roles where rolname like 'outrider\\_%' and rolconnlimit between 4 and current_setting('max_connections')::int / 2").Scan(&bounded); err != nil || bounded != 4 {
		t.Fatalf("%d roles are bounded, %v", bounded, err)
	}
}
