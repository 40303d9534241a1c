package charset

import (
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// isNearlyUTF8 is for UTF-8 that was cut or has something else mixed in.
func isNearlyUTF8(text string) bool {
	letters, broken := 0, 0
	for i, r := range text {
		if r == utf8.RuneError && text[i] != 0xef {
			broken++
		} else if r >= utf8.RuneSelf {
			letters++
		}
	}
	return letters >= 4*broken && letters > 0
}

// decodeUnnamed is Decode, and also reads UTF-8 that was damaged and Japanese that looks like ASCII.
func decodeUnnamed(text string) string {
	if zeros := strings.Count(text, "\x00"); zeros > 0 && 3*zeros < len(text) { // too few for UTF-16
		text = strings.ReplaceAll(text, "\x00", "")
	}
	switch {
	case strings.Contains(text, escape):
		return decodeAs(text, "iso-2022-jp")
	case !utf8.ValidString(text) && isNearlyUTF8(text):
		return decodeAs(text, UTF8)
	}
	return Decode(text)
}

// escape begins a text in ISO-2022-JP that isn't ASCII.
const escape = "\x1b$"

// DecodeAs returns a text as UTF-8 that is said to be in a character set, which may be wrong or unknown. Valid UTF-8 is taken for what it is,
// unless it is said to be in a character set whose letters are pairs of bytes, which can look alike.
func DecodeAs(text, name string) string {
	name = strings.Trim(strings.TrimSpace(name), `"'<>`)
	e, err := findEncoding(name)
	if err != nil || name == "" {
		return decodeUnnamed(text)
	}
	canonical, _ := htmlindex.Name(e)
	switch canonical {
	case UTF16LE, UTF16BE:
		if utf8.ValidString(text) && !strings.Contains(text, "\x00") {
			return text
		}
		return decodeAs(text, name)
	case "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp":
		if decoded, fits := decodeWell(text, name); fits {
			return decoded
		}
		if strings.HasSuffix(canonical, "jp") || canonical == "shift_jis" {
			for _, other := range []string{"shift_jis", "euc-jp"} {
				if decoded, fits := decodeWell(text, other); fits && !utf8.ValidString(text) {
					return decoded
				}
			}
		}
		return decodeUnnamed(text)
	}
	if utf8.ValidString(text) && !strings.Contains(text, escape) && !strings.EqualFold(name, "hz-gb-2312") { // which is all ASCII
		return text
	}
	if canonical == UTF8 || isASCII(name) {
		return decodeUnnamed(text)
	}
	return decodeAs(text, name)
}

// isASCII is for names that programs write whatever the text is in.
func isASCII(name string) bool {
	switch strings.ToLower(name) {
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "7bit", "8bit":
		return true
	}
	return false
}

// decodeWell also reports whether nearly all of a text can be in a character set.
func decodeWell(text, name string) (decoded string, fits bool) {
	decoded = decodeAs(text, name)
	return decoded, 20*strings.Count(decoded, "\uFFFD") < utf8.RuneCountInString(decoded)
}

func decodeAs(text, name string) string {
	r, err := NewReader(strings.NewReader(text), name)
	if err != nil {
		return text
	}
	decoded, err := io.ReadAll(r)
	if err != nil {
		return text
	}
	return string(decoded)
}
