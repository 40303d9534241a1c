// Package docs_test holds the documents to what they promise.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const maxWords = 400

func TestADecisionIsToldIn400Words(t *testing.T) {
	t.Parallel()
	records, err := filepath.Glob("adr/0*.md")
	if err != nil || len(records) == 0 {
		t.Fatalf("got %d records, %v", len(records), err)
	}
	list := read(t, "adr/README.md")
	for _, name := range records {
		if n := len(strings.Fields(read(t, name))); n > maxWords {
			t.Errorf("%s has %d words, want at most %d: say the choice, and move measurements to docs/performance, details to docs/design", name, n, maxWords)
		}
		if !strings.Contains(list, "("+filepath.Base(name)+")") {
			t.Errorf("adr/README.md doesn't list %s", name)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			checked++
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s links to %s, which isn't there", name, m[1])
			}
		}
	}
	if checked < 50 {
		t.Errorf("found %d links, the test looks at the wrong files", checked)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// documents are all of docs, and those at the root.
func documents(t *testing.T) (names []string) {
	t.Helper()
	names, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
