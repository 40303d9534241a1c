// Package compose writes a message as bytes (RFC 5322 and MIME): the same parts always give the same bytes.
package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
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

// headerOf adds the fields from the last to the first: the library puts a new one on top.
func headerOf(m Message) (message.Header, error) {
	var h gomail.Header
	if err := check(m); err != nil {
		return h.Header, err
	}
	add := func(key, value string) {
		if value != "" {
			h.Add(key, value)
		}
	}
	h.Add("Mime-Version", "1.0")
	if m.AutoReplied {
		add("Auto-Submitted", "auto-replied")
	}
	if m.UnsubscribeURL != "" {
		add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	add("List-Unsubscribe", unsubscribe(m))
	if m.InReplyTo != "" {
		refs := append(append([]string{}, m.Refs...), m.InReplyTo)
		if n := len(m.Refs); n > 0 && m.Refs[n-1] == m.InReplyTo {
			refs = m.Refs
		}
		add("References", "<"+strings.Join(refs, "> <")+">")
		add("In-Reply-To", "<"+m.InReplyTo+">")
	}
	add("Message-Id", "<"+m.MessageID+">")
	h.SetSubject(m.Subject)
	if m.ReplyTo.Address != "" {
		h.SetAddressList("Reply-To", []*gomail.Address{&m.ReplyTo})
	}
	h.SetAddressList("To", []*gomail.Address{&m.To})
	h.SetAddressList("From", []*gomail.Address{&m.From})
	h.SetDate(m.Date)
	return h.Header, nil
}

func unsubscribe(m Message) string {
	var ways []string
	if m.UnsubscribeURL != "" {
		ways = append(ways, "<"+m.UnsubscribeURL+">")
	}
	if m.UnsubscribeMailto != "" {
		ways = append(ways, "<mailto:"+m.UnsubscribeMailto+"?subject=unsubscribe>")
	}
	return strings.Join(ways, ", ")
}

// ErrInvalid says that a message can't be sent as it is.
var ErrInvalid = errors.New("invalid message")

func check(m Message) error {
	refuse := func(what string) error { return fmt.Errorf("%w: %s", ErrInvalid, what) }
	for name, a := range map[string]mail.Address{"From": m.From, "To": m.To, "Reply-To": m.ReplyTo} {
		if a.Address == "" && name == "Reply-To" {
			continue
		}
		if parsed, err := mail.ParseAddress("<" + a.Address + ">"); err != nil || parsed.Address != a.Address {
			return refuse(name + " is no address")
		}
		if strings.ContainsAny(a.Name, "\r\n\x00") {
			return refuse("a line break in the name of " + name)
		}
	}
	if strings.ContainsAny(m.Subject, "\r\n\x00") {
		return refuse("a line break in Subject")
	}
	for _, id := range append([]string{m.MessageID, m.InReplyTo}, m.Refs...) {
		if id != "" && (strings.ContainsAny(id, " \t\r\n<>\x00") || strings.Count(id, "@") != 1) {
			return refuse("a Message-ID must look like token@domain")
		}
	}
	switch {
	case m.MessageID == "":
		return refuse("no Message-ID")
	case m.Date.IsZero():
		return refuse("no Date")
	case m.Text == "":
		return refuse("no text")
	case m.UnsubscribeURL != "" && (!strings.HasPrefix(m.UnsubscribeURL, "https://") || strings.ContainsAny(m.UnsubscribeURL, " \t\r\n<>,\x00")):
		return refuse("the unsubscribe link must be an https URL") // RFC 8058, 3.1
	case strings.ContainsAny(m.UnsubscribeMailto, " \t\r\n<>?&,\x00"):
		return refuse("the unsubscribe address is no address")
	case m.Calendar != nil && (m.Calendar.Method == "" || strings.Trim(m.Calendar.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""):
		return refuse("unknown method of the calendar")
	}
	return nil
}
