package smtp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"outrider/internal/dial"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

const message = "Subject: hello\r\n\r\n.a dot\r\n..\r\nand the end\r\n"

func setup(t testing.TB, security transport.Security, o smtp.Options) (*mailtest.SMTP, *smtp.Client) {
	t.Helper()
	ca := mailtest.NewCA(t)
	server := mailtest.NewSMTP(t, ca, security)
	o.Dialer.Roots, o.Dialer.LoopbackOnly = ca.Roots, true
	client := smtp.New(server.Account, o)
	t.Cleanup(client.Close)
	return server, client
}

func send(t testing.TB, c *smtp.Client) smtp.Result {
	t.Helper()
	return c.Send(t.Context(), "me@sender.test", "you@example.com", []byte(message))
}

func TestMessagesArriveAsTheyAreOverOneConnection(t *testing.T) {
	t.Parallel()
	for security, sessions := range map[transport.Security]int{transport.Implicit: 1, transport.StartTLS: 2} { // STARTTLS: one each side of it
		t.Run(string(security), func(t *testing.T) {
			t.Parallel()
			server, client := setup(t, security, smtp.Options{})
			for range 3 {
				if r := send(t, client); r.Outcome != smtp.Accepted || r.Stage != smtp.StageData || r.Code != 250 {
					t.Fatalf("got %+v", r)
				}
			}
			got := server.Deliveries()
			if len(got) != 3 {
				t.Fatalf("got %d messages", len(got))
			}
			for _, d := range got {
				if want := (mailtest.ReceivedMail{From: "me@sender.test", To: "you@example.com", Message: message}); d != want {
					t.Errorf("got %+v, want %+v", d, want)
				}
			}
			if all, _ := server.Sessions(); all != sessions {
				t.Errorf("%d sessions for 3 messages", all)
			}
		})
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	answer := func(code int, enhanced gosmtp.EnhancedCode, text string) func(*gosmtp.Conn, string) error {
		return func(*gosmtp.Conn, string) error {
			return &gosmtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
		}
	}
	data := func(f func(*gosmtp.Conn, string) error) func(*gosmtp.Conn, mailtest.ReceivedMail) error {
		return func(c *gosmtp.Conn, _ mailtest.ReceivedMail) error { return f(c, "") }
	}
	hangup := func(c *gosmtp.Conn, _ string) error { return mailtest.Hangup(c) }
	for name, c := range map[string]struct {
		prepare func(*mailtest.SMTP)
		want    smtp.Result
		about   bool
	}{
		"an unknown recipient": {func(s *mailtest.SMTP) {
			s.OnRcpt = answer(550, gosmtp.EnhancedCode{5, 1, 1}, "No such user\nsee https://example.com")
		},
			smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageRecipient, Code: 550, Enhanced: "5.1.1", Text: "No such user see https://example.com"}, true},
		"an answer without an enhanced code": {func(s *mailtest.SMTP) { s.OnRcpt = answer(550, gosmtp.NoEnhancedCode, "5.1 MB is too much") },
			smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageRecipient, Code: 550, Text: "5.1 MB is too much"}, true},
		"greylisting": {func(s *mailtest.SMTP) { s.OnRcpt = answer(451, gosmtp.EnhancedCode{4, 7, 1}, "Later") },
			smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageRecipient, Code: 451, Enhanced: "4.7.1", Text: "Later"}, true},
		"content that is refused": {func(s *mailtest.SMTP) { s.OnData = data(answer(554, gosmtp.EnhancedCode{5, 7, 1}, "Spam")) },
			smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageData, Code: 554, Enhanced: "5.7.1", Text: "Spam"}, true},
		"a full disk": {func(s *mailtest.SMTP) { s.OnData = data(answer(452, gosmtp.EnhancedCode{4, 3, 1}, "Full")) },
			smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageData, Code: 452, Enhanced: "4.3.1", Text: "Full"}, true},
		"a mailbox that may not send": {func(s *mailtest.SMTP) { s.OnMail = answer(550, gosmtp.EnhancedCode{5, 7, 60}, "Not you") },
			smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageSender, Code: 550, Enhanced: "5.7.60", Text: "Not you"}, false},
		"a connection that ends before DATA":    {func(s *mailtest.SMTP) { s.OnRcpt = hangup }, smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageRecipient}, true},
		"a connection that ends after the data": {func(s *mailtest.SMTP) { s.OnData = data(hangup) }, smtp.Result{Outcome: smtp.InDoubt, Stage: smtp.StageData}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, client := setup(t, transport.Implicit, smtp.Options{})
			c.prepare(server)
			got := send(t, client)
			if (got.Err != nil) != (c.want.Code == 0) {
				t.Errorf("got error %v", got.Err)
			}
			got.Err = nil
			if got != c.want || got.AboutMessage() != c.about {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if n := len(server.Deliveries()); n != 0 {
				t.Errorf("%d messages arrived", n)
			}
		})
	}
}

func TestARefusalLeavesTheConnectionUsable(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, smtp.Options{})
	server.OnRcpt = func(_ *gosmtp.Conn, to string) error {
		if to == "nobody@example.com" {
			return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "No"}
		}
		return nil
	}
	for range 2 {
		if r := client.Send(t.Context(), "me@sender.test", "nobody@example.com", []byte(message)); r.Outcome != smtp.Refused {
			t.Fatalf("got %+v", r)
		}
		if r := send(t, client); r.Outcome != smtp.Accepted {
			t.Fatalf("got %+v", r)
		}
	}
	if all, _ := server.Sessions(); all != 1 || len(server.Deliveries()) != 2 {
		t.Errorf("%d sessions, %d messages", all, len(server.Deliveries()))
	}
}

func TestAConnectionThatTheServerClosedWhileIdleIsReplaced(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, smtp.Options{})
	var first *gosmtp.Conn
	server.OnMail = func(c *gosmtp.Conn, _ string) error {
		if first == nil {
			first = c
		}
		return nil
	}
	if r := send(t, client); r.Outcome != smtp.Accepted {
		t.Fatalf("got %+v", r)
	}
	first.Close()
	if r := send(t, client); r.Outcome != smtp.Accepted {
		t.Fatalf("got %+v", r)
	}
	if all, _ := server.Sessions(); all != 2 || len(server.Deliveries()) != 2 {
		t.Errorf("%d sessions, %d messages", all, len(server.Deliveries()))
	}
}

func TestCancellingAfterTheDataIsInDoubt(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, smtp.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	hold := make(chan struct{})
	server.OnData = func(*gosmtp.Conn, mailtest.ReceivedMail) error { cancel(); <-hold; return nil }
	r := client.Send(ctx, "me@sender.test", "you@example.com", []byte(message))
	close(hold)
	if r.Outcome != smtp.InDoubt {
		t.Errorf("got %+v", r)
	}
	if r := client.Send(ctx, "me@sender.test", "you@example.com", []byte(message)); r.Outcome != smtp.Temporary {
		t.Errorf("cancelled before: got %+v", r)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, smtp.Options{MaxConns: 3})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if r := send(t, client); r.Outcome != smtp.Accepted {
				t.Errorf("got %+v", r)
			}
		})
	}
	all.Wait()
	if _, most := server.Sessions(); most > 3 || len(server.Deliveries()) != 40 {
		t.Errorf("%d sessions at once, %d messages", most, len(server.Deliveries()))
	}
}

func TestAnIdleConnectionIsClosed(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	ended := make(chan string, 1)
	script := newScript(t, ca, "PIPELINING")
	script.onEnd = func(last string) { ended <- last }
	client := smtp.New(script.account, smtp.Options{IdleTimeout: time.Millisecond, Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
	if r := send(t, client); r.Outcome != smtp.Accepted {
		t.Fatalf("got %+v", r)
	}
	if last := <-ended; last != "QUIT" {
		t.Errorf("ended with %q", last)
	}
}

func TestVerifySaysWhatIsWrongWithAMailbox(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	server := mailtest.NewSMTP(t, ca, transport.Implicit)
	plain := newScript(t, ca) // offers no STARTTLS
	ours := transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}
	for name, c := range map[string]struct {
		account func(transport.ServerLogin) transport.ServerLogin
		dialer  transport.Dialer
		outcome smtp.DeliveryOutcome
		stage   smtp.Stage
		says    string
	}{
		"all is well":         {func(a transport.ServerLogin) transport.ServerLogin { return a }, ours, smtp.Accepted, smtp.StageAuth, ""},
		"a wrong password":    {func(a transport.ServerLogin) transport.ServerLogin { a.Password = "x"; return a }, ours, smtp.Refused, smtp.StageAuth, "5.7.8 Authentication failed"},
		"an unknown CA":       {func(a transport.ServerLogin) transport.ServerLogin { return a }, transport.Dialer{LoopbackOnly: true}, smtp.Temporary, smtp.StageConnect, "unknown authority"},
		"nobody listens":      {func(a transport.ServerLogin) transport.ServerLogin { a.Port = 1; return a }, ours, smtp.Temporary, smtp.StageConnect, "refused"},
		"no such host":        {func(a transport.ServerLogin) transport.ServerLogin { a.Host = "mail.invalid"; return a }, ours, smtp.Temporary, smtp.StageConnect, "mail.invalid"},
		"no STARTTLS offered": {func(transport.ServerLogin) transport.ServerLogin { return plain.plainAccount(t) }, ours, smtp.Refused, smtp.StageTLS, "offers no STARTTLS: choose TLS"},
		"beyond loopback": {func(a transport.ServerLogin) transport.ServerLogin { a.Host = "192.0.2.1"; return a },
			transport.Dialer{LoopbackOnly: true}, smtp.Temporary, smtp.StageConnect, dial.ErrForbidden.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := smtp.New(c.account(server.Account), smtp.Options{Dialer: c.dialer}).Verify(t.Context())
			if said := fmt.Sprint(r.Enhanced, " ", r.Text, r.Err); r.Outcome != c.outcome || r.Stage != c.stage || !strings.Contains(said, c.says) {
				t.Errorf("got %+v", r)
			}
			if r.AboutMessage() {
				t.Error("blames the message")
			}
		})
	}
}

func TestACommandInAnAddressIsRefused(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, smtp.Options{})
	for _, to := range []string{"", "x", "you@example.com>\r\nRSET\r\n<x@example.com", "<you@example.com>", "you@example.com SIZE=1"} {
		if r := client.Send(t.Context(), "me@sender.test", to, []byte(message)); r.Outcome != smtp.Refused || r.Err == nil {
			t.Errorf("%q: got %+v", to, r)
		}
	}
	if all, _ := server.Sessions(); all != 0 {
		t.Error("it connected")
	}
	if r := client.Send(t.Context(), "", "you@example.com", []byte(message)); r.Outcome != smtp.Accepted {
		t.Errorf("the empty return path: got %+v", r)
	}
	if r := client.Send(t.Context(), "me@sender.test", "jürgen@example.com", []byte(message)); r.Enhanced != "5.6.7" {
		t.Errorf("got %+v", r)
	}
}

func TestResultsCarryTheirError(t *testing.T) {
	t.Parallel()
	client := smtp.New(transport.ServerLogin{Host: "192.0.2.1", Port: 465}, smtp.Options{Dialer: transport.Dialer{LoopbackOnly: true}})
	if r := send(t, client); !errors.Is(r.Err, dial.ErrForbidden) || r.Outcome != smtp.Temporary {
		t.Errorf("got %+v", r)
	}
}
