package pii

import (
	"strings"
	"unicode"
)

// cleanAddress leaves out what stands around the one address of a text: blanks and what can't be seen, mailto:, quotes and
// angle brackets with the name before them, and the full stop, comma or semicolon of a sentence or list.
func cleanAddress(typed string) string {
	if isBare(typed) {
		return typed
	}
	s := typed
	if strings.IndexFunc(s, isInvisible) >= 0 {
		s = strings.Map(dropInvisible, s)
	}
	s = trimAround(s)
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") && !strings.ContainsAny(removeQuoted(s[:open]), "@<>") {
		s = trimAround(s[open+1 : len(s)-1])
	}
	if len(s) > len(mailto) && strings.EqualFold(s[:len(mailto)], mailto) {
		s, _, _ = strings.Cut(s[len(mailto):], "?")
		s = trimAround(s)
	}
	return s
}

// isBare is of most addresses: nothing stands around them.
func isBare(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '@', c == '-', c == '_', c == '+':
		case c == '.' && i+1 < len(s):
		default:
			return false
		}
	}
	return true
}

const mailto = "mailto:"

// trimAround takes blanks and quotes from both ends, and the marks that end a sentence from the last.
func trimAround(s string) string {
	for {
		trimmed := strings.TrimRightFunc(strings.TrimFunc(s, isBlank), func(r rune) bool { return r == '.' || r == ',' || r == ';' })
		if inner := strings.Trim(trimmed, quotes); !strings.Contains(inner, "<") { // of "Lee, Jo" <jo@example.com> they are the name's
			trimmed = inner
		}
		if trimmed == s {
			return s
		}
		s = trimmed
	}
}

// quotes are what people and programs write around a value. One before the @ alone would be legal, but is nobody's.
const quotes = "\"'`´‘’‚“”„«»‹›"

// removeQuoted leaves of a name in front of an address what stands in no quotes: in them everything may.
func removeQuoted(name string) string {
	first, last := strings.IndexByte(name, '"'), strings.LastIndexByte(name, '"')
	if first == last {
		return name
	}
	return name[:first] + name[last+1:]
}

// holdsSeveral says of what stands before the last @ that it ends another address.
func holdsSeveral(local string) bool {
	return strings.ContainsRune(local, '@') && strings.ContainsAny(local, ",; /|\t\n")
}

func isBlank(r rune) bool { return r <= ' ' || r == 0x7f || unicode.IsSpace(r) }

// isInvisible is of what has no glyph wherever it stands: formatting characters, fillers, variation selectors.
func isInvisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector) || r == 0x034F || r == 0x115F || r == 0x1160 || r == 0x2800 || r == 0x3164 || r == 0xFFA0
}

func dropInvisible(r rune) rune {
	if isInvisible(r) {
		return -1
	}
	return r
}
