package inbound

import (
	"io"
	"mime"
	"net/mail"
	"regexp"
	"strings"

	gomail "github.com/emersion/go-message/mail"

	"outrider/internal/charset"
	"outrider/internal/linktoken"
)

func (m *Mail) readHeader(reportType string) {
	if list := readAddresses(m.header, "From"); len(list) > 0 {
		m.From = mail.Address{Name: cleanText(list[0].Name), Address: cleanText(list[0].Address)}
	}
	m.MessageID = firstOrEmpty(messageIDs(m.header.Get("Message-Id")))
	m.Subject = cleanText(decodeWords(m.header.Get("Subject")))
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
	field := m.header.Get("References")
	if from := len(field) - maxKeys*200; from > 0 {
		field = field[from:] // ours is near the end
	}
	references := messageIDs(field)
	references = references[max(len(references)-maxKeys, 0):]
	for i := len(references) - 1; i >= 0; i-- {
		add(&m.Keys.References, references[i:i+1])
	}
	for _, key := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"} {
		for _, a := range readAddresses(m.header, key) {
			add(&m.Keys.Tags, []string{linktoken.TagOf(a.Address)})
		}
	}
	m.reportType = strings.ToLower(reportType)
}

func readOriginal(quoted string) Original {
	h := gomail.Header{Header: readEntity([]byte(strings.TrimLeft(quoted, "\r\n"))).header}
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
	for _, m := range messageID.FindAllStringSubmatch(field, -1) {
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
