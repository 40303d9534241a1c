package imap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"outrider/internal/dial"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

func setup(t *testing.T, security transport.Security, o imap.Options) (*mailtest.IMAP, *imap.Client) {
	t.Helper()
	ca := mailtest.NewCA(t)
	server := mailtest.NewIMAP(t, ca, security)
	o.Dialer = transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}
	client := imap.New(server.Account, o)
	t.Cleanup(client.Close)
	return server, client
}

func message(i int) string { return fmt.Sprintf("Subject: %d\r\n\r\nbody\r\n", i) }

func poll(t *testing.T, c *imap.Client, folder string, from imap.Cursor) imap.Batch {
	t.Helper()
	batch, err := c.Poll(t.Context(), folder, from)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func expect(t *testing.T, got imap.Batch, want ...int) {
	t.Helper()
	var texts []string
	for _, m := range got.Messages {
		texts = append(texts, string(m.Raw))
		if m.Received.IsZero() || m.UID == 0 || m.Truncated {
			t.Errorf("got %+v", m)
		}
	}
	var wanted []string
	for _, i := range want {
		wanted = append(wanted, message(i))
	}
	if strings.Join(texts, "|") != strings.Join(wanted, "|") {
		t.Errorf("got %q, want %q", texts, wanted)
	}
}

func TestOnlyWhatIsNewIsReadAndStaysUnread(t *testing.T) {
	t.Parallel()
	for _, security := range []transport.Security{transport.Implicit, transport.StartTLS} {
		t.Run(string(security), func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
			server, client := setup(t, security, imap.Options{Now: func() time.Time { return now }})
			server.Deliver(t, imap.Inbox, message(1)) // before the mailbox was connected
			first := poll(t, client, imap.Inbox, imap.Cursor{})
			expect(t, first)
			if !first.ReadAt.Equal(now) || first.Next.Next != 2 {
				t.Errorf("got %+v", first)
			}
			server.Deliver(t, imap.Inbox, message(2))
			server.Deliver(t, imap.Inbox, message(3))
			now = now.Add(time.Hour)
			second := poll(t, client, imap.Inbox, first.Next)
			expect(t, second, 2, 3)
			if !second.ReadAt.Equal(now) || second.More || second.Reset {
				t.Errorf("got %+v", second)
			}
			expect(t, poll(t, client, imap.Inbox, second.Next))
			expect(t, poll(t, client, imap.Inbox, first.Next), 2, 3) // as after a crash before the cursor was stored
			if n := server.Unread(t, imap.Inbox); n != 3 {
				t.Errorf("%d of 3 are unread", n)
			}
			if security == transport.Implicit {
				if wire := server.Wire(); strings.Contains(wire, " SELECT ") || !strings.Contains(wire, " EXAMINE ") || strings.Contains(wire, "BODY[])") {
					t.Errorf("wire: %s", wire)
				}
			}
		})
	}
}

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]imap.Options{
		"in messages": {MaxMessages: 2},
		"in bytes":    {MaxBatchBytes: int64(2*len(message(1)) + 5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := setup(t, transport.Implicit, o)
			at := poll(t, client, imap.Inbox, imap.Cursor{}).Next
			for i := range 5 {
				server.Deliver(t, imap.Inbox, message(i))
			}
			for _, want := range [][]int{{0, 1}, {2, 3}, {4}, {}} {
				batch := poll(t, client, imap.Inbox, at)
				expect(t, batch, want...)
				if more := len(want) == 2; batch.More != more || batch.ReadAt.IsZero() != more {
					t.Errorf("after %v: more %v, read at %v", want, batch.More, batch.ReadAt)
				}
				at = batch.Next
			}
		})
	}
}

func TestAHugeMessageIsCut(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{MaxMessageBytes: 1000, MaxBatchBytes: 100})
	at := poll(t, client, imap.Inbox, imap.Cursor{}).Next
	server.Deliver(t, imap.Inbox, "Subject: huge\r\n\r\n"+strings.Repeat("x", 5000))
	server.Deliver(t, imap.Inbox, message(1))
	batch := poll(t, client, imap.Inbox, at)
	if len(batch.Messages) != 1 || len(batch.Messages[0].Raw) != 1000 || !batch.Messages[0].Truncated || !strings.HasPrefix(string(batch.Messages[0].Raw), "Subject: huge") {
		t.Fatalf("got %d messages", len(batch.Messages))
	}
	expect(t, poll(t, client, imap.Inbox, batch.Next), 1)
}

func TestAFolderWhoseNumberingBeganAnewIsReadAgain(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{})
	at := poll(t, client, imap.Inbox, imap.Cursor{}).Next
	for i := range 3 {
		server.Deliver(t, imap.Inbox, message(i))
	}
	at = poll(t, client, imap.Inbox, at).Next
	if err := server.User.Delete(imap.Inbox); err != nil {
		t.Fatal(err)
	}
	server.Create(t, imap.Inbox)
	server.Deliver(t, imap.Inbox, message(7))
	batch := poll(t, client, imap.Inbox, at)
	expect(t, batch, 7)
	if !batch.Reset || batch.Next.Validity == at.Validity {
		t.Errorf("got %+v after %+v", batch, at)
	}
	server.Deliver(t, imap.Inbox, message(8))
	again := poll(t, client, imap.Inbox, batch.Next)
	expect(t, again, 8)
	if again.Reset {
		t.Error("reset twice")
	}
}

func TestALostConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{})
	at := poll(t, client, imap.Inbox, imap.Cursor{}).Next
	server.Deliver(t, imap.Inbox, message(1))
	if n := server.Hangup(); n != 1 {
		t.Fatalf("%d connections", n)
	}
	batch := poll(t, client, imap.Inbox, at)
	expect(t, batch, 1)
	expect(t, poll(t, client, imap.Inbox, batch.Next))
	if n := server.Hangup(); n != 1 {
		t.Errorf("%d more connections, want 1", n)
	}
}

func TestTheSentFolderIsFound(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{})
	if name, err := client.SentFolder(t.Context()); err != nil || name != "" {
		t.Errorf("got %q, %v", name, err)
	}
	server.Create(t, "Folders/Sent Items")
	name, err := client.SentFolder(t.Context())
	if err != nil || name != "Folders/Sent Items" {
		t.Fatalf("got %q, %v", name, err)
	}
	at := poll(t, client, name, imap.Cursor{}).Next
	server.Deliver(t, name, message(1))
	server.Deliver(t, imap.Inbox, message(2))
	expect(t, poll(t, client, name, at), 1)
}

func TestFailuresSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	server := mailtest.NewIMAP(t, ca, transport.Implicit)
	ours := transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}
	wrong := server.Account
	wrong.Password = "x"
	if err := imap.New(wrong, imap.Options{Dialer: ours}).Verify(t.Context()); !errors.Is(err, imap.ErrLogin) {
		t.Errorf("got %v", err)
	}
	away := server.Account
	away.Host = "192.0.2.1"
	if err := imap.New(away, imap.Options{Dialer: transport.Dialer{LoopbackOnly: true}}).Verify(t.Context()); !errors.Is(err, dial.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	client := imap.New(server.Account, imap.Options{Dialer: ours})
	defer client.Close()
	if err := client.Verify(t.Context()); err != nil {
		t.Errorf("got %v", err)
	}
	if _, err := client.Poll(t.Context(), "nowhere", imap.Cursor{}); err == nil || !strings.Contains(err.Error(), "No such mailbox") {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Poll(cancelled, imap.Inbox, imap.Cursor{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	expect(t, poll(t, client, imap.Inbox, imap.Cursor{})) // and it goes on
}
