package sending

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/linktoken"
)

// composed is a message as it left, and who signed its links.
type composed struct {
	*mail.Message
	raw   []byte
	text  string
	html  string // "" = there is none
	links linktoken.Links
	token linktoken.Token
	sent  OutgoingMessage
}

func composeExample(t *testing.T, from mailboxes.Mailbox, letter OutgoingMessage) composed {
	t.Helper()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	c := composed{links: linktoken.Links{Signer: signer, Base: "https://track.acme.test"}, token: linktoken.Token{Org: uuid.UUID{1}, Message: uuid.UUID{2}}, sent: letter}
	if c.raw, err = outgoing.Compose(c.links, c.token, from, letter, time.Unix(1.8e9, 0).UTC()); err != nil {
		t.Fatal(err)
	}
	if c.Message, err = mail.ReadMessage(strings.NewReader(string(c.raw))); err != nil {
		t.Fatal(err)
	}
	c.readParts(t)
	return c
}

// readParts reads text and HTML with the standard library, not with what wrote them.
func (c *composed) readParts(t *testing.T) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		c.text = decodePart(t, c.Header.Get("Content-Transfer-Encoding"), c.Body)
		return
	}
	for parts := multipart.NewReader(c.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		text := decodePart(t, part.Header.Get("Content-Transfer-Encoding"), part)
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			c.html = text
		} else {
			c.text = text
		}
	}
}

var (
	clickLink = regexp.MustCompile(`https://track\.acme\.test/t/c/([A-Za-z0-9_-]{63})`)
	htmlLink  = regexp.MustCompile(`<a href="([^"]*)"`)
)

// textDestinations are where the tracked links of the text lead, in their order.
func (c *composed) textDestinations(t *testing.T) (to []string) {
	t.Helper()
	for _, m := range clickLink.FindAllStringSubmatch(c.text, -1) {
		to = append(to, c.destinationOf(t, m[1]))
	}
	return to
}

// htmlDestinations are where the tracked links of the HTML lead; each must be a link of ours and no more.
func (c *composed) htmlDestinations(t *testing.T) (to []string) {
	t.Helper()
	for _, m := range htmlLink.FindAllStringSubmatch(c.html, -1) {
		href := html.UnescapeString(m[1])
		if token, ok := strings.CutPrefix(href, c.links.Base+"/t/c/"); ok {
			if href != c.links.TrapLink(c.token) {
				to = append(to, c.destinationOf(t, token))
			}
		} else if href != c.links.Unsubscribe(c.token) && href != c.links.Booking(c.token) {
			to = append(to, href)
		}
	}
	return to
}

func (c *composed) destinationOf(t *testing.T, token string) string {
	t.Helper()
	got, err := c.links.Signer.Verify(linktoken.Click, token)
	if err != nil {
		return "no link: " + token
	}
	to, ok := got.Destination(c.sent.Body, c.links.Base)
	if !ok {
		return fmt.Sprintf("no destination %d", got.Link)
	}
	return to
}

func TestLinksLeadWhereTheyWereWrittenTo(t *testing.T) {
	t.Parallel()
	wrong := 0
	for _, x := range ordinaryLinks() {
		c := composeExample(t, mailboxes.Mailbox{Address: "jane@sender.test"}, OutgoingMessage{To: "bob@example.com", Subject: "x", Body: x.body, TrackOpens: true, TrackClicks: true})
		text, inHTML := c.textDestinations(t), c.htmlDestinations(t)
		if !slices.Equal(text, x.want) || !slices.Equal(inHTML, x.want) {
			t.Errorf("%q: text leads to %q, HTML to %q, want %q", x.body, text, inHTML, x.want)
			wrong++
		}
	}
	if wrong > 0 {
		t.Logf("%d of %d", wrong, len(ordinaryLinks()))
	}
}

func decodePart(t *testing.T, encoding string, r io.Reader) string {
	t.Helper()
	switch encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}
