package inbound

import (
	"regexp"
	"strings"
)

// phraseRule is a section of a file of phrases.
type phraseRule struct {
	name    string
	pattern *regexp.Regexp
}

// readPhrases reads a file of phrases, whose head says how they are written.
func readPhrases(file string) []phraseRule {
	var rules []phraseRule
	var phrases []string
	name := ""
	finish := func() {
		if len(phrases) > 0 {
			rules = append(rules, phraseRule{name, compilePhrases(phrases)})
		}
		phrases = nil
	}
	for line := range strings.Lines(file) {
		switch line = strings.TrimRight(line, "\r\n"); {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']':
			finish()
			name = line[1 : len(line)-1]
		default:
			phrases = append(phrases, strings.ReplaceAll(line, "{month}", monthPattern))
		}
	}
	finish()
	return rules
}

// compilePhrases makes a pattern of phrases that stand alone.
func compilePhrases(phrases []string) *regexp.Regexp {
	all := strings.ReplaceAll(strings.Join(phrases, "|"), " ", `\s+`)
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:` + all + `)(?:$|[^\pL\pN])`)
}
