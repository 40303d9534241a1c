package inbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// clocked is a monitor whose clock goes on by a minute with every round.
type clocked struct {
	*Monitor
	now time.Time
}

func (p *post) clocked(t *testing.T) *clocked {
	t.Helper()
	c := &clocked{Monitor: p.monitor(t), now: reactortest.Noon()}
	c.Monitor.Now = func() time.Time { return c.now }
	t.Cleanup(c.Close)
	return c
}

func (c *clocked) rounds(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := c.Round(context.Background()); err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(time.Minute)
	}
}

// told is what was recorded of reading a mailbox: reasons, and "read" for its end.
func (p *post) told(t *testing.T) (out []string) {
	t.Helper()
	for _, c := range p.Submitted {
		switch c.Type {
		case (commands.RecordReadingFailed{}).CommandType():
			var x commands.RecordReadingFailed
			if err := es.Unmarshal(c.Data, &x); err != nil || x.Since.After(x.TriedAt) {
				t.Fatalf("%+v, %v", x, err)
			}
			out = append(out, x.Reason)
		case (commands.RecordReadingRecovered{}).CommandType():
			out = append(out, "read")
		}
	}
	return out
}

func (p *post) wantTold(t *testing.T, when string, want ...string) {
	t.Helper()
	got := p.told(t)
	if len(got) != len(want) {
		t.Fatalf("%s: told %v, want %v", when, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: told %v, want %v", when, got, want)
		}
	}
}

func TestAMailboxThatCannotBeReadIsToldOfOnce(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.clocked(t)
	m.rounds(t, 2)
	p.wantTold(t, "while it is read")
	p.StopServer(t)
	m.rounds(t, 2)
	p.wantTold(t, "its server may only start again")
	m.rounds(t, 20)
	p.wantTold(t, "its server is gone", events.ReadingUnreachable)

	// Another process, which sees what was recorded.
	p.Box.Unread = events.ReadingUnreachable
	again := p.clocked(t)
	again.rounds(t, 20)
	p.wantTold(t, "our process has started again", events.ReadingUnreachable)
	p.StartServer(t)
	again.rounds(t, 3) // the read model still shows what was recorded before
	p.wantTold(t, "its server is back", events.ReadingUnreachable, "read")
	p.Box.Unread = ""
	again.rounds(t, 3)
	p.wantTold(t, "and stays", events.ReadingUnreachable, "read")
}

func TestAServerThatIsAwayForAMomentIsNoNews(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.clocked(t)
	for range 3 {
		p.StopServer(t)
		m.rounds(t, troubleTries-1)
		p.StartServer(t)
		m.rounds(t, 1)
	}
	p.wantTold(t, "it comes and goes")
}

func TestARefusedSignInIsToldAndThenWhatComesOfIt(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.clocked(t)
	p.Box.IMAP.Secret = "of mailtest" // another server's password
	m.rounds(t, 8)
	p.wantTold(t, "the password is wrong", events.ReadingSignIn)
	p.StopServer(t)
	m.rounds(t, 3)
	p.wantTold(t, "another reason so soon", events.ReadingSignIn)
	m.rounds(t, 10)
	p.wantTold(t, "another reason", events.ReadingSignIn, events.ReadingUnreachable)
	p.StartServer(t)
	p.Box.IMAP.Secret = "s" // it is connected anew, which ends what was told of the old connection
	m.rounds(t, 3)
	p.wantTold(t, "connected anew", events.ReadingSignIn, events.ReadingUnreachable)
}

func TestATroubleOfOursIsNotTheMailServers(t *testing.T) {
	t.Parallel()
	p, _ := answered(t)
	m := p.clocked(t)
	p.Fail = failing(commands.RecordMailboxRead{})
	m.rounds(t, 8)
	p.wantTold(t, "what was read isn't recorded")
}

func TestWhatAServerDoesHasAReason(t *testing.T) {
	t.Parallel()
	silent := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	for want, err := range map[string]error{
		events.ReadingUnreachable: fmt.Errorf("dial 192.0.2.1:993 %w: %w", dial.ErrUnreachable, os.ErrDeadlineExceeded), // nothing more is told of what can't be reached
		events.ReadingSilent:      transport.ExplainGreeting("IMAP", silent),
		events.ReadingHungUp:      transport.ExplainGreeting("IMAP", io.EOF),
		events.ReadingInsecure:    transport.ExplainTLS("mail.example", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "mail.example"}),
		events.ReadingNoServer:    transport.NoServer("IMAP"),
		events.ReadingSignIn:      fmt.Errorf("%w: no", imap.ErrLogin),
		events.ReadingOther:       errors.New("INBOX is gone"),
	} {
		if got := readingReason(&pollError{err}); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
	for _, err := range []error{worker.ErrCrashed, worker.ErrOverran, worker.ErrResting} {
		if got := readingReason(err); got != "" {
			t.Errorf("%v is %q", err, got)
		}
	}
}
