// Package compose writes a message as bytes (RFC 5322 and MIME): the same parts always give the same bytes.
package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
)

// Message is the parts of a message to one person. Empty parts are left out, but From, To, MessageID, Date and Text must be there.
type Message struct {
	From      mail.Address
	To        mail.Address
	ReplyTo   mail.Address // usually the plus-address that carries a token
	Subject   string
	MessageID string   // without angle brackets: token@domain
	InReplyTo string   // the Message-ID that it follows
	Refs      []string // the thread's Message-IDs, oldest first; InReplyTo comes last by itself (RFC 5322, 3.6.4)
	Date      time.Time
	Text      string
	HTML      string
	Calendar  *Calendar
	// UnsubscribeURL (https) and UnsubscribeMailto (an address) make the header List-Unsubscribe (RFC 2369); the URL also
	// List-Unsubscribe-Post (RFC 8058): mail providers POST there without asking the reader again.
	UnsubscribeURL    string
	UnsubscribeMailto string
	// AutoReplied marks an automatic answer of ours: Auto-Submitted: auto-replied (RFC 3834).
	AutoReplied bool
}

// Calendar is an invitation (RFC 6047).
type Calendar struct {
	Method string // REQUEST, CANCEL, ...
	ICS    string
}

// Bytes gives the message with CRLF line ends, pure ASCII, no line longer than 998 bytes (78 where a header can be folded).
func Bytes(m Message) ([]byte, error) {
	header, err := headerOf(m)
	if err != nil {
		return nil, fmt.Errorf("compose message: %w", err)
	}
	var out bytes.Buffer
	out.Grow(1024 + 2*(len(m.Text)+len(m.HTML)))
	if err := write(&out, header, m); err != nil {
		return nil, fmt.Errorf("compose message: %w", err)
	}
	return out.Bytes(), nil
}

func write(out io.Writer, header message.Header, m Message) error {
	if m.HTML == "" && m.Calendar == nil {
		describe(&header, "text/plain", nil, m.Text)
		return writePart(func() (*message.Writer, error) { return message.CreateWriter(out, header) }, m.Text)
	}
	header.SetContentType("multipart/alternative", map[string]string{"boundary": boundary(m)})
	w, err := message.CreateWriter(out, header)
	if err != nil {
		return err
	}
	part := func(mediaType string, params map[string]string, content string) error {
		var h message.Header
		describe(&h, mediaType, params, content)
		return writePart(func() (*message.Writer, error) { return w.CreatePart(h) }, content)
	}
	if err := part("text/plain", nil, m.Text); err != nil {
		return err
	}
	if m.HTML != "" {
		if err := part("text/html", nil, m.HTML); err != nil {
			return err
		}
	}
	if m.Calendar != nil {
		if err := part("text/calendar", map[string]string{"method": m.Calendar.Method}, m.Calendar.ICS); err != nil {
			return err
		}
	}
	return w.Close()
}

func writePart(create func() (*message.Writer, error), content string) error {
	w, err := create()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, crlf(content)); err != nil {
		return err
	}
	return w.Close()
}

// describe chooses the encoding: quoted-printable stays readable where most is ASCII, base64 is shorter where it isn't.
func describe(h *message.Header, mediaType string, params map[string]string, content string) {
	foreign := 0
	for i := range len(content) {
		if content[i] >= 0x80 {
			foreign++
		}
	}
	encoding := "quoted-printable"
	if foreign*4 > len(content) {
		encoding = "base64"
	}
	h.Set("Content-Transfer-Encoding", encoding)
	with := map[string]string{"charset": "utf-8"}
	for k, v := range params {
		with[k] = v
	}
	h.SetContentType(mediaType, with)
}

// boundary can't occur in a part by chance: it is a hash of them.
func boundary(m Message) string {
	h := sha256.New()
	for _, s := range []string{m.MessageID, m.Text, m.HTML} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return "=_" + hex.EncodeToString(h.Sum(nil)[:16])
}

// crlf ends every line, and the last one too, with CR LF.
func crlf(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.ReplaceAll(strings.TrimSuffix(s, "\n")+"\n", "\n", "\r\n")
}
