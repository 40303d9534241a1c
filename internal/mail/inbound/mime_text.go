package inbound

import "strings"

// textReader goes through the parts of a message once.
type textReader struct {
	mail  *Mail
	parts int
	size  int    // of the texts that were read, in bytes
	spare string // a text that is there, but as a file: it counts where there is no other
}

// textOf returns the text of a part and of those within it, and notes what reports it holds.
func (t *textReader) textOf(p mimePart, depth int) string {
	if t.parts++; t.parts > maxParts || depth > maxDepth || t.size > 2*MaxText {
		return ""
	}
	if strings.HasPrefix(p.mediaType, "multipart/") {
		if within := p.readParts(); len(within) > 0 {
			return t.textOfParts(p.mediaType, within, depth)
		}
		p.body = []byte(p.decodeBody()) // some encode the parts as a whole
		p.header.Del("Content-Transfer-Encoding")
		if within := p.readParts(); len(within) > 0 {
			return t.textOfParts(p.mediaType, within, depth)
		}
		p.mediaType = "text/plain" // it isn't what it says
	}
	if t.mail.readReport(p) {
		if p.mediaType == "message/rfc822" { // some hand on the report of another program as a whole
			if within := readEntity([]byte(strings.TrimLeft(p.decodeBody(), "\r\n"))); strings.EqualFold(within.params["report-type"], "delivery-status") {
				return t.textOf(within, depth+1)
			}
		}
		return ""
	}
	var text string
	switch kind, _, _ := strings.Cut(p.mediaType, "/"); {
	case p.mediaType == "text/html" || p.mediaType == "application/xhtml+xml":
		source := p.text()
		if t.mail.HTML == "" && !p.isFile() {
			t.mail.HTML = strings.ToValidUTF8(source[:min(len(source), MaxText)], "")
		}
		text, t.mail.links = textOfHTML(source)
	case p.mediaType == "text/calendar" || p.mediaType == "text/vcard" || p.mediaType == "text/x-vcard" || p.mediaType == "text/directory":
		return ""
	case p.mediaType == "application/pkcs7-mime" || p.mediaType == "application/x-pkcs7-mime":
		if signed := signedContent(p.decode(maxSigned)); signed != nil {
			return t.textOf(readEntity(signed), depth+1)
		}
		return ""
	case kind == "text":
		text = p.text()
	default:
		return ""
	}
	t.size += len(text)
	if p.isFile() {
		if t.spare == "" {
			t.spare = text
		}
		return ""
	}
	return text
}

// textOfParts returns the text of all parts, or of the plainest of alternatives that has one.
func (t *textReader) textOfParts(mediaType string, within []mimePart, depth int) string {
	var all, plain []string
	for _, p := range within {
		if text := t.textOf(p, depth+1); strings.TrimSpace(text) != "" {
			if all = append(all, text); p.mediaType == "text/plain" {
				plain = append(plain, text)
			}
		}
	}
	if mediaType == "multipart/alternative" && len(all) > 0 {
		if len(plain) > 0 {
			t.mail.links = nil
			return strings.Join(plain, "\n")
		}
		return all[len(all)-1] // the richest comes last
	}
	return strings.Join(all, "\n")
}

// isFile reports whether a part is meant to be kept rather than to be read.
func (p mimePart) isFile() bool {
	disposition, params, _ := readField(p.header.Get("Content-Disposition"))
	return disposition == "attachment" || params["filename"] != "" || params["filename*"] != "" || params["filename*0"] != ""
}
