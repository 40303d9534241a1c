package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

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
	return []string{"recipient", "suppression", "import", "bulk operation", "export", "quota", "billing", "API key", "member", "identity provider", "identity link", "session", "second factor", "role", "mask", "permission", "audit", "campaign", "experiment", "fact", "claim about ourselves", "approval", "score", "evidence", "flag", "research", "web search",
		"report", "segment", "snippet", "notice", "enrollment", "person gap", "template", "snapshot", "rebuild", "reconcile", "inbox", "unsubscribe", "tracking", "reply", "bounce", "absence", "pacing", "send", "booking", "host", "time travel", "warm-up", "forecast", "sender domain", "idempotency", "erasure", "schedule", "webhook"}
}

// check wants every file to be there, and four fifths of them to be found by whoever greps the paths of files for the word.
func (f feature) check(t *testing.T) {
	t.Helper()
	var missed []string
	for _, file := range f.files {
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(file))); err != nil {
			t.Errorf("docs/glossary.md lists %s, which isn't there", file)
		}
		if !strings.Contains(file, f.word) {
			missed = append(missed, file)
		}
	}
	if found := len(f.files) - len(missed); found*5 < len(f.files)*4 {
		t.Errorf("%q finds %d of %d files, want at least four fifths; it misses %s", f.word, found, len(f.files), strings.Join(missed, ", "))
	}
}
