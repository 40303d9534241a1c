package inbound

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // teaches go-message all character sets
	gomail "github.com/emersion/go-message/mail"

	"outrider/internal/charset"
)

func (m *Mail) readHeader() {
	if list := readAddresses(m.header, "From"); len(list) > 0 {
		m.From = mail.Address{Name: cleanText(list[0].Name), Address: cleanText(list[0].Address)}
	}
	m.MessageID = firstOrEmpty(messageIDs(m.header.Get("Message-Id")))
	m.Subject = cleanText(decodeHeader(m.header, "Subject"))
	if date, err := m.header.Date(); err == nil {
		m.Date = date
	}
	if path := strings.TrimSpace(m.header.Get("Return-Path")); path != "" {
		if m.ReturnPath = strings.Trim(path, "<> \t"); m.ReturnPath == "" {
			m.ReturnPath = "<>"
		}
	}
	seen := map[string]bool{}
	add := func(to *[]string, keys []string) {
		for _, k := range keys {
			if k != "" && !seen[k] && len(*to) < maxKeys {
				seen[k] = true
				*to = append(*to, k)
			}
		}
	}
	add(&m.Keys.References, messageIDs(m.header.Get("In-Reply-To")))
	references := messageIDs(m.header.Get("References"))
	for i := len(references) - 1; i >= 0; i-- {
		add(&m.Keys.References, references[i:i+1])
	}
	for _, key := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"} {
		for _, a := range readAddresses(m.header, key) {
			add(&m.Keys.Tags, []string{plusTag(a.Address)})
		}
	}
	_, params, _ := m.header.ContentType()
	m.reportType = strings.ToLower(params["report-type"])
}

func plusTag(address string) string {
	local, _, _ := strings.Cut(address, "@")
	_, tag, _ := strings.Cut(local, "+")
	return tag
}

func readOriginal(quoted string) Original {
	e, _ := message.ReadWithOptions(strings.NewReader(quoted+"\r\n\r\n"), nil)
	if e == nil {
		e, _ = message.ReadWithOptions(bytes.NewReader(mendHeader([]byte(quoted+"\r\n\r\n"))), nil)
	}
	if e == nil {
		return Original{}
	}
	h := gomail.Header{Header: e.Header}
	o := Original{MessageID: firstOrEmpty(messageIDs(h.Get("Message-Id")))}
	for _, a := range readAddresses(h, "To") {
		o.To = append(o.To, a.Address)
	}
	return o
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,900}@[^<>\s]{1,300})>`)

// messageIDs returns the Message-IDs of a field, in whatever else stands there.
func messageIDs(field string) []string {
	var found []string
	for _, m := range messageID.FindAllStringSubmatch(field, maxKeys) {
		found = append(found, m[1])
	}
	if bare := strings.TrimSpace(field); found == nil && strings.Count(bare, "@") == 1 && !strings.ContainsAny(bare, " \t<>") {
		found = []string{bare} // some leave the brackets out
	}
	return found
}

func firstOrEmpty(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

func decodeHeader(h gomail.Header, key string) string {
	s, err := h.Text(key)
	if err != nil {
		return h.Get(key)
	}
	return s
}

var bareAddress = regexp.MustCompile(`[^\s<>,;:"()]{1,64}@[^\s<>,;:"()]{1,255}`)

func readCharset(name string, r io.Reader) (io.Reader, error) { return charset.NewReader(r, name) }

// readAddresses also reads a list that breaks the rules, as far as addresses can be seen in it.
func readAddresses(h gomail.Header, key string) []*mail.Address {
	var all []*mail.Address
	for fields := h.FieldsByKey(key); fields.Next() && len(all) < maxKeys; {
		parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: readCharset}}
		list, err := parser.ParseList(fields.Value())
		if err != nil {
			for _, a := range bareAddress.FindAllString(fields.Value(), maxKeys) {
				list = append(list, &mail.Address{Address: a})
			}
		}
		all = append(all, list...)
	}
	return all
}

// mendHeader leaves out what isn't a header field from a header.
func mendHeader(raw []byte) []byte {
	var out bytes.Buffer
	keeps := false
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n') + 1
		if end == 0 {
			end = len(raw)
		}
		line := raw[:end]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		folded := line[0] == ' ' || line[0] == '\t'
		if !folded {
			colon := bytes.IndexByte(line, ':')
			keeps = colon > 0 && bytes.IndexFunc(line[:colon], func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
		}
		if keeps {
			out.Write(bytes.TrimRight(line, "\r\n"))
			out.WriteString("\r\n")
		}
		raw = raw[end:]
	}
	out.WriteString("\r\n")
	out.Write(raw)
	return out.Bytes()
}
