package evidence

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

type class int

const (
	wordClass class = iota
	numberClass
	dateClass
	linkClass
	symbolClass
)

// token is a word as it stands, and the one form in which it is compared.
type token struct {
	text    string
	is      string
	article string // "a" or "the" before it
	class   class
	capital bool // begins with a capital letter
	first   bool // of its sentence
	spans   int  // how many words of the text it is
}

// linkPattern finds what a mail program makes a link of, and addresses.
var linkPattern = regexp.MustCompile(`(?i)^(?:[a-z][a-z0-9+.-]*://\S+|www\.\S+|mailto:\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[\p{L}0-9](?:[\p{L}0-9-]*)\.)+[\p{L}]{2,}(?::\d+)?(?:/\S*)?)`)

var (
	numberPattern = regexp.MustCompile(`^(?:\d{4}-\d{2}-\d{2}|[$€£]?\d+(?:[.,]\d+)*(?:st|nd|rd|th|[kKmM]|bn|[bB])?%?)`)
	wordPattern   = regexp.MustCompile(`^\d*\p{L}[\p{L}\p{M}\p{N}'-]*[+#]*`)
)

// wordAt returns the number or word that a text begins with, "" if it begins with neither.
func wordAt(s string) string {
	if number := numberPattern.FindString(s); number != "" {
		if next, _ := utf8.DecodeRuneInString(s[len(number):]); !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return number
		}
	}
	if word := dottedName.FindString(s); word != "" {
		return word
	}
	if word := wordPattern.FindString(s); word != "" {
		return strings.TrimRight(word, "'-")
	}
	return numberPattern.FindString(s)
}

// plain puts letters that are written in several ways in one: quotes, apostrophes, dashes, blanks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '’', '‘', 'ʼ', '′':
			return '\''
		case '“', '”', '„', '«', '»', '″':
			return '"'
		case '–', '—', '‐', '‑', '−':
			return '-'
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
}

// splitWords cuts a text into words, numbers, links and symbols, as they stand.
func splitWords(s string) (out []token) {
	s = plain(s)
	for i := 0; i < len(s); {
		rest := s[i:]
		r, size := utf8.DecodeRuneInString(rest)
		begins := i == 0 || !isWordRune(s[:i])
		switch link := linkPattern.FindString(rest); {
		case r == ' ':
		case begins && link != "" && !isName(link):
			link = strings.TrimRight(link, `.,;:!?)"'`)
			out, size = append(out, token{text: link, is: link, class: linkClass}), len(link)
		case wordAt(rest) != "":
			word := wordAt(rest)
			out, size = append(out, token{text: word, is: strings.ToLower(word), capital: unicode.IsUpper(r)}), len(word)
		case r == '.' || r == ',' || r == ';' || r == ':' || r == '!' || r == '"' || r == '\'' || r == '(' || r == ')' || r == '-' && !betweenNumbers(s, i):
		default:
			out = append(out, token{text: string(r), is: string(r), class: symbolClass})
		}
		i += size
	}
	if len(out) > 0 {
		out[0].first = true
	}
	return out
}

var dottedName = regexp.MustCompile(`^\p{L}+\.js\b`)

// isName reports whether what looks like a link is the name of a program, which no mail program makes a link of.
func isName(link string) bool { return dottedName.FindString(link) == link }

func isWordRune(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func betweenNumbers(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:at], " "))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeft(s[at+1:], " "))
	return unicode.IsDigit(before) && (unicode.IsDigit(after) || strings.ContainsRune("$€£", after)) || unicode.IsDigit(after) && (at == 0 || s[at-1] == ' ')
}

// read returns the tokens of a text in the form in which they are compared: articles go to the word that they stand before, contractions are written out, numbers and
// dates are values.
func read(s string) []token { return articles(dates(numbers(expand(splitWords(s))))) }

// expand writes contractions out. A part that has no words of its own spans none.
func expand(in []token) (out []token) {
	for _, t := range in {
		t.spans = 1
		if t.class != wordClass && t.text != "&" {
			out = append(out, t)
			continue
		}
		if t.text == "&" {
			t.class = wordClass
		}
		for i, form := range spelled(t.is) {
			part := t
			part.is = form
			if i > 0 {
				part.spans, part.text, part.first, part.capital = 0, "", false, false
			}
			out = append(out, part)
		}
	}
	return out
}

func articles(in []token) (out []token) {
	article, spans, first := "", 0, false
	for _, t := range in {
		if t.class == wordClass && (t.is == "a" || t.is == "the") && t.spans == 1 {
			article, spans, first = t.is, spans+1, first || t.first
			continue
		}
		t.article, t.spans, t.first = article, t.spans+spans, t.first || first
		article, spans, first = "", 0, false
		out = append(out, t)
	}
	if spans > 0 { // the text ends with an article
		out = append(out, token{text: article, is: article, spans: spans})
	}
	return out
}
