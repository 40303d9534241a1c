package profile

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxValue bounds the values of all fields, in characters.
const MaxValue = 2000

// Clean is CleanText of a field's value; a *FieldError says that it is too long.
func Clean(name, value string) (string, error) {
	value = CleanText(value)
	if len(value) > MaxValue && utf8.RuneCountInString(value) > MaxValue {
		return "", &FieldError{name, "has more than " + strconv.Itoa(MaxValue) + " characters"}
	}
	return value, nil
}

// CleanText is what any text becomes on its way in, whichever way that is: blanks around it are gone, and so are control
// characters, which no database, terminal or mail wants. Line breaks are line feeds; tabs stay.
func CleanText(text string) string {
	if isPlain(text) {
		return strings.Trim(text, " ")
	}
	text = strings.TrimFunc(text, isBlank)
	if strings.IndexFunc(text, isUnwanted) < 0 {
		return text
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.TrimFunc(strings.Map(func(r rune) rune {
		if isUnwanted(r) {
			return -1
		}
		return r
	}, text), isBlank)
}

// CleanLine is CleanText of what stands on one line: a name of a column, of a file, of a person in a header.
func CleanLine(text string) string {
	text = CleanText(text)
	if strings.ContainsAny(text, "\n\t") {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text
}

// isPlain is of most texts: printable ASCII on one line.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// isUnwanted is of what CleanText takes away or replaces.
func isUnwanted(r rune) bool { return IsControl(r) || r == '\r' || r == '\u2028' || r == '\u2029' }

// IsControl is of what no text may hold: control characters other than tabs and line ends, and those that turn the direction of what
// follows around, by which a text is read as another than it is.
func IsControl(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r == '\u202d' || r == '\u202e'
}

// HoldsControl reports whether a text has an IsControl.
func HoldsControl(text string) bool { return !isPlain(text) && strings.IndexFunc(text, IsControl) >= 0 }

// isBlank is of blanks that are seen as such and of those that aren't: zero-width ones and byte order marks.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}
