package sendgridserver

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // letters in any charset
)

// asked is a request, as far as a mail is made of it.
type asked struct {
	From    person  `json:"from"`
	ReplyTo *person `json:"reply_to"`
	Content []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"content"`
	Attachments []struct {
		Content     string `json:"content"`
		Type        string `json:"type"`
		Filename    string `json:"filename"`
		Disposition string `json:"disposition"`
	} `json:"attachments"`
}

type person struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

func (p person) address() string { return (&mail.Address{Name: p.Name, Address: p.Email}).String() }

// Raw makes the mail of a message, as it leaves.
func (m Message) Raw(at time.Time) ([]byte, error) {
	var h message.Header
	h.SetText("From", m.asked.From.address())
	h.SetText("To", "<"+m.To+">")
	if r := m.asked.ReplyTo; r != nil {
		h.SetText("Reply-To", r.address())
	}
	h.SetText("Subject", m.Subject)
	h.Set("Date", at.Format(time.RFC1123Z))
	h.Set("MIME-Version", "1.0")
	names := make([]string, 0, len(m.Headers))
	for name := range m.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.Set(name, m.Headers[name])
	}
	var b bytes.Buffer
	h.SetContentType("multipart/mixed", nil)
	all, err := message.CreateWriter(&b, h)
	if err != nil {
		return nil, fmt.Errorf("make a mail: %w", err)
	}
	var forms message.Header
	forms.SetContentType("multipart/alternative", nil)
	text, err := all.CreatePart(forms)
	if err != nil {
		return nil, fmt.Errorf("make a mail: %w", err)
	}
	for _, c := range m.asked.Content {
		if err := addPart(text, c.Type, "", c.Value); err != nil {
			return nil, err
		}
	}
	if err := text.Close(); err != nil {
		return nil, fmt.Errorf("make a mail: %w", err)
	}
	for _, a := range m.asked.Attachments {
		content, err := base64.StdEncoding.DecodeString(a.Content)
		if err != nil {
			return nil, fmt.Errorf("read attachment: %w", err)
		}
		disposition := a.Disposition
		if disposition == "" {
			disposition = "attachment"
		}
		if err := addPart(all, a.Type, disposition+`; filename="`+strings.ReplaceAll(a.Filename, `"`, "")+`"`, string(content)); err != nil {
			return nil, err
		}
	}
	if err := all.Close(); err != nil {
		return nil, fmt.Errorf("make a mail: %w", err)
	}
	return b.Bytes(), nil
}

func addPart(to *message.Writer, kind, disposition, content string) error {
	var h message.Header
	if strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset") {
		kind += "; charset=utf-8"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	if disposition != "" {
		h.Set("Content-Disposition", disposition)
	}
	w, err := to.CreatePart(h)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return fmt.Errorf("make a part: %w", err)
	}
	return nil
}
