package sending

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"outrider/commands"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// sentMail reads what lies in our folder of sent mail, once the copies that are under way are there.
func (p *post) sentMail(t *testing.T) [][]byte {
	t.Helper()
	p.send.copies.open.Wait()
	all, err := p.Server.Account(reactortest.Jane).Messages(mailserver.Sent)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (p *post) reads() {
	p.send.Servers = worker.Direct{SMTP: smtp.Options{Dialer: p.Dialer}, IMAP: imap.Options{Dialer: p.Dialer}}
}

func TestACopyOfWhatWasSentIsKeptWhereItIsWanted(t *testing.T) {
	t.Parallel()
	p := setupPost(t, func(o *mailserver.Options) { o.NoSent = true })
	p.reads()
	p.handle(t, p.claimed(t, 30*time.Second))
	if n := len(p.sentMail(t)); n != 0 {
		t.Errorf("%d copies that nobody wants", n)
	}
	p.Box.KeepCopies, p.Message = true, es.NewID()
	p.handle(t, p.claimed(t, 30*time.Second))
	arrived, copies := p.Arrived(t), p.sentMail(t)
	if len(arrived) != 2 || len(copies) != 1 {
		t.Fatalf("%d arrived, %d copies", len(arrived), len(copies))
	}
	if got, sent := string(copies[0]), string(arrived[1].Raw); len(sent) < len(got) || sent[len(sent)-len(got):] != got { // the receiver has put its trace before it
		t.Errorf("the copy is\n%s\nsent was\n%s", got, sent)
	}
	there := p.Box.IMAP.Port
	p.Box.IMAP.Port, p.Message = 1, es.NewID() // nobody is there
	p.handle(t, p.claimed(t, 30*time.Second))
	copies = p.sentMail(t)
	p.Box.IMAP.Port = there
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if last := results[len(results)-1].Results[0]; !last.Sent || len(copies) != 1 || len(p.Arrived(t)) != 3 {
		t.Errorf("a copy that can't be kept changes what is told: %+v", last)
	}
}

func TestAServerThatKeepsCopiesIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := setupPost(t) // this one does
	p.reads()
	p.Box.KeepCopies = true
	p.handle(t, p.claimed(t, 30*time.Second))
	if n := len(p.sentMail(t)); n != 1 {
		t.Errorf("%d copies", n)
	}
	for host, itself := range map[string]bool{"smtp.gmail.com": true, "smtp.office365.com": true, "SMTP.Gmail.com": true, "mail.example.com": false, "notgmail.com": false} {
		if keepsCopies(host) != itself {
			t.Errorf("%s: %v", host, !itself)
		}
	}
}

func TestASignatureStandsBelowTheTextAndAboveTheFooter(t *testing.T) {
	t.Parallel()
	links := linktoken.Links{Signer: reactortest.NewSigner(t), Base: "https://acme.test"}
	from := mailboxes.Mailbox{Address: "jane@acme.test", Signature: mailboxes.Signature{Text: "Jane <Doe>\nhttps://acme.test/me"}}
	for name, c := range map[string]struct {
		html, want string
	}{
		"made of the text": {"", `Hello<br>` + "\n" + `<br>` + "\n" + `Jane &lt;Doe&gt;<br>`},
		"of its own":       {"<b>Jane</b>", `Hello<br>` + "\n" + `<br>` + "\n" + `<b>Jane</b><br>` + "\n" + `<br>` + "\n" + `-- <br>`},
	} {
		from.Signature.HTML = c.html
		token := linktoken.Token{Org: es.NewID(), Message: es.NewID()}
		text, html := textsOf(t, links, token, from, OutgoingMessage{To: "bob@example.com", Subject: "Hi", Body: "Hello\n", Footer: "Acme, Main Street 1", TrackOpens: true})
		if previewed := (compose.Letter{Body: "Hello\n", Signature: from.Signature.Text, Footer: "Acme, Main Street 1", Unsubscribe: links.Unsubscribe(token)}); text != previewed.Text() {
			t.Errorf("%s: sent is %q, previewed %q", name, text, previewed.Text())
		}
		if want := "Hello\n\nJane <Doe>\nhttps://acme.test/me\n\n-- \nAcme, Main Street 1\nUnsubscribe: "; len(text) < len(want) || text[:len(want)] != want {
			t.Errorf("%s: the text is %q", name, text)
		}
		if !strings.Contains(html, c.want) {
			t.Errorf("%s: the page is %q", name, html)
		}
	}
}

// textsOf returns the text and the page of a message.
func textsOf(t *testing.T, links linktoken.Links, token linktoken.Token, from mailboxes.Mailbox, letter OutgoingMessage) (text, page string) {
	t.Helper()
	raw, err := outgoing.Compose(links, token, from, letter, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []*string{&text, &page} {
		part, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		*to = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	return text, page
}
