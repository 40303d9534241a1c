// Package editdistance says how much of a text was changed.
package editdistance

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Words returns the Levenshtein distance between two texts in words: how many were put in, left out or replaced. Words are what stands between blanks; most is how many the
// longer of both has.
func Words(before, after string) (changed, most int) {
	a, b := strings.Fields(before), strings.Fields(after)
	letters := map[string]rune{}
	spell := func(words []string) string {
		var s strings.Builder
		for _, w := range words {
			letter, ok := letters[w]
			if !ok {
				letter = firstLetter + rune(len(letters))
				letters[w] = letter
			}
			s.WriteRune(letter)
		}
		return s.String()
	}
	return levenshtein.ComputeDistance(spell(a), spell(b)), max(len(a), len(b))
}

// firstLetter is the first of a million code points without surrogates, more than a text has words.
const firstLetter = 0x10000
