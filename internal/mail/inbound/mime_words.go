package inbound

import (
	"regexp"
	"strings"

	"outrider/internal/charset"
)

var (
	encodedWord = regexp.MustCompile(`=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=`)
	encodedRun  = regexp.MustCompile(encodedWord.String() + `(?:\s*` + encodedWord.String() + `)*`)
)

// decodeWords reads the encoded words of a header (RFC 2047). Words of one character set that stand side by side are one text: some
// programs split a letter. Bytes that no word announces are read as what they can be.
func decodeWords(field string) string {
	field = charset.DecodeAs(field, "")
	if !strings.Contains(field, "=?") {
		return field
	}
	return encodedRun.ReplaceAllStringFunc(field, func(run string) string {
		var out, text strings.Builder
		name := ""
		finish := func() {
			out.WriteString(charset.DecodeAs(text.String(), name))
			text.Reset()
		}
		for _, m := range encodedWord.FindAllStringSubmatch(run, -1) {
			if !strings.EqualFold(m[1], name) {
				finish()
				name = m[1]
			}
			if strings.EqualFold(m[2], "b") {
				text.Write(decodeBase64([]byte(m[3]), MaxText))
			} else {
				text.Write(decodeQuotedPrintable([]byte(strings.ReplaceAll(m[3], "_", "=20")), MaxText))
			}
		}
		finish()
		return out.String()
	})
}
