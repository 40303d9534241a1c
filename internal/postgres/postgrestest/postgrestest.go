// Package postgrestest gives each test a migrated database of its own on a real Postgres.
package postgrestest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/engines/enginestest"
	"outrider/internal/postgres"
)

// Database is an empty, migrated database; it is dropped when the test ends.
type Database struct {
	OwnerURL string // superuser
	Secrets  postgres.Secrets
	Pools    *postgres.Pools
}

// Secrets of all test databases: roles belong to the server, which test processes share.
func Secrets() postgres.Secrets {
	return postgres.Secrets{Projector: "projector-test", API: "api-test", Identity: "identity-test", Vault: "vault-test"}
}

// ServerURL is the superuser's URL of the server that tests use. A package that uses it has a TestMain with enginestest.Main.
func ServerURL(t testing.TB) string {
	t.Helper()
	return enginestest.Postgres(t)
}

// New copies a migrated template, which the first test of the first process makes.
func New(t testing.TB, sources ...postgres.Source) *Database {
	t.Helper()
	ownerURL := Migrated(t, sources...)
	pools, err := postgres.OpenPools(context.Background(), ownerURL, Secrets(), postgres.Options{})
	if err != nil {
		t.Fatalf("open pools: %v", err)
	}
	t.Cleanup(pools.Close)
	return &Database{OwnerURL: ownerURL, Secrets: Secrets(), Pools: pools}
}

// Migrated is New for who opens it, and returns its owner's URL.
func Migrated(t testing.TB, sources ...postgres.Source) string {
	t.Helper()
	server := ServerURL(t)
	template, err := ensureTemplate(context.Background(), server, sources)
	if err != nil {
		t.Fatalf("make template database: %v", err)
	}
	return createDatabase(t, server, template)
}

// Empty creates a database without any migration and returns its owner's URL.
func Empty(t testing.TB) string {
	t.Helper()
	return createDatabase(t, ServerURL(t), "template0")
}

func createDatabase(t testing.TB, server, template string) string {
	t.Helper()
	name := "outrider_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := execStatement(server, "create database "+name+" template "+template+" strategy file_copy"); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if err := execStatement(server, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("parse %s: %v", server, err)
	}
	u.Path = "/" + name
	return u.String()
}

func execStatement(server, statement string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// ensureTemplate makes the database that others copy. Its name carries a hash of the migrations, so that an edited
// migration means a new template; the lock, held in the server's own database, lets one process make it.
func ensureTemplate(ctx context.Context, server string, sources []postgres.Source) (string, error) {
	sum := sha256.New()
	for _, s := range append([]postgres.Source{postgres.Own()}, sources...) {
		fmt.Fprintf(sum, "%s\n", s.Name)
		if err := fs.WalkDir(s.FS, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(s.FS, path)
			fmt.Fprintf(sum, "%s %d %s\n", path, len(text), text)
			return err
		}); err != nil {
			return "", err
		}
	}
	name := "outrider_template_" + hex.EncodeToString(sum.Sum(nil)[:8])
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext($1))`, name); err != nil {
		return "", err
	}
	var ready bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, name).Scan(&ready); err != nil || ready {
		return name, err
	}
	half := name + "_unfinished"
	for _, statement := range []string{"drop database if exists " + half + " with (force)", "create database " + half + " template template0"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + half
	if err := postgres.Migrate(ctx, u.String(), Secrets(), sources...); err != nil {
		return "", err
	}
	// Only a complete template gets the name that others look for.
	_, err = conn.Exec(ctx, "alter database "+half+" rename to "+name)
	return name, err
}
