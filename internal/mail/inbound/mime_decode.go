package inbound

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"outrider/internal/charset"
)

// decodeBody returns the body of a part, at most MaxText bytes of it, without its transfer encoding. An encoding that isn't known is none.
func (p mimePart) decodeBody() string { return string(p.decode(MaxText)) }

// decode returns at most so many bytes of a body, as decoded does.
func (p mimePart) decode(limit int) []byte {
	body := p.body
	switch encoding, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(p.header.Get("Content-Transfer-Encoding"))), " "); strings.Trim(encoding, `"';,.`) {
	case "base64", "b64", "base-64":
		return decodeBase64(body, limit)
	case "quoted-printable", "quotedprintable", "qp":
		return decodeQuotedPrintable(body, limit)
	}
	return body[:min(len(body), limit)]
}

// text returns the body of a part as UTF-8, its paragraphs in one line where its program has wrapped them (RFC 3676).
func (p mimePart) text() string {
	text := charset.DecodeAs(p.decodeBody(), p.params["charset"])
	if strings.EqualFold(p.params["format"], "flowed") && p.mediaType == "text/plain" {
		return joinFlowed(text, strings.EqualFold(p.params["delsp"], "yes"))
	}
	return text
}

// joinFlowed joins the lines of a paragraph, also of a quoted one: those end in a blank, which delsp says is none of the text.
func joinFlowed(text string, delsp bool) string {
	var out strings.Builder
	depth, flows := 0, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		rest := strings.TrimLeft(line, ">")
		quoted := len(line) - len(rest)
		rest = strings.TrimPrefix(rest, " ")
		switch {
		case flows && quoted == depth && rest != "-- ":
		case out.Len() > 0:
			out.WriteByte('\n')
			fallthrough
		default:
			if out.WriteString(line[:quoted]); quoted > 0 {
				out.WriteByte(' ')
			}
		}
		depth, flows = quoted, strings.HasSuffix(rest, " ") && rest != "-- "
		if flows && delsp {
			rest = rest[:len(rest)-1]
		}
		out.WriteString(rest)
	}
	return out.String()
}

// decodeBase64 passes over what doesn't belong there; what is cut off at the end costs no more than that.
func decodeBase64(body []byte, limit int) []byte {
	body = body[:min(len(body), 2*limit)]
	var out, digits []byte
	flush := func() {
		if len(digits)%4 == 1 { // six bits are no byte
			digits = digits[:len(digits)-1]
		}
		out, _ = base64.RawStdEncoding.AppendDecode(out, digits)
		digits = digits[:0]
	}
	for _, c := range body {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			digits = append(digits, c)
		case c == '=' && len(digits) > 0:
			flush() // what comes behind it was put together from two
		}
	}
	flush()
	return out[:min(len(out), limit)]
}

// decodeQuotedPrintable keeps what is no encoding as it is (RFC 2045, 6.7, note 1).
func decodeQuotedPrintable(body []byte, limit int) []byte {
	var out []byte
	for rest := body[:min(len(body), 4*limit)]; len(rest) > 0; {
		line, next := cutLine(rest)
		ended := len(line) < len(rest) && rest[len(rest)-len(next)-1] == '\n'
		rest, line = next, bytes.TrimRight(line, " \t")
		soft := bytes.HasSuffix(line, []byte("="))
		if soft {
			line = line[:len(line)-1]
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) {
				if b, err := hex.DecodeString(string(line[i+1 : i+3])); err == nil {
					out, i = append(out, b[0]), i+2
					continue
				}
			}
			out = append(out, line[i])
		}
		if ended && !soft {
			out = append(out, '\n')
		}
	}
	return out[:min(len(out), limit)]
}
