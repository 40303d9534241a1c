// Package postgres migrates and opens the Postgres database: one schema for each kind of data, one role for each kind of work.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// migrateLock is the advisory lock that lets one Migrate run at a time in a database. The number means nothing.
const migrateLock int64 = 0x6f75747269646572

//go:embed migrations/*.sql
var ownMigrations embed.FS

var sourceName = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// Source is a folder of goose SQL migrations with a version table of its own, kernel.migrations_<Name>. Where they name the
// schema of the read models they say SchemaPlaceholder.
type Source struct {
	Name string // lower-case letters and underscores
	FS   fs.FS  // the .sql files are at its root
}

// Own returns the migrations of this package: schemas kernel, vault and identity.
func Own() Source {
	files, err := fs.Sub(ownMigrations, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return Source{Name: "stores", FS: files}
}

// Migrate creates roles and schemas, then applies this package's migrations and those of sources, in the order given.
// ownerURL is a superuser, or a role that may create roles and owns the database. Roles get the passwords in secrets.
// Migrate may run any number of times, also at once from several processes and for several databases of one server.
func Migrate(ctx context.Context, ownerURL string, secrets Secrets, sources ...Source) (err error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	// Closing the connection gives the lock back, also when this process dies.
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, migrateLock); err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	if err := ensureRoles(ctx, conn, secrets); err != nil {
		return err
	}
	if err := restrictDatabase(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `
		create schema if not exists kernel;
		create schema if not exists read;
		create schema if not exists vault;
		create schema if not exists identity`); err != nil {
		return fmt.Errorf("create schemas: %w", err)
	}
	for _, s := range append([]Source{Own()}, sources...) {
		if err := applySource(ctx, ownerURL, s); err != nil {
			return fmt.Errorf("migrate %s: %w", s.Name, err)
		}
	}
	return nil
}

func applySource(ctx context.Context, url string, s Source) error {
	return applyIn(ctx, url, Source{Name: s.Name, FS: schemaFS{s.FS, readSchema}}, "kernel")
}

// applyIn keeps the table of versions in a schema.
func applyIn(ctx context.Context, url string, s Source, schema string) error {
	if !sourceName.MatchString(s.Name) {
		return fmt.Errorf("source name %q: want lower-case letters and underscores", s.Name)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("parse url: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, s.FS,
		goose.WithTableName(schema+".migrations_"+s.Name), goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
	if err != nil {
		if errors.Is(err, goose.ErrNoMigrations) {
			return nil
		}
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("apply migrations: %w", err)
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil && !errors.Is(err, database.ErrVersionNotFound) {
		return fmt.Errorf("read version: %w", err)
	}
	if all := provider.ListSources(); len(all) > 0 && current > all[len(all)-1].Version {
		return fmt.Errorf("the database is at version %d, this program knows only %d: run the newer program", current, all[len(all)-1].Version)
	}
	return nil
}
