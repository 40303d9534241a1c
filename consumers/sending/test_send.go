package sending

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/smtp"
	"outrider/internal/pii"
	"outrider/internal/retry"
	"outrider/internal/template"
)

// Test is a test send as it was written.
type Test struct {
	outgoing.Sample

	To string // the member's address, or the mailbox's
}

// Tests is the read side that the sender of tests needs; it returns ErrGone for what no longer exists.
type Tests interface {
	TestSend(ctx context.Context, org, test uuid.UUID) (Test, error)
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
}

// Hashes are an organisation's keyed hashes; pii.Vault has them.
type Hashes interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
}

// TestConfig is what the sender of tests needs.
type TestConfig struct {
	Tests    Tests
	Hashes   Hashes
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	Send     *SendReactor // whose connections it uses
	Await    reaction.Await
	Now      func() time.Time
	Log      *slog.Logger
}

// TestReactor sends texts of campaigns to members who want to see how they arrive. It is as careful as with any message: one claim, one try, and what nobody
// knows is in doubt and never sent again.
type TestReactor struct{ TestConfig }

// NewTestReactor returns a sender of tests, or an error that names what is missing.
func NewTestReactor(c TestConfig) (*TestReactor, error) {
	return &TestReactor{c}, reaction.Required{"tests": c.Tests != nil, "hashes": c.Hashes != nil, "secrets": c.Secrets != nil, "commands": c.Commands != nil, "send": c.Send != nil, "now": c.Now != nil, "log": c.Log != nil}.Check("sender of tests")
}

// Reactor returns how it is run.
func (s *TestReactor) Reactor() react.Reactor {
	return react.Reactor{Name: "test send", Wants: reaction.WantEvents(events.TestSendRequested{}), Concurrency: 32, PerOrg: 4, Handle: s.handleRequested}
}

func (s *TestReactor) handleRequested(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	asked, ok := p.(events.TestSendRequested)
	if !ok {
		return nil, nil
	}
	if err := s.Await.For(ctx, e, "test_sends", "campaigns", "mailboxes", "leads", "members", "sender_domains", "organizations"); err != nil {
		return nil, err
	}
	m, domain, err := s.prepare(ctx, e.Org, asked)
	why, never := neverSendable(err)
	if err != nil && !never {
		return nil, err // nothing was claimed: it is tried again
	}
	lease, err := s.claim(ctx, e, asked, domain)
	if err != nil || lease.IsZero() {
		return nil, err
	}
	done := commands.FinishTestSend{TestSendRef: asked.TestSendRef, Outcome: events.TestSendRefused, SMTPReply: events.SMTPReply{Stage: events.StageCompose, Text: why}}
	if !never {
		done.Outcome, done.SMTPReply = s.sendWithin(ctx, m, lease)
	}
	done.At = s.Now().UTC().Truncate(time.Microsecond)
	id := es.NewID() // one that is finished changes nothing
	return nil, retry.Do(ctx, retry.Policy{First: 100 * time.Millisecond, Attempts: 8}, func() error {
		_, err := reaction.Submit(ctx, s.Commands, reaction.CausedBy(e, "test send"), id, s.Now(), done)
		return err
	})
}

// neverSendable reports whether an error stands for ever, and what to say of it. Errors of templates may hold personal data, and aren't said.
func neverSendable(err error) (why string, never bool) {
	wrong := (*template.FieldError)(nil)
	switch {
	case errors.Is(err, compose.ErrInvalid):
		why, _ = invalidText(err)
		return reaction.HideAddresses(why), true
	case errors.Is(err, reaction.ErrGone):
		return "what it needs is not there any more", true
	case errors.As(err, &wrong), errors.Is(err, template.ErrTooLong), errors.Is(err, outgoing.ErrFill):
		return "the text can't be filled in", true
	}
	return "", false
}

// prepare returns the mail, ready to be handed over, and the keyed hash of its recipient's domain.
func (s *TestReactor) prepare(ctx context.Context, org uuid.UUID, asked events.TestSendRequested) (m preparedResponse, domain string, err error) {
	h, err := s.Hashes.Hasher(ctx, org)
	if err != nil {
		return m, "", err
	}
	domain = h.DomainHash("nowhere.invalid").String() // of an address that nobody knows any more
	test, err := s.Tests.TestSend(ctx, org, asked.TestSendID)
	if err != nil {
		return m, domain, err
	}
	_, domain, _ = leads.Hashes(h, test.To)
	from, err := s.Tests.Mailbox(ctx, org, asked.MailboxID)
	if err != nil {
		return m, domain, err
	}
	account, err := mailboxes.AccountOf(ctx, s.Secrets, org, from.SMTP)
	if err != nil {
		return m, domain, err
	}
	m = preparedResponse{sender: s.Send.senderOf(mailboxKey{org, asked.MailboxID}, account), from: from.Address, to: test.To}
	letter := test.Message
	letter.To = test.To
	if m.raw, err = outgoing.Compose(outgoing.LinksOf(s.Links, from, &letter), test.Token, from, letter, s.Now()); err != nil {
		return m, domain, err
	}
	m.raw, err = from.Signing.Sign(ctx, s.Secrets, org, m.raw)
	return m, domain, err
}

// claim returns the end of the lease; zero when there is nothing to send.
func (s *TestReactor) claim(ctx context.Context, e *es.Event, asked events.TestSendRequested, domain string) (lease time.Time, err error) {
	claimed, err := claimOnce[events.TestSendClaimed](ctx, s.Commands, reaction.CausedBy(e, "test send"), s.Now(), commands.ClaimTestSend{TestSendRef: asked.TestSendRef, DomainHash: domain})
	return claimed.LeaseUntil, err
}

func (s *TestReactor) sendWithin(ctx context.Context, m preparedResponse, lease time.Time) (outcome string, said events.SMTPReply) {
	left := lease.Sub(s.Now()) - margin
	if left <= 0 {
		return events.TestSendRefused, events.SMTPReply{Stage: stageOf(smtp.StageConnect), Text: "not begun"}
	}
	sending, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	r := m.send(sending)
	said = events.SMTPReply{Stage: stageOf(r.Stage), Code: r.Code, Enhanced: r.Enhanced, Text: commands.Clip(reaction.HideAddresses(r.Text), 500)}
	if said.Text == "" && r.Err != nil {
		said.Text = commands.Clip(reaction.ErrorText(r.Err), 500)
	}
	switch r.Outcome {
	case smtp.Accepted:
		return events.TestSendSent, said
	case smtp.InDoubt:
		return events.TestSendInDoubt, said
	case smtp.Temporary, smtp.Refused:
	}
	return events.TestSendRefused, said
}
