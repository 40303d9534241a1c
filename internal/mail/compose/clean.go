package compose

import (
	"strings"
	"unicode"
)

// cleanMessage returns the message without what no mail may hold. Line breaks in a header are left for checkMessage to refuse.
func cleanMessage(m Parts) Parts {
	m.Subject = withoutHidden(cleanLine(m.Subject))
	m.From.Name, m.To.Name, m.ReplyTo.Name = cleanLine(m.From.Name), cleanLine(m.To.Name), cleanLine(m.ReplyTo.Name)
	m.Text, m.HTML = cleanText(m.Text), cleanText(m.HTML)
	return m
}

// cleanLine takes control characters out of what stands in a header (RFC 5322, 2.2). Tabs and Unicode's line ends become blanks.
func cleanLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || isLineEnd(r):
			return ' '
		case unicode.IsControl(r) && r != '\r' && r != '\n':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// cleanText takes control characters out of a text. Line breaks, whoever's they are, and tabs stay.
func cleanText(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar
	}) < 0 {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\v' || r == '\f' || r == '\u0085':
			return '\n'
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

func isLineEnd(r rune) bool { return r == '\u0085' || r == '\u2028' || r == '\u2029' }

// withoutHidden takes out what isn't seen, and what turns the direction of what stands beside it: in a subject either only hides
// what is written. Marks of direction and joiners stay, which scripts need.
func withoutHidden(s string) string {
	return strings.Map(func(r rune) rune {
		if TurnsDirection(r) || r == '\u00ad' || r == '\u200b' || r == '\u2060' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// TurnsDirection is of embeddings, overrides and isolates (Unicode Annex 9).
func TurnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// IsBlank reports whether nothing of a text is seen.
func IsBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\u2800' && r != '\u3164' && r != '\u115f' && r != '\u1160' && r != '\uffa0'
	}) < 0
}
