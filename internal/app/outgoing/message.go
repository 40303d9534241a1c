// Package outgoing composes messages to people as they leave. Previews, test sends and the sender all use it, so that what is shown is what is sent.
package outgoing

import (
	"fmt"
	"html"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
)

// Message is a message with all that goes into it.
type Message struct {
	LeadID      uuid.UUID
	From        *mailboxes.Mailbox // the one that the message leaves from, read at the same moment; nil = not read with it
	To          string             // the lead's address
	Subject     string
	Body        string
	BodyRef     string      // where a body is stored that is too long for the log, sealed with the lead's key; Body is then empty
	Previous    []uuid.UUID // messages of the same thread that were sent from this mailbox, oldest first
	Footer      string      // postal address and what else must be below the text; "" = the campaign adds no footer
	TrackOpens  bool
	TrackClicks bool
}

// LinksOf returns the links of a mailbox's messages. Those that were written into the text lead to the same host.
func LinksOf(l linktoken.Links, from mailboxes.Mailbox, letter *Message) linktoken.Links {
	if from.LinkHost == "" {
		return l
	}
	own := linktoken.Links{Signer: l.Signer, Base: "https://" + from.LinkHost}
	for _, path := range []string{"/u/", "/b/"} {
		letter.Body = strings.ReplaceAll(letter.Body, l.Base+path, own.Base+path)
	}
	return own
}

// Compose returns the bytes of a message: the same for the same message and time.
func Compose(l linktoken.Links, t linktoken.Token, from mailboxes.Mailbox, letter Message, now time.Time) ([]byte, error) {
	if compose.IsBlank(letter.Body) { // the footer below it is no message
		return nil, fmt.Errorf("%w: the text is blank", compose.ErrInvalid)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	unsubscribe := l.Unsubscribe(t)
	m := compose.Parts{From: mail.Address{Name: from.DisplayName, Address: from.Address}, To: mail.Address{Address: letter.To}, Subject: letter.Subject,
		MessageID: l.Signer.MessageID(t, domain), Date: now, Text: letter.Body}
	if strings.HasPrefix(unsubscribe, "https://") { // RFC 8058 wants that; without, the header offers mailto only
		m.UnsubscribeURL = unsubscribe
	}
	if tagged, ok := from.TaggedAddress(l.Signer.Tag(linktoken.Reply, t)); ok {
		m.ReplyTo = mail.Address{Name: from.DisplayName, Address: tagged}
	}
	leave := l.Signer.Tag(linktoken.Unsubscribe, t)
	if tagged, ok := from.TaggedAddress(leave); ok {
		m.UnsubscribeMailto = tagged
	} else { // the same tag, in a place that every mail server lets through
		m.UnsubscribeMailto, m.UnsubscribeSubject = from.Address, "unsubscribe "+leave
	}
	for _, id := range letter.Previous {
		m.Refs = append(m.Refs, l.Signer.MessageID(linktoken.Token{Org: t.Org, Message: id}, domain))
	}
	if n := len(m.Refs); n > 0 {
		m.InReplyTo = m.Refs[n-1]
	}
	if letter.TrackClicks {
		m.Text = linktoken.Rewrite(m.Text, l.Base, func(i int) string {
			return l.Click(linktoken.Token{Org: t.Org, Message: t.Message, Link: linktoken.ClickIndex(i)})
		}).Text
	}
	whole := compose.Letter{Body: m.Text, Signature: from.Signature.Text, Footer: letter.Footer, Unsubscribe: unsubscribe} // links of a signature are the sender's own, and not tracked
	m.Text = whole.Text()
	if letter.TrackOpens { // a pixel needs HTML; without one, plain text arrives best
		trap := ""
		if letter.TrackClicks {
			trap = l.TrapLink(t)
		}
		shown := linktoken.AsHTML(strings.TrimRight(m.Text, "\n"), l.Base)
		if from.Signature.HTML != "" {
			shown = linktoken.AsHTML(strings.TrimRight(whole.Body, "\n"), l.Base) + "<br>\n<br>\n" + from.Signature.HTML + "<br>\n<br>\n" + linktoken.AsHTML(strings.TrimRight(whole.End(), "\n"), l.Base)
		}
		m.HTML = linktoken.WithPixel(asPage(shown, trap), l.Open(t))
	}
	return compose.Bytes(m)
}

// asPage makes a page of what is shown; trap ("" = none) is a link that isn't.
func asPage(shown, trap string) string {
	out := "<html><body>" + shown
	if trap != "" { // no words, and left out by readers for the blind
		out += `<a href="` + html.EscapeString(trap) + `" style="display:none" aria-hidden="true" tabindex="-1" rel="nofollow"></a>`
	}
	return out + "</body></html>"
}
