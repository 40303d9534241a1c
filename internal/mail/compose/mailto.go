package compose

import (
	"fmt"
	"net/url"
	"strings"
)

// Mailto writes the address of a link that writes a mail, with its subject ("" = none), as RFC 6068 wants it: what would end the
// address or begin its next part is percent-encoded.
func Mailto(address, subject string) string {
	out := "mailto:" + address
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		out = "mailto:" + escapeAddress(address[:at]) + "@" + escapeAddress(address[at+1:])
	}
	if subject != "" {
		out += "?subject=" + strings.ReplaceAll(url.QueryEscape(subject), "+", "%20")
	}
	return out
}

func escapeAddress(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if c := s[i]; isPlainInQ(c) && c != '/' || strings.IndexByte("$'._~", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}
