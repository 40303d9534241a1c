package projections_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"outrider/internal/postgres"
	"outrider/projections"
)

// A projection is rebuilt by the same migrations in another schema, so none may name the schema of the live one.
func TestMigrationsNameTheirSchemaByThePlaceholder(t *testing.T) {
	t.Parallel()
	live := regexp.MustCompile(`(?i)\bread\.[a-z_]`)
	files := 0
	err := fs.WalkDir(projections.Migrations().FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(projections.Migrations().FS, path)
		if err != nil {
			return err
		}
		files++
		if at := live.Find(text); at != nil {
			t.Errorf("%s names %s: it must say %s", path, at, strings.Replace(string(at), "read", postgres.SchemaPlaceholder, 1))
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%d migrations, %v", files, err)
	}
}
