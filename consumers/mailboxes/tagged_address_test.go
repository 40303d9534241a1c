package mailboxes

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// verify tries the mailbox of a post and gives the newest result of each check.
func verify(t *testing.T, p *reactortest.Post) map[string]commands.MailboxCheck {
	t.Helper()
	return verifyWith(t, p, serversOf(p))
}

func serversOf(p *reactortest.Post) worker.Direct {
	return worker.Direct{SMTP: smtp.Options{Dialer: p.Dialer}, IMAP: imap.Options{Dialer: p.Dialer}}
}

func verifyWith(t *testing.T, p *reactortest.Post, servers worker.Servers) map[string]commands.MailboxCheck {
	t.Helper()
	v, err := NewVerifier(VerifyConfig{Mailboxes: p, Secrets: p, Commands: p.Boundary, Signer: p.Signer, Servers: servers,
		Lookup: func(context.Context, string) ([]string, error) { return nil, &net.DNSError{IsNotFound: true} }, Now: time.Now, Patience: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.handleConnected(context.Background(), reactortest.Fact(t, es.NewID(), events.MailboxChecksRequested{MailboxRef: events.MailboxRef{MailboxID: p.Box.ID}})); err != nil {
		t.Fatal(err)
	}
	found := map[string]commands.MailboxCheck{}
	for _, c := range reactortest.Of[commands.RecordMailboxChecks](t, p.Boundary) {
		for _, x := range c.Checks {
			found[x.Check] = x
		}
	}
	return found
}

func TestATagThatComesBackIsOffered(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		noTags  bool
		address string
		outcome string
		says    string
	}{
		"a server that knows tags":              {false, reactortest.Jane, events.CheckPassed, ""},
		"a server that knows none":              {true, reactortest.Jane, events.CheckFailed, "550 5.1.1"},
		"an address that has no room for a tag": {false, strings.Repeat("j", 24) + "@acme.test", events.CheckFailed, "too long"},
		"a mailbox that has a + of its own":     {false, "jane+sdr@acme.test", events.CheckPassed, ""},
		"one with a + of its own, and no tags":  {true, "jane+sdr@acme.test", events.CheckFailed, "no address with a tag is offered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := reactortest.NewPost(t, func(o *mailserver.Options) { o.NoTags = x.noTags })
			if err := p.Server.AddAccount(x.address, "horse"); err != nil {
				t.Fatal(err)
			}
			p.Box.Address, p.Box.SMTP.Username, p.Box.IMAP.Username = x.address, x.address, x.address
			found := verify(t, p)
			if found[events.CheckReadBack].Outcome != events.CheckPassed {
				t.Fatalf("found %+v", found)
			}
			if got := found[events.CheckTaggedAddress]; got.Outcome != x.outcome || !strings.Contains(got.Detail, x.says) || strings.Contains(got.Detail, "acme.test") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTagsOfAMailboxThatCannotBeReadAreNotTried(t *testing.T) {
	t.Parallel()
	p := reactortest.NewPost(t)
	p.Box.IMAP.Port = 1
	if got := verify(t, p)[events.CheckTaggedAddress]; got.Outcome != events.CheckUnknown || !strings.HasPrefix(got.Detail, skipped) {
		t.Errorf("got %+v", got)
	}
}

// A mailbox that is tried for the first time is read from there on, so that what comes late is found; one that was read before isn't moved.
func TestAMailboxIsReadFromWhereItWasTried(t *testing.T) {
	t.Parallel()
	p := reactortest.NewPost(t)
	p.Deliver(t, "old", "X-Old: mail", "Hello")
	verify(t, p)
	read := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary)
	if len(read) != 1 || read[0].UID != 1 || read[0].Folder != imap.Inbox || read[0].UIDValidity == 0 {
		t.Fatalf("read %+v", read)
	}
	p.Box.Cursor = imap.Cursor{Validity: uint32(read[0].UIDValidity), Next: 1}
	verify(t, p)
	if read := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary); len(read) != 1 {
		t.Errorf("read %+v", read)
	}
}
