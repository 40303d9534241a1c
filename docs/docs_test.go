// Package docs_test holds the documents to what they promise.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
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

// feature is a line of the glossary's table: | feature | word | `file` `file` ... |
type feature struct {
	name, word string
	files      []string
}

var featureLine = regexp.MustCompile("^\\| ([^|]+) \\| `([^`]+)` \\| ((?:`[^`]+` ?)+) ?\\|$")

func TestAFeatureIsFoundByItsWord(t *testing.T) {
	t.Parallel()
	var features []feature
	for line := range strings.Lines(read(t, "glossary.md")) {
		if m := featureLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			features = append(features, feature{m[1], m[2], strings.Split(strings.Trim(strings.TrimSpace(m[3]), "`"), "` `")})
		}
	}
	if len(features) != len(expected()) {
		t.Errorf("got %d features, want %d", len(features), len(expected()))
	}
	for _, want := range expected() {
		if !slices.ContainsFunc(features, func(f feature) bool { return f.name == want }) {
			t.Errorf("the glossary lists no files of the feature %q", want)
		}
	}
	for _, f := range features {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.check(t)
		})
	}
}

func expected() []string {
	return []string{"suppression", "import", "quota", "API key", "audit", "campaign", "enrollment", "template", "snapshot", "rebuild", "reconcile",
		"inbox", "unsubscribe", "tracking", "reply", "send", "booking", "time travel", "warm-up", "idempotency", "erasure", "schedule"}
}

// check wants every file to be there, and four fifths of them to be found by who greps names of files, or of their packages, for the word.
func (f feature) check(t *testing.T) {
	t.Helper()
	var missed []string
	for _, file := range f.files {
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(file))); err != nil {
			t.Errorf("docs/glossary.md lists %s, which isn't there", file)
		}
		if !strings.Contains(path.Join(path.Base(path.Dir(file)), path.Base(file)), f.word) {
			missed = append(missed, file)
		}
	}
	if found := len(f.files) - len(missed); found*5 < len(f.files)*4 {
		t.Errorf("%q finds %d of %d files, want at least four fifths; it misses %s", f.word, found, len(f.files), strings.Join(missed, ", "))
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
