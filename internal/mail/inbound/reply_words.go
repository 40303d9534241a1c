package inbound

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is a word of a text, in the form in which words are compared.
type word struct {
	text       string
	start, end int
}

// wordsIn returns the words of a text without its links. In scripts without blanks each letter is one.
func wordsIn(text string) (out []word) {
	start := -1
	finish := func(end int) {
		if start >= 0 {
			out = append(out, word{norm.NFKC.String(strings.ToLower(text[start:end])), start, end})
			start = -1
		}
	}
	skip := 0
	for i, r := range text {
		if i < skip {
			continue
		}
		if start < 0 {
			if n := linkLength(text[i:]); n > 0 {
				skip = i + n
				continue
			}
		}
		switch {
		case standsAlone(r):
			finish(i)
			start = i
			finish(i + len(string(r)))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if start < 0 {
				start = i
			}
		case r != '\u00ad' && r != '\u200c' && r != '\u200d': // what nobody sees splits no word
			finish(i)
		}
	}
	finish(len(text))
	return out
}

// standsAlone is for scripts that are written without blanks between words.
func standsAlone(r rune) bool {
	return r > 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Hangul)
}

// linkLength returns how long the link is that a text begins with; 0 when it begins with none.
func linkLength(text string) int {
	for _, scheme := range []string{"http://", "https://", "mailto:", "tel:", "callto:", "cid:", "www."} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			if end := strings.IndexAny(text, " \t\n<>\""); end > 0 {
				return end
			}
			return len(text)
		}
	}
	return 0
}
