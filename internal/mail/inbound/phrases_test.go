package inbound_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

var classOfLetters = regexp.MustCompile(`\\[pPsSdDwWL]\{?\w*\}?|\[A-Z\]`)

func TestFilesOfPhrasesHaveEveryClassAndNoPhraseTwice(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"reply_phrases.txt": strings.Join([]string{
			string(inbound.Hostile), string(inbound.PersonLeft), string(inbound.Referral), string(inbound.WrongPerson), string(inbound.AlreadyCustomer), string(inbound.NotNow),
			string(inbound.NotInterested), string(inbound.MeetingRequest), string(inbound.Interested), "contrast",
		}, " "),
		"absence_phrases.txt":   "subject absence marker back back_after until until_after since left_company not_monitored still_read",
		"automatic_phrases.txt": "receipt challenge complainer complaint",
		"bounce_programs.txt":   "sender service subject opening delayed retried final original",
		"calendar_words.txt": "january february march april may june july august september october november december " +
			"monday tuesday wednesday thursday friday saturday sunday day week month one two three four five six tomorrow end",
		"unsubscribe_phrases.txt": "alone remove no_more topic negation between courtesy footer condition limit",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sections []string
		seen := map[string]bool{}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "  #")
			if line == "" || line[0] == '#' {
				continue
			}
			if line[0] == '[' && strings.HasSuffix(line, "]") {
				sections = append(sections, strings.Trim(line, "[]"))
				continue
			}
			once := sections[len(sections)-1] + line
			if words := classOfLetters.ReplaceAllString(line, ""); strings.ToLower(words) != words || seen[once] || strings.TrimSpace(line) != line {
				t.Errorf("%s: %q is written twice, with capitals or with blanks around it", file, line)
			}
			seen[once] = true
		}
		if got := strings.Join(sections, " "); got != want {
			t.Errorf("%s: got the sections %q, want %q", file, got, want)
		}
	}
}
