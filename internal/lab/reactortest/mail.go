package reactortest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
)

// Addresses of our mailbox and of the lead.
const (
	Jane = "jane@acme.test"
	Bob  = "bob@acme.test"
)

// Post is a mail server with a mailbox of ours and a lead's.
type Post struct {
	*Boundary
	Server  *mailserver.Instance
	Signer  *linktoken.Signer
	Org     uuid.UUID
	Lead    uuid.UUID
	Message uuid.UUID
	Box     mailboxes.Mailbox
	Dialer  transport.Dialer
	options mailserver.Options
}

// Mailbox is what the read side shows of the mailbox.
func (p *Post) Mailbox(context.Context, uuid.UUID, uuid.UUID) (mailboxes.Mailbox, error) {
	return p.Box, nil
}

// Secret is mailboxes.Secrets'.
func (p *Post) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	if name == "of mailtest" {
		return []byte("secret"), nil
	}
	return []byte("horse"), nil
}

// NewPost runs a mail server until the test ends.
func NewPost(t *testing.T, change ...func(*mailserver.Options)) *Post {
	t.Helper()
	dir := t.TempDir()
	p := &Post{Boundary: &Boundary{}, Org: es.NewID(), Lead: es.NewID(), Message: es.NewID()}
	options := mailserver.Options{Dir: dir}
	for _, c := range change {
		c(&options)
	}
	p.options = options
	var err error
	if p.Server, err = mailserver.New(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Server.Close() })
	out, outPort := listen(t)
	in, inPort := listen(t)
	serveErr := errors.Join(p.Server.AddAccount(Jane, "horse"), p.Server.AddAccount(Bob, "horse"), p.Server.Serve(mailserver.Listeners{Submissions: out, IMAPS: in}))
	pem, err := os.ReadFile(filepath.Join(dir, mailserver.CAFile))
	roots, rootsErr := transport.RootsWith(pem)
	if err := errors.Join(serveErr, err, rootsErr); err != nil {
		t.Fatal(err)
	}
	p.Signer, p.Dialer = NewSigner(t), transport.Dialer{LoopbackOnly: true, Roots: roots}
	at := func(port int) mailboxes.MailServer {
		return mailboxes.MailServer{Host: "127.0.0.1", Port: port, Security: "tls", Username: Jane, Secret: "s"}
	}
	p.Box = mailboxes.Mailbox{Org: p.Org, ID: es.NewID(), Address: Jane, DisplayName: "Jane", SMTP: at(outPort), IMAP: at(inPort)}
	return p
}

// StopServer ends the mail server: nobody answers any more.
func (p *Post) StopServer(t *testing.T) {
	t.Helper()
	if err := p.Server.Close(); err != nil {
		t.Fatal(err)
	}
}

// StartServer runs it again where it was, for reading.
func (p *Post) StartServer(t *testing.T) {
	t.Helper()
	var err error
	if p.Server, err = mailserver.New(p.options); err != nil {
		t.Fatal(err)
	}
	in, err := loopback.Listen(net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Box.IMAP.Port)))
	if err := errors.Join(err, p.Server.AddAccount(Jane, "horse"), p.Server.AddAccount(Bob, "horse"), p.Server.Serve(mailserver.Listeners{IMAPS: in})); err != nil {
		t.Fatal(err)
	}
}

// NewSigner signs links with a key that all tests have.
func NewSigner(t *testing.T) *linktoken.Signer {
	t.Helper()
	s, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: []byte(strings.Repeat("s", 32))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

// Arrived reads what lies in the lead's inbox.
func (p *Post) Arrived(t *testing.T) []imap.StoredMail {
	t.Helper()
	c := imap.New(transport.ServerLogin{Host: "127.0.0.1", Port: p.Box.IMAP.Port, Username: Bob, Password: "horse"}, imap.Options{Dialer: p.Dialer})
	defer c.Close()
	first, err := c.Poll(context.Background(), imap.Inbox, imap.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Poll(context.Background(), imap.Inbox, imap.Cursor{Validity: first.Next.Validity, Next: 1})
	if err != nil {
		t.Fatal(err)
	}
	return all.Messages
}

// Deliver puts a mail from the lead into our mailbox.
func (p *Post) Deliver(t *testing.T, id, headers, body string) {
	t.Helper()
	text := fmt.Sprintf("From: Bob <%s>\nTo: %s\nSubject: Re: A question\nMessage-ID: <%s@acme.test>\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n%s\n\n%s\n", Bob, Jane, id, headers, body)
	if err := p.Server.Account(Jane).Deliver(mailserver.Inbox, []byte(strings.ReplaceAll(text, "\n", "\r\n")), time.Now()); err != nil {
		t.Fatal(err)
	}
}
