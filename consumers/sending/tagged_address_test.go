package sending

import (
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/es"
	"outrider/internal/linktoken"
)

// Where tags don't come back, nothing in a message is an address with one, and a mail can unsubscribe all the same.
func TestNoTagIsOfferedThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: []byte(strings.Repeat("s", 32))})
	if err != nil {
		t.Fatal(err)
	}
	token := linktoken.Token{Org: es.NewID(), Message: es.NewID()}
	for name, x := range map[string]struct {
		box       mailboxes.Mailbox
		tagged    bool
		unsubject string
	}{
		"tags come back":     {mailboxes.Mailbox{Address: "jane@sender.test"}, true, "unsubscribe"},
		"they don't":         {mailboxes.Mailbox{Address: "jane@sender.test", NoTags: true}, false, "unsubscribe " + signer.Tag(linktoken.Unsubscribe, token)},
		"no room for a tag":  {mailboxes.Mailbox{Address: strings.Repeat("j", 24) + "@sender.test"}, false, "unsubscribe " + signer.Tag(linktoken.Unsubscribe, token)},
		"a + of its own, no": {mailboxes.Mailbox{Address: "jane+sdr@sender.test", NoTags: true}, false, "unsubscribe " + signer.Tag(linktoken.Unsubscribe, token)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := outgoing.Compose(linktoken.Links{Signer: signer, Base: "https://acme.test"}, token, x.box, OutgoingMessage{To: "bob@example.com", Subject: "x", Body: "Hello"}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(strings.NewReader(string(raw)))
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Header.Get("Reply-To"); (got != "") != x.tagged {
				t.Errorf("Reply-To: %q", got)
			}
			_, to, _ := strings.Cut(m.Header.Get("List-Unsubscribe"), "<mailto:")
			u, err := url.Parse("mailto:" + strings.TrimSuffix(strings.TrimSpace(to), ">"))
			if err != nil {
				t.Fatal(err)
			}
			address, _ := url.PathUnescape(u.Opaque)
			if (address == x.box.Address) == x.tagged || u.Query().Get("subject") != x.unsubject {
				t.Errorf("mailto %q, subject %q", address, u.Query().Get("subject"))
			}
		})
	}
}
