package docs_test

import (
	"os"
	"strings"
	"testing"
)

// Two changes that were made at the same time tend to take the same number; a database would take neither.
func TestMigrationsAreNumberedOnce(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../projections/migrations", "../internal/postgres/migrations"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		for _, e := range entries {
			number, _, _ := strings.Cut(e.Name(), "_")
			if other := names[number]; other != "" {
				t.Errorf("%s: %s has the number of %s", dir, e.Name(), other)
			}
			names[number] = e.Name()
		}
	}
}
