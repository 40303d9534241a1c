// Package inbound reads a message that came in, however broken, and reports what it is: a reply, an automatic answer, a
// delivery report or a complaint. It never panics, and looks at no more than MaxBytes.
package inbound

import (
	"bytes"
	"net/mail"
	"strings"
	"time"

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
	Keys       MessageNames
	Full       string            // the text, at most MaxText bytes of UTF-8; made from HTML where there is nothing else
	HTML       string            // as it came, at most MaxText bytes; "" where there is none
	Text       string            // what the writer wrote: Full without quotations and signature
	Reports    []RecipientReport // of a delivery report (RFC 3464), a recipient each
	Feedback   *Feedback         // of a feedback report (RFC 5965)
	Original   Original          // of both: the message that it is about, as far as it is quoted

	head, body []byte
	links      map[string]bool // what the links of an HTML text say
	header     gomail.Header
	reportType string
}

// MessageNames are what can name the message of ours that this one answers. There is no way to match by subject.
type MessageNames struct {
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
	if bytes.HasPrefix(raw, []byte("From ")) { // the line of an mbox
		_, raw = cutLine(raw)
	}
	whole := readEntity(raw)
	m := Mail{head: raw[:len(raw)-len(whole.body)], body: whole.body, header: gomail.Header{Header: whole.header}}
	m.readHeader(whole.params["report-type"])
	t := &textReader{mail: &m}
	m.Full = t.textOf(whole, 0)
	if strings.TrimSpace(m.Full) == "" {
		m.Full = t.spare
	}
	m.Full = cleanText(m.Full)
	m.Text = stripQuotes(m.Full)
	return m
}

// readReport reports whether a part is for programs, and reads it.
func (m *Mail) readReport(p mimePart) bool {
	switch p.mediaType {
	case "message/delivery-status", "message/global-delivery-status":
		m.Reports = append(m.Reports, readDeliveries(p.decodeBody())...)
		m.Reports = m.Reports[:min(len(m.Reports), maxParts)]
	case "message/feedback-report":
		if m.Feedback == nil {
			m.Feedback = readFeedback(p.decodeBody())
		}
	case "message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global", "message/global-headers":
		if m.Original.MessageID == "" {
			m.Original = readOriginal(p.decodeBody())
		}
	case "message/disposition-notification", "message/global-disposition-notification":
		m.reportType = "disposition-notification"
		for _, group := range readFieldGroups(p.decodeBody()) {
			if ids := messageIDs(firstValue(group, "original-message-id")); len(m.Keys.References) < maxKeys {
				m.Keys.References = append(m.Keys.References, ids...)
			}
		}
	default:
		return false
	}
	return true
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
