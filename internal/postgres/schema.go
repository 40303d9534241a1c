package postgres

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// readSchema is where the read models live.
const readSchema = "read"

// SchemaPlaceholder stands in migrations for the schema that they make: read, or one beside it in which a projection is rebuilt.
const SchemaPlaceholder = "${schema}"

// MigrateSchema applies migrations to another schema than read, which exists: a projection is built there beside the
// live one. Its table of versions lies there too.
func MigrateSchema(ctx context.Context, ownerURL string, s Source, schema string) error {
	return applyIn(ctx, ownerURL, Source{Name: s.Name, FS: schemaFS{s.FS, schema}}, schema)
}

// schemaFS is a folder of migrations in which the placeholder is replaced.
type schemaFS struct {
	fs.FS
	schema string
}

// Open is fs.FS'.
func (f schemaFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return file, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		_ = file.Close() // it was only read from
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return schemaFile{file, strings.NewReader(strings.ReplaceAll(string(text), SchemaPlaceholder, f.schema))}, nil
}

// schemaFile is a file with another content.
type schemaFile struct {
	fs.File
	text *strings.Reader
}

// Read is fs.File's.
func (f schemaFile) Read(b []byte) (int, error) { return f.text.Read(b) }

// OpenRole connects as one role that finds its tables in a schema.
func OpenRole(ctx context.Context, url, role, secret, schema string, conns int32) (*pgxpool.Pool, error) {
	pool, err := openPool(ctx, url, role, secret, conns, map[string]string{"search_path": schema})
	if err != nil {
		return nil, fmt.Errorf("open pool of %s: %w", role, err)
	}
	return pool, nil
}
