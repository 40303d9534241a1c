package inbound

import (
	"regexp"
	"strings"
	"unicode"
)

// section is a part of a file of phrases, as it is written.
type section struct {
	name    string
	phrases []string
}

func readSections(file string) (all []section) {
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), "  #") // who says it
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']' && !strings.ContainsAny(line, "|?"):
			all = append(all, section{name: line[1 : len(line)-1]})
		default:
			s := &all[len(all)-1]
			s.phrases = append(s.phrases, line)
		}
	}
	return all
}

// compilePhrases makes a pattern of phrases that stand alone, whatever their case.
func compilePhrases(phrases []string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + patternOf(phrases))
}

// patternOf is the pattern of phrases that stand alone; those in scripts without blanks stand anywhere.
func patternOf(phrases []string) string {
	var apart, anywhere []string
	for _, p := range phrases {
		if strings.Contains(p, "{month}") {
			p = strings.ReplaceAll(p, "{month}", dateWords().month)
		}
		if strings.ContainsFunc(p, func(r rune) bool {
			return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
		}) {
			anywhere = append(anywhere, p)
		} else {
			apart = append(apart, p)
		}
	}
	var patterns []string
	if len(apart) > 0 {
		patterns = append(patterns, `(?:^|[^\pL\pN])(?:`+strings.Join(apart, "|")+`)(?:$|[^\pL\pN])`)
	}
	if len(anywhere) > 0 {
		patterns = append(patterns, strings.Join(anywhere, "|"))
	}
	return `(?:` + withBlanks(strings.Join(patterns, "|")) + `)`
}

// withBlanks lets a space stand for any blank, and one that may be missing for none as well.
func withBlanks(pattern string) string {
	return strings.NewReplacer(" ?", `\s*`, " *", `\s*`, " ", `\s+`).Replace(pattern)
}
