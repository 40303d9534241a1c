package inbound

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
)

// mimePart is a message or a part of one (RFC 2045), read with patience: mail that breaks the rules has words in it too. Its body is a
// piece of the message, not a copy.
type mimePart struct {
	header    message.Header
	mediaType string            // in lower case; text/plain when there is none
	params    map[string]string // the first of each name
	others    []string          // further boundaries that are named
	body      []byte
}

// readEntity never fails: without a header all is body.
func readEntity(raw []byte) mimePart {
	head, body := splitHeader(raw)
	p := mimePart{body: body}
	if e, _ := message.ReadWithOptions(bytes.NewReader(head), nil); e != nil {
		p.header = e.Header
	}
	p.mediaType, p.params, p.others = contentType(p.header.Get("Content-Type"))
	return p
}

// splitHeader returns the fields of a header, each ended by CRLF, and what comes behind it. A line that is no field is left out; one that
// begins a part ends the header.
func splitHeader(raw []byte) (header, body []byte) {
	var out bytes.Buffer
	keeps, fields := false, 0
	for len(raw) > 0 {
		line, rest := cutLine(raw)
		if len(line) == 0 {
			raw = rest
			break
		}
		if bytes.HasPrefix(line, []byte("--")) {
			break
		}
		if folded := line[0] == ' ' || line[0] == '\t'; !folded {
			colon := bytes.IndexByte(line, ':')
			name := bytes.TrimRight(line[:max(colon, 0)], " \t")
			keeps = len(name) > 0 && bytes.IndexFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
			if keeps = keeps && fields < maxFields && out.Len()+len(name) < maxHeader; keeps {
				fields++
				out.Write(name)
				line = line[colon:]
			}
		}
		if room := maxHeader - out.Len() - 2; keeps && room > 0 {
			out.Write(line[:min(len(line), room)])
			out.WriteString("\r\n")
		}
		raw = rest
	}
	out.WriteString("\r\n")
	return out.Bytes(), raw
}

// What is read of a header.
const (
	maxHeader = 128 << 10
	maxFields = 500
)

// cutLine returns a line without its end: LF, CRLF, or CR CR LF.
func cutLine(raw []byte) (line, rest []byte) {
	end := bytes.IndexByte(raw, '\n')
	if end < 0 {
		return bytes.TrimRight(raw, "\r"), nil
	}
	return bytes.TrimRight(raw[:end], "\r"), raw[end+1:]
}

var parameter = regexp.MustCompile(`;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))`)

// contentType reads a Content-Type, also one that names something twice, quotes badly or is an encoded word.
func contentType(field string) (mediaType string, params map[string]string, others []string) {
	field = decodeWords(strings.TrimSpace(field))
	if mediaType, params, err := mime.ParseMediaType(field); err == nil && strings.Contains(mediaType, "/") {
		return mediaType, params, nil
	}
	mediaType, params, others = readField(field)
	switch {
	case mediaType == "" || mediaType == "text":
		mediaType = "text/plain"
	case !strings.Contains(mediaType, "/"):
		mediaType = "application/octet-stream"
	}
	return mediaType, params, others
}

// readField reads a value and its parameters, the first of each name, with the boundaries behind the first.
func readField(field string) (value string, params map[string]string, others []string) {
	name, rest, _ := strings.Cut(field, ";")
	if fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" \t,\"'", r) }); len(fields) > 0 {
		value = fields[0]
	}
	params = map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(";"+rest, 20) {
		key, value := strings.ToLower(m[1]), strings.ReplaceAll(m[2], `\`, "")+m[3]
		if _, twice := params[key]; !twice {
			params[key] = value
		} else if key == "boundary" {
			others = append(others, value)
		}
	}
	return value, params, others
}

// readParts returns the parts of a multipart; none when there is nothing that begins one.
func (p mimePart) readParts() (out []mimePart) {
	boundary := p.findBoundary()
	if boundary == "" {
		return nil
	}
	begun := -1
	rest, at := p.body, 0
	finish := func(end int) {
		if begun >= 0 && len(out) < maxParts {
			out = append(out, readEntity(trimEnd(p.body[begun:end])))
		}
	}
	for len(rest) > 0 {
		line, next := cutLine(rest)
		start := at
		at += len(rest) - len(next)
		rest = next
		if tail, ok := bytes.CutPrefix(line, []byte("--"+boundary)); ok {
			switch tail = bytes.TrimRight(tail, " \t"); {
			case len(tail) == 0:
				finish(start)
				begun = at
			case bytes.Equal(tail, []byte("--")):
				finish(start)
				begun = -1
			}
		}
	}
	finish(len(p.body))
	return out
}

// trimEnd leaves out the line end that belongs to the boundary.
func trimEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimRight(b, "\r")
}

var partBegins = regexp.MustCompile(`(?m)^--([^\r\n]{1,100}?)[ \t]*\r*\n(?i:content-[a-z-]+[ \t]*:|\r*\n)`)

// findBoundary returns the boundary that is used: the one that is named, else the first line that looks like one above a header.
func (p mimePart) findBoundary() string {
	for _, b := range append([]string{p.params["boundary"]}, p.others...) {
		if b = strings.TrimRight(b, " \t"); b != "" && hasLine(p.body, "--"+b) {
			return b
		}
	}
	if m := partBegins.FindSubmatch(p.body[:min(len(p.body), maxPreamble)]); m != nil {
		return string(m[1])
	}
	return ""
}

const maxPreamble = 64 << 10 // in which a boundary is looked for that isn't named

func hasLine(body []byte, begin string) bool {
	return bytes.HasPrefix(body, []byte(begin)) || bytes.Contains(body, []byte("\n"+begin))
}
