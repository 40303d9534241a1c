package evidence

import (
	"regexp"
	"strings"
)

var (
	quotation    = regexp.MustCompile(`"([^"]*)"`)
	singleQuoted = regexp.MustCompile(`(?:^|[\s(])'([^']{2,})'(?:[\s.,;:!?)]|$)`)
	phonePattern = regexp.MustCompile(`(?:\+|\b00)\d[\d ()/-]{6,}\d|\b0\d{2,4}[ /-]\d{5,}`)
)

// quotations returns what stands in quotation marks, letter for letter but for the kind of blanks and marks.
func quotations(text string) (out []string) {
	text = strings.Join(strings.Fields(plain(text)), " ")
	for _, pattern := range []*regexp.Regexp{quotation, singleQuoted} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			out = append(out, strings.TrimRight(strings.TrimSpace(m[1]), ".,"))
		}
	}
	if strings.Count(text, `"`)%2 == 1 {
		out = append(out, text) // one that doesn't end is all of it
	}
	return out
}

// quotationsStand reports whether a text quotes just what a fact quotes.
func quotationsStand(text, fact string) bool {
	said, stored := quotations(text), quotations(fact)
	if len(said) != len(stored) {
		return false
	}
	for i := range said {
		if said[i] != stored[i] {
			return false
		}
	}
	return true
}

func sameQuotations(a, b string) bool { return quotationsStand(a, b) }
