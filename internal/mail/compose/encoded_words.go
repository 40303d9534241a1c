package compose

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// RFC 2047, 2: an encoded word is no longer than that, and neither is a line that has one.
const (
	maxWord = 75
	maxLine = 76
)

// foldField writes a field of tokens with one blank before each, on a new line where it would be too long; the first stays on the
// first. A token is never broken: one that no line can hold is an error (RFC 5322, 2.1.1).
func foldField(name string, tokens []string) (string, error) {
	var out strings.Builder
	line := len(name) + 1
	out.WriteString(name + ":")
	if len(tokens) == 0 {
		out.WriteByte(' ')
	}
	for i, token := range tokens {
		if i > 0 && line+1+len(token) > maxLine {
			out.WriteString("\r\n")
			line = 0
		}
		if line += 1 + len(token); line > 998 {
			return "", fmt.Errorf("%w: %s is longer than a line", ErrInvalid, name)
		}
		out.WriteString(" " + token)
	}
	return out.String() + "\r\n", nil
}

// textTokens writes a text in a field that takes any, such as the subject: as it is, if it reads back as it was, else encoded.
func textTokens(name, s string) []string {
	if s == "" {
		return nil
	}
	room := maxLine - len(name+": ")
	words := strings.Split(s, " ")
	for _, w := range words {
		if w == "" || len(w) > room || strings.Contains(w, "=?") || !isPrintable(w) {
			return encodeWords(s, room)
		}
	}
	return words
}

// addressTokens writes a name and an address (RFC 5322, 3.4).
func addressTokens(name string, a mail.Address) []string {
	address := (&mail.Address{Address: a.Address}).String()
	if a.Name == "" {
		return []string{address}
	}
	room := maxLine - len(name+": ")
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `"`
	if isPrintable(strings.ReplaceAll(a.Name, " ", "")) && !strings.Contains(a.Name, "=?") && len(quoted) <= room {
		return []string{quoted, address}
	}
	return append(encodeWords(a.Name, room), address)
}

func isPrintable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// encodeWords writes a text as encoded words, in the shorter of the two encodings; first is what the first of them has room for.
// No character is split (RFC 2047, 5).
func encodeWords(s string, first int) (words []string) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	letter, size, encode := byte('q'), sizeQ, encodeQ
	if sizeQ(s) > sizeBase64(s) {
		letter, size, encode = 'b', sizeBase64, base64.StdEncoding.EncodeToString
	}
	open := "=?utf-8?" + string(letter) + "?"
	room := min(first, maxWord) - len(open) - len("?=")
	end := func(part string) {
		words = append(words, open+encode([]byte(part))+"?=")
		room = maxWord - len(open) - len("?=")
	}
	start := 0
	for i, r := range s {
		if size(s[start:i+utf8.RuneLen(r)]) > room {
			end(s[start:i])
			start = i
		}
	}
	end(s[start:])
	return words
}

func sizeBase64(s string) int { return base64.StdEncoding.EncodedLen(len(s)) }

func sizeQ(s string) (n int) {
	for i := range len(s) {
		if n++; !isPlainInQ(s[i]) && s[i] != ' ' {
			n += 2
		}
	}
	return n
}

func encodeQ(s []byte) string {
	var out strings.Builder
	for _, c := range s {
		switch {
		case c == ' ':
			out.WriteByte('_')
		case isPlainInQ(c):
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "=%02X", c)
		}
	}
	return out.String()
}

// isPlainInQ is of what may stand for itself in the word of any field, names too (RFC 2047, 5.3).
func isPlainInQ(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!*+-/", c) >= 0
}
