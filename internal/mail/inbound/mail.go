// Package inbound reads a message that came in, however broken, and reports what it is: a reply, an automatic answer, a
// delivery report or a complaint. It never panics, and looks at no more than MaxBytes.
package inbound

import (
	"bytes"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"outrider/internal/charset"
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
	Feedback   *Feedback  // of a feedback report (RFC 5965)
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

// Read never fails: from a broken message it returns what can be read.
func Read(raw []byte) Mail {
	raw = raw[:min(len(raw), MaxBytes)]
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), nil)
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		entity, _ = message.ReadWithOptions(bytes.NewReader(mendHeader(raw)), nil)
	}
	if entity == nil {
		return Mail{Full: cleanText(string(raw[:min(len(raw), MaxText)]))}
	}
	m := Mail{header: gomail.Header{Header: entity.Header}}
	m.readHeader()
	var texts texts
	walkParts(entity, 0, new(int), func(mediaType string, e *message.Entity) { m.readPart(mediaType, e, &texts) })
	m.Full = texts.bestText()
	m.Text = stripQuotes(m.Full)
	return m
}

// walkParts visits the parts that have no parts.
func walkParts(e *message.Entity, depth int, count *int, visit func(mediaType string, e *message.Entity)) {
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
		walkParts(part, depth+1, count, visit)
	}
}

func (m *Mail) readPart(mediaType string, e *message.Entity, t *texts) {
	disposition, _, _ := e.Header.ContentDisposition()
	switch {
	case mediaType == "message/delivery-status" || mediaType == "message/global-delivery-status":
		m.Reports = append(m.Reports, readDeliveries(readBody(e))...)
		m.Reports = m.Reports[:min(len(m.Reports), maxParts)]
	case mediaType == "message/feedback-report" && m.Feedback == nil:
		m.Feedback = readFeedback(readBody(e))
	case mediaType == "message/rfc822", mediaType == "text/rfc822-headers", mediaType == "message/global", mediaType == "message/global-headers":
		if m.Original.MessageID == "" {
			m.Original = readOriginal(readBody(e))
		}
	case disposition == "attachment":
	case mediaType == "text/plain" && t.plain == "":
		t.plain = charset.Decode(readBody(e))
	case mediaType == "text/html" && t.html == "":
		t.html = charset.Decode(readBody(e))
	}
}

// texts are the first of each kind.
type texts struct{ plain, html string }

func (t texts) bestText() string {
	if s := cleanText(t.plain); strings.TrimSpace(s) != "" {
		return s
	}
	return cleanText(textOfHTML(t.html))
}

func readBody(e *message.Entity) string {
	b, _ := io.ReadAll(io.LimitReader(e.Body, MaxText)) // what could be read before an error counts
	return string(b)
}

// cleanText returns valid UTF-8 with LF line ends and no other control characters.
func cleanText(s string) string {
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
