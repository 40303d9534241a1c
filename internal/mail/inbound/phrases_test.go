package inbound_test

import (
	"os"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

func TestFilesOfPhrasesHaveEveryClassAndNoPhraseTwice(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"reply_phrases.txt": strings.Join([]string{
			string(inbound.Unsubscribe), string(inbound.Referral), string(inbound.WrongPerson), string(inbound.NotNow), string(inbound.NotInterested), string(inbound.Interested),
		}, " "),
		"absence_phrases.txt": "absence",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sections []string
		seen := map[string]bool{}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line[0] == '#' {
				continue
			}
			if line[0] == '[' && strings.HasSuffix(line, "]") {
				sections = append(sections, strings.Trim(line, "[]"))
				continue
			}
			if lower := strings.ReplaceAll(strings.ToLower(line), `\pl`, `\pL`); strings.ReplaceAll(lower, `\pn`, `\pN`) != line || seen[line] || strings.TrimSpace(line) != line {
				t.Errorf("%s: %q is written twice, with capitals or with blanks around it", file, line)
			}
			seen[line] = true
		}
		if got := strings.Join(sections, " "); got != want {
			t.Errorf("%s: got the sections %q, want %q", file, got, want)
		}
	}
}
