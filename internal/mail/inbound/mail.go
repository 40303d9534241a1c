// Package inbound reads a message that came in, however broken, and says what it is: a reply, an automatic answer, a
// delivery report or a complaint. It never panics, and looks at no more than MaxBytes.
package inbound

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/charset" // also teaches go-message all charsets
	gomail "github.com/emersion/go-message/mail"
)

// What is looked at; the rest is ignored.
const (
	MaxBytes = 16 << 20 // of a message
	MaxText  = 128 << 10
	maxParts = 100
	maxDepth = 8
	maxKeys  = 100
)

// Mail is a message as it was read.
type Mail struct {
	MessageID  string // without angle brackets
	From       mail.Address
	ReturnPath string // "<>" when it is empty; "" when it isn't there
	Subject    string
	Date       time.Time // zero when there is none
	Keys       Keys
	Full       string     // the text, at most MaxText bytes of UTF-8; made from HTML where there is nothing else
	Text       string     // what the writer wrote: Full without quotations and signature
	Reports    []Delivery // of a delivery report (RFC 3464), a recipient each
	Complaint  *Complaint // of a feedback report (RFC 5965)
	Original   Original   // of both: the message that it is about, as far as it is quoted

	header     gomail.Header
	reportType string
}

// Keys are what can name the message of ours that this one answers. There is no way to match by subject.
type Keys struct {
	References []string // Message-IDs of In-Reply-To and References, the nearest first, without angle brackets
	Tags       []string // what stands behind the + in each address that it came to
}

// Original is the header of a message that a report quotes.
type Original struct {
	MessageID string
	To        []string
}

// Read never fails: of a broken message it gives what can be read.
func Read(raw []byte) Mail {
	raw = raw[:min(len(raw), MaxBytes)]
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), nil)
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		entity, _ = message.ReadWithOptions(bytes.NewReader(mend(raw)), nil)
	}
	if entity == nil {
		return Mail{Full: clean(string(raw[:min(len(raw), MaxText)]))}
	}
	m := Mail{header: gomail.Header{Header: entity.Header}}
	m.readHeader()
	var texts texts
	walk(entity, 0, new(int), func(mediaType string, e *message.Entity) { m.part(mediaType, e, &texts) })
	m.Full = texts.best()
	m.Text = written(m.Full)
	return m
}

func (m *Mail) readHeader() {
	if list := addresses(m.header, "From"); len(list) > 0 {
		m.From = mail.Address{Name: clean(list[0].Name), Address: clean(list[0].Address)}
	}
	m.MessageID = first(ids(m.header.Get("Message-Id")))
	m.Subject = clean(text(m.header, "Subject"))
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
	add(&m.Keys.References, ids(m.header.Get("In-Reply-To")))
	references := ids(m.header.Get("References"))
	for i := len(references) - 1; i >= 0; i-- {
		add(&m.Keys.References, references[i:i+1])
	}
	for _, key := range []string{"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"} {
		for _, a := range addresses(m.header, key) {
			add(&m.Keys.Tags, []string{tag(a.Address)})
		}
	}
	_, params, _ := m.header.ContentType()
	m.reportType = strings.ToLower(params["report-type"])
}

func tag(address string) string {
	local, _, _ := strings.Cut(address, "@")
	_, tag, _ := strings.Cut(local, "+")
	return tag
}

// walk visits the parts that have no parts.
func walk(e *message.Entity, depth int, count *int, visit func(mediaType string, e *message.Entity)) {
	if *count++; *count > maxParts {
		return
	}
	mediaType, params, _ := e.Header.ContentType()
	mediaType = strings.ToLower(mediaType)
	if !strings.HasPrefix(mediaType, "multipart/") || params["boundary"] == "" {
		visit(mediaType, e)
		return
	}
	if depth == maxDepth {
		return
	}
	parts := e.MultipartReader()
	if parts == nil {
		return
	}
	for *count <= maxParts {
		part, err := parts.NextPart()
		if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return
		}
		walk(part, depth+1, count, visit)
	}
}

func (m *Mail) part(mediaType string, e *message.Entity, t *texts) {
	disposition, _, _ := e.Header.ContentDisposition()
	switch {
	case mediaType == "message/delivery-status" || mediaType == "message/global-delivery-status":
		m.Reports = append(m.Reports, deliveries(body(e))...)
		m.Reports = m.Reports[:min(len(m.Reports), maxParts)]
	case mediaType == "message/feedback-report" && m.Complaint == nil:
		m.Complaint = complaint(body(e))
	case mediaType == "message/rfc822", mediaType == "text/rfc822-headers", mediaType == "message/global", mediaType == "message/global-headers":
		if m.Original.MessageID == "" {
			m.Original = original(body(e))
		}
	case disposition == "attachment":
	case mediaType == "text/plain" && t.plain == "":
		t.plain = body(e)
	case mediaType == "text/html" && t.html == "":
		t.html = body(e)
	}
}

// texts are the first of each kind.
type texts struct{ plain, html string }

func (t texts) best() string {
	if s := clean(t.plain); strings.TrimSpace(s) != "" {
		return s
	}
	return clean(fromHTML(t.html))
}

func body(e *message.Entity) string {
	b, _ := io.ReadAll(io.LimitReader(e.Body, MaxText)) // what could be read before an error counts
	return string(b)
}

// clean gives valid UTF-8 with LF line ends and no other control characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
	if len(s) > MaxText {
		s = strings.ToValidUTF8(s[:MaxText], "")
	}
	return s
}

func original(quoted string) Original {
	e, _ := message.ReadWithOptions(strings.NewReader(quoted+"\r\n\r\n"), nil)
	if e == nil {
		e, _ = message.ReadWithOptions(bytes.NewReader(mend([]byte(quoted+"\r\n\r\n"))), nil)
	}
	if e == nil {
		return Original{}
	}
	h := gomail.Header{Header: e.Header}
	o := Original{MessageID: first(ids(h.Get("Message-Id")))}
	for _, a := range addresses(h, "To") {
		o.To = append(o.To, a.Address)
	}
	return o
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,900}@[^<>\s]{1,300})>`)

// ids are the Message-IDs of a field, in whatever else stands there.
func ids(field string) []string {
	var found []string
	for _, m := range messageID.FindAllStringSubmatch(field, maxKeys) {
		found = append(found, m[1])
	}
	if bare := strings.TrimSpace(field); found == nil && strings.Count(bare, "@") == 1 && !strings.ContainsAny(bare, " \t<>") {
		found = []string{bare} // some leave the brackets out
	}
	return found
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

func text(h gomail.Header, key string) string {
	s, err := h.Text(key)
	if err != nil {
		return h.Get(key)
	}
	return s
}

var bareAddress = regexp.MustCompile(`[^\s<>,;:"()]{1,64}@[^\s<>,;:"()]{1,255}`)

// addresses also reads a list that breaks the rules, as far as addresses can be seen in it.
func addresses(h gomail.Header, key string) []*mail.Address {
	var all []*mail.Address
	for fields := h.FieldsByKey(key); fields.Next() && len(all) < maxKeys; {
		parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset.Reader}}
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

// mend leaves out what isn't a header field from a header.
func mend(raw []byte) []byte {
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
