package prospects

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"

	_ "github.com/emersion/go-message/charset" // letters in any charset
	"github.com/emersion/go-message/mail"
)

// receivedMail is a message as its reader sees it.
type receivedMail struct {
	from, replyTo *mail.Address
	messageID     string // without brackets
	references    []string
	subject       string
	date          string // as it is written
	text          string // the readable words
	headers       []byte // up to the empty line
	raw           []byte
	links         []link
	images        []string
	oneClick      string // the URL that RFC 8058 lets a mail program post to, or ""
	mailto        string // of List-Unsubscribe, or ""
	unsubscribe   string // the URL of List-Unsubscribe, or ""
}

func readMail(raw []byte) (*receivedMail, error) {
	l := &receivedMail{raw: raw}
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		l.headers = raw[:i+2]
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && r == nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	defer r.Close()
	h := r.Header
	l.messageID, _ = h.MessageID()
	l.references, _ = h.MsgIDList("References")
	l.subject, _ = h.Subject()
	l.date = h.Get("Date")
	for key, into := range map[string]**mail.Address{"From": &l.from, "Reply-To": &l.replyTo} {
		if all, err := h.AddressList(key); err == nil && len(all) > 0 {
			*into = all[0]
		}
	}
	if l.from == nil {
		return nil, fmt.Errorf("read message: it has no From")
	}
	if l.replyTo == nil {
		l.replyTo = l.from
	}
	l.readUnsubscribe(h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"))
	var plain, rich string
	for {
		part, err := r.NextPart()
		if err != nil {
			break // the end, or what can't be read
		}
		kind, _, _ := mimeType(part.Header.Get("Content-Type"))
		if part.Header.Get("Content-Type") == "" {
			kind = "text/plain"
		}
		body, _ := io.ReadAll(part.Body)
		switch {
		case kind == "text/plain" && plain == "":
			plain = string(body)
		case kind == "text/html" && rich == "":
			rich = string(body)
		}
	}
	l.text = plain
	if rich != "" {
		words := l.readHTML(rich)
		if plain == "" {
			l.text = words
		}
	} else {
		l.readPlain(plain)
	}
	return l, nil
}

func mimeType(field string) (kind, rest string, ok bool) {
	kind, rest, ok = strings.Cut(field, ";")
	return strings.ToLower(strings.TrimSpace(kind)), rest, ok
}

func (l *receivedMail) readUnsubscribe(list, post string) {
	for _, part := range strings.Split(list, ",") {
		u := strings.Trim(strings.TrimSpace(part), "<>")
		switch {
		case strings.HasPrefix(u, "mailto:") && l.mailto == "":
			l.mailto = u
		case strings.HasPrefix(u, "http") && l.unsubscribe == "":
			l.unsubscribe = u
		}
	}
	if strings.EqualFold(strings.TrimSpace(post), "List-Unsubscribe=One-Click") {
		l.oneClick = l.unsubscribe
	}
}

var (
	bookingWords     = regexp.MustCompile(`(?i)\b(book|schedul\w*|calendar|meeting|meet|slot|a time|times|termin)\b`)
	unsubscribeWords = regexp.MustCompile(`(?i)unsubscribe|opt[- ]?out|no longer|stop (these|receiving|getting)|remove (me|yourself)|abmelden`)
)

// digestLinks is the same for the same words with other links.
func (l *receivedMail) digestLinks() string {
	words := strings.Join(strings.Fields(plainURL.ReplaceAllString(l.text, "")), " ")
	sum := sha256.Sum256([]byte(l.subject + "\x00" + words))
	return hex.EncodeToString(sum[:10])
}
