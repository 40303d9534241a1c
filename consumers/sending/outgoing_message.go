package sending

import (
	"html"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
)

// OutgoingMessage is a message that is claimed, with all that goes into it.
type OutgoingMessage struct {
	LeadID      uuid.UUID
	From        *mailboxes.Mailbox // the one that the message leaves from, read at the same moment; nil = not read with it
	To          string             // the lead's address
	Subject     string
	Body        string
	BodyRef     string      // where a body that is too long for the log lies, sealed under the lead's key; Body is then empty
	Previous    []uuid.UUID // messages of the same thread that were sent from this mailbox, oldest first
	Footer      string      // postal address and what else must stand below; "" = the campaign adds no footer
	TrackOpens  bool
	TrackClicks bool
}

// composeMessage writes the bytes of a message: the same for the same letter and time.
func composeMessage(l linktoken.Links, t linktoken.Token, from mailboxes.Mailbox, letter OutgoingMessage, now time.Time) ([]byte, error) {
	_, domain, _ := strings.Cut(from.Address, "@")
	unsubscribe := l.Unsubscribe(t)
	m := compose.Message{From: mail.Address{Name: from.DisplayName, Address: from.Address}, To: mail.Address{Address: letter.To}, Subject: letter.Subject,
		MessageID: l.Signer.MessageID(t, domain), Date: now, Text: letter.Body}
	if strings.HasPrefix(unsubscribe, "https://") { // RFC 8058 wants that; without, the header offers mailto only
		m.UnsubscribeURL = unsubscribe
	}
	if plus, ok := linktoken.PlusAddress(from.Address, l.Signer.Tag(linktoken.Reply, t)); ok {
		m.ReplyTo = mail.Address{Name: from.DisplayName, Address: plus}
	}
	if plus, ok := linktoken.PlusAddress(from.Address, l.Signer.Tag(linktoken.Unsubscribe, t)); ok {
		m.UnsubscribeMailto = plus
	}
	for _, id := range letter.Previous {
		m.Refs = append(m.Refs, l.Signer.MessageID(linktoken.Token{Org: t.Org, Message: id}, domain))
	}
	if n := len(m.Refs); n > 0 {
		m.InReplyTo = m.Refs[n-1]
	}
	if letter.TrackClicks {
		m.Text = linktoken.Rewrite(m.Text, "", func(i int) string {
			return l.Click(linktoken.Token{Org: t.Org, Message: t.Message, Link: uint16(i)})
		}, linktoken.Ours(l.Base)).Text
	}
	if letter.Footer != "" {
		m.Text = strings.TrimRight(m.Text, "\n") + "\n\n-- \n" + letter.Footer + "\nUnsubscribe: " + unsubscribe + "\n"
	}
	if letter.TrackOpens { // a pixel needs HTML; without one, plain text arrives best
		trap := ""
		if letter.TrackClicks {
			trap = l.TrapLink(t)
		}
		m.HTML = linktoken.WithPixel(plainTextAsHTML(m.Text, trap), l.Open(t))
	}
	return compose.Bytes(m)
}

// plainTextAsHTML shows the same text, its links as links; trap ("" = none) is a link that isn't shown.
func plainTextAsHTML(text, trap string) string {
	var out strings.Builder
	out.WriteString("<html><body>")
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			out.WriteString("<br>\n")
		}
		for j, word := range strings.Split(line, " ") {
			if j > 0 {
				out.WriteByte(' ')
			}
			safe := html.EscapeString(word)
			if strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
				safe = `<a href="` + safe + `">` + safe + `</a>`
			}
			out.WriteString(safe)
		}
	}
	if trap != "" { // no words, and left out by readers for the blind
		out.WriteString(`<a href="` + html.EscapeString(trap) + `" style="display:none" aria-hidden="true" tabindex="-1" rel="nofollow"></a>`)
	}
	out.WriteString("</body></html>")
	return out.String()
}
