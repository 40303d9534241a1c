package sending

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// post is a sender with one message to send, and what the read side shows of it.
type post struct {
	*reactortest.Post
	send   *SendReactor
	letter OutgoingMessage
	asked  func() // when the letter is; nil: nothing
}

func (p *post) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (OutgoingMessage, error) {
	if p.asked != nil {
		p.asked()
	}
	return p.letter, nil
}

func setupPost(t *testing.T, change ...func(*mailserver.Options)) *post {
	t.Helper()
	p := &post{Post: reactortest.NewPost(t, change...)}
	p.letter = OutgoingMessage{LeadID: p.Lead, To: reactortest.Bob, Subject: "A question", Body: "Hello Bob, see https://example.com/a.",
		Footer: "Acme, 1 Main St", TrackOpens: true, TrackClicks: true, Previous: []uuid.UUID{es.NewID()}}
	var err error
	if p.send, err = NewSendReactor(SendConfig{Outbox: p, Keys: reactortest.Ring{}, Secrets: p, Commands: p.Boundary, Links: linktoken.Links{Signer: p.Signer, Base: "https://acme.test"},
		Servers: worker.Direct{SMTP: smtp.Options{Dialer: p.Dialer}}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.send.Close)
	return p
}

// claimed claims the message and gives the fact of it.
func (p *post) claimed(t *testing.T, lease time.Duration) *es.Event {
	t.Helper()
	if _, err := p.send.Claim(context.Background(), p.Org, p.Box.ID, []uuid.UUID{p.Message}, time.Now()); err != nil {
		t.Fatal(err)
	}
	e := reactortest.Fact(t, p.Org, events.MessageClaimed{MessageRef: events.MessageRef{MessageID: p.Message, LeadID: p.Lead}, MailboxID: p.Box.ID, LeaseUntil: time.Now().Add(lease)})
	e.CommandID = p.Submitted[len(p.Submitted)-1].ID
	return e
}

func (p *post) handle(t *testing.T, e *es.Event) {
	t.Helper()
	if _, err := p.send.handleClaimed(context.Background(), e); err != nil {
		t.Fatal(err)
	}
}

func TestAClaimedMessageIsSentOnceAndItsResultRecorded(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	e := p.claimed(t, 30*time.Second)
	p.handle(t, e)
	p.handle(t, e) // the event comes again
	got := p.Arrived(t)
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if len(results) != 1 || !results[0].Results[0].Sent || results[0].Results[0].MessageID != p.Message || results[0].MailboxID != p.Box.ID {
		t.Errorf("results %+v", results)
	}
	x := inbound.Read(got[0].Raw)
	if token, err := p.Signer.VerifyMessageID(x.MessageID); err != nil || token.Message != p.Message || token.Org != p.Org {
		t.Errorf("Message-ID %q: %v", x.MessageID, err)
	}
	raw := strings.ReplaceAll(string(got[0].Raw), "=\r\n", "")
	for _, want := range []string{"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "jane+", "In-Reply-To: <", "https://acme.test/t/c/", "https://acme.test/t/o/", "Acme, 1 Main St"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the message lacks %q", want)
		}
	}
	if strings.Contains(raw, "example.com") {
		t.Error("the destination stands in the message")
	}
}

func TestAClaimThatIsNotOursIsNotSent(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	e := p.claimed(t, 30*time.Second)
	e.CommandID = es.NewID()
	p.handle(t, e)
	if got := p.Arrived(t); len(got) != 0 || len(reactortest.Of[commands.RecordResults](t, p.Boundary)) != 0 {
		t.Errorf("%d messages arrived", len(got))
	}
}

func TestNothingIsSentBehindTheLease(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.handle(t, p.claimed(t, time.Second)) // less than the margin
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if got := p.Arrived(t); len(got) != 0 || len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].Code != 0 {
		t.Errorf("%d messages arrived, results %+v", len(got), results)
	}
}

func TestAnUnknownRecipientIsRefusedAtRCPT(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.letter.To = "nobody@acme.test"
	p.handle(t, p.claimed(t, 30*time.Second))
	results := reactortest.Of[commands.RecordResults](t, p.Boundary)
	if len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].Code != 550 || results[0].Results[0].Stage != "rcpt" {
		t.Errorf("results %+v", results)
	}
}

// The same again would be refused again: it is said what is wrong, once, and nothing is tried.
func TestAMessageOfWhichNoMailCanBeMadeIsHeldWithItsReason(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		spoil func(*OutgoingMessage)
		want  string
	}{
		"nothing to read":              {func(l *OutgoingMessage) { l.Body = " \n\u200b\n" }, "the text is blank"},
		"a line break in the subject":  {func(l *OutgoingMessage) { l.Subject = "Hi\r\nBcc: all@example.com" }, "a line break in Subject"},
		"an address that hides a mark": {func(l *OutgoingMessage) { l.To = "bob\u202e@acme.test" }, "To is no address"},
		"an address that is several":   {func(l *OutgoingMessage) { l.To = "a@acme.test, b@acme.test" }, "To is no address"},
		"no address":                   {func(l *OutgoingMessage) { l.To = "" }, "To is no address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := setupPost(t)
			x.spoil(&p.letter)
			p.handle(t, p.claimed(t, 30*time.Second))
			results := reactortest.Of[commands.RecordResults](t, p.Boundary)
			if len(p.Arrived(t)) != 0 || len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].SMTPReply != (events.SMTPReply{Stage: events.StageCompose, Text: x.want}) {
				t.Errorf("results %+v", results)
			}
		})
	}
}
