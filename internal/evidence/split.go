package evidence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations end with a full stop that ends no sentence.
const abbreviations = " mr mrs ms dr prof st inc ltd co corp llc e.g i.e eg ie vs no approx dept jan feb mar apr jun jul aug sep sept oct nov dec ph.d gmbh a.g s.a "

// Split cuts a text into sentences: at ends of lines, and at a full stop, question or exclamation mark before a blank, unless an abbreviation or an initial stands before it.
func Split(text string) (out []string) {
	for line := range strings.SplitSeq(text, "\n") {
		out = appendSentences(out, strings.TrimSpace(line))
	}
	return out
}

func appendSentences(out []string, line string) []string {
	start := 0
	for i, r := range line {
		if r != '.' && r != '?' && r != '!' && r != '…' && r != '。' {
			continue
		}
		end := i + utf8.RuneLen(r)
		for end < len(line) && strings.ContainsRune(`"'”’)»`, firstRune(line[end:])) {
			end += utf8.RuneLen(firstRune(line[end:]))
		}
		if end >= len(line) || !unicode.IsSpace(firstRune(line[end:])) || r == '.' && abbreviated(line[start:i], line[end:]) {
			continue
		}
		out = appendNonBlank(out, line[start:end])
		start = end
	}
	return appendNonBlank(out, line[start:])
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func appendNonBlank(out []string, s string) []string {
	if s = strings.TrimSpace(s); strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsPunct(r) || r == '&' }) {
		out = append(out, s)
	}
	return out
}

// abbreviated reports whether a full stop belongs to the word before it. After one of a company's name ("Inc.") a capital letter begins a sentence, or goes on with the name's: what
// is in doubt is one sentence, and then two are refused as words that its fact doesn't have.
func abbreviated(before, after string) bool {
	word := before[strings.LastIndexFunc(before, unicode.IsSpace)+1:]
	word = strings.ToLower(strings.TrimLeft(word, `("'`))
	if utf8.RuneCountInString(word) == 1 && unicode.IsLetter(firstRune(word)) && word != "i" {
		return true
	}
	if among(abbreviations, word) {
		return true
	}
	return unicode.IsLower(firstRune(strings.TrimSpace(after)))
}
