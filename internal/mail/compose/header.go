package compose

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
)

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
