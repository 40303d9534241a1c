package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateSchema applies migrations of schema read to another schema, which exists: a projection is built there beside the
// live one. Its table of versions lies there too.
func MigrateSchema(ctx context.Context, ownerURL string, s Source, schema string) error {
	files := fstest.MapFS{}
	err := fs.WalkDir(s.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(s.FS, path)
		files[path] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(text), "read.", schema+"."))}
		return err
	})
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return applyIn(ctx, ownerURL, Source{Name: s.Name, FS: files}, schema)
}

// OpenRole connects as one role that finds its tables in a schema.
func OpenRole(ctx context.Context, url, role, secret, schema string, conns int32) (*pgxpool.Pool, error) {
	pool, err := openPool(ctx, url, role, secret, conns, map[string]string{"search_path": schema})
	if err != nil {
		return nil, fmt.Errorf("open pool of %s: %w", role, err)
	}
	return pool, nil
}
