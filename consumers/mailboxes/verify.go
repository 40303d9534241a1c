// Package mailboxes tries mailboxes that were connected.
package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/senderdns"
	"outrider/internal/mail/smtp"
)

// Mailboxes is the read side that verifying needs; reaction.ErrGone for a mailbox that is no more.
type Mailboxes interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
}

// VerifyConfig is what the mailbox verifier works with.
type VerifyConfig struct {
	Mailboxes Mailboxes
	Secrets   mailboxes.Secrets
	Commands  reaction.Commander
	SMTP      smtp.Options
	IMAP      imap.Options
	Lookup    senderdns.LookupTXT
	Await     reaction.Await
	Now       func() time.Time
	Patience  time.Duration // real time for a message to itself to arrive; 0 = 60 s
}

// Verifier tries a mailbox that was connected: it signs in, writes to itself and reads that back, and looks at what the domain
// publishes. Each result is recorded by itself.
type Verifier struct {
	VerifyConfig
}

// NewVerifier makes a mailbox verifier; an error names what is missing.
func NewVerifier(c VerifyConfig) (*Verifier, error) {
	if err := (reaction.Required{"mailboxes": c.Mailboxes != nil, "commands": c.Commands != nil, "now": c.Now != nil}).Check("mailbox verifier"); err != nil {
		return nil, err
	}
	return &Verifier{VerifyConfig: c}, nil
}

// Reactor is how it is run.
func (v *Verifier) Reactor() react.Reactor {
	return react.Reactor{Name: "verify", Wants: reaction.WantEvents(events.MailboxConnected{}, events.MailboxChecksRequested{}), Concurrency: 16, Handle: v.handleConnected}
}

func (v *Verifier) handleConnected(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	var id uuid.UUID
	switch p := p.(type) {
	case events.MailboxConnected:
		id = p.MailboxID
	case events.MailboxChecksRequested:
		id = p.MailboxID
	default:
		return nil, nil
	}
	if err := v.Await.For(ctx, e, "mailboxes"); err != nil {
		return nil, err
	}
	box, err := v.Mailboxes.Mailbox(ctx, e.Org, id)
	if errors.Is(err, reaction.ErrGone) {
		return nil, nil // removed meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("verify mailbox %s: %w", id, err)
	}
	checks := v.runChecks(ctx, box)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	_, err = reaction.Submit(ctx, v.Commands, reaction.CausedBy(e, "verify"), es.DeriveID(e.ID, "react", "verify"), v.Now(), commands.RecordMailboxChecks{MailboxID: box.ID, Checks: checks, CheckedAt: v.Now().UTC().Truncate(time.Microsecond)})
	return nil, err
}

// runChecks gives all results; what could not be tried because of another is unknown.
func (v *Verifier) runChecks(ctx context.Context, b mailboxes.Mailbox) (out []commands.MailboxCheck) {
	say := func(check, outcome, detail string) {
		out = append(out, commands.MailboxCheck{Check: check, Outcome: outcome, Detail: detail})
	}
	var sample []byte
	defer func() {
		_, domain, _ := strings.Cut(b.Address, "@")
		f := senderdns.Check(ctx, v.Lookup, domain, sample)
		say(events.CheckDNS, string(f.Outcome), f.Detail)
	}()
	const skipped = "not tried"
	reader, err := v.signIn(ctx, b)
	var before imap.Batch
	if err == nil {
		defer reader.Close()
		before, err = reader.Poll(ctx, imap.Inbox, imap.Cursor{})
	}
	if err != nil {
		say(events.CheckIMAPAuth, events.CheckFailed, reaction.ErrorText(err))
	} else {
		say(events.CheckIMAPAuth, events.CheckPassed, "")
	}
	id, r := v.writeToSelf(ctx, b)
	switch {
	case r.Outcome == smtp.Accepted:
		say(events.CheckSMTPTLS, events.CheckPassed, "")
		say(events.CheckSMTPAuth, events.CheckPassed, "")
		say(events.CheckSendToSelf, events.CheckPassed, "")
	case r.Stage == smtp.StageConnect || r.Stage == smtp.StageTLS:
		say(events.CheckSMTPTLS, events.CheckFailed, resultText(r))
		say(events.CheckSMTPAuth, events.CheckUnknown, skipped)
		say(events.CheckSendToSelf, events.CheckUnknown, skipped)
	case r.Stage == smtp.StageAuth:
		say(events.CheckSMTPTLS, events.CheckPassed, "")
		say(events.CheckSMTPAuth, events.CheckFailed, resultText(r))
		say(events.CheckSendToSelf, events.CheckUnknown, skipped)
	default:
		say(events.CheckSMTPTLS, events.CheckPassed, "")
		say(events.CheckSMTPAuth, events.CheckPassed, "")
		say(events.CheckSendToSelf, events.CheckFailed, resultText(r))
	}
	if err != nil || r.Outcome != smtp.Accepted {
		say(events.CheckReadBack, events.CheckUnknown, skipped)
		return out
	}
	if sample, err = v.readBack(ctx, reader, before.Next, id); err != nil {
		say(events.CheckReadBack, events.CheckFailed, reaction.ErrorText(err))
		return out
	}
	say(events.CheckReadBack, events.CheckPassed, "")
	return out
}

func (v *Verifier) signIn(ctx context.Context, b mailboxes.Mailbox) (*imap.Client, error) {
	a, err := mailboxes.AccountOf(ctx, v.Secrets, b.Org, b.IMAP)
	if err != nil {
		return nil, err
	}
	c := imap.New(a, v.IMAP)
	if err := c.Verify(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// writeToSelf gives the Message-ID and what became of the message.
func (v *Verifier) writeToSelf(ctx context.Context, b mailboxes.Mailbox) (string, smtp.Result) {
	_, domain, _ := strings.Cut(b.Address, "@")
	id := "verify." + uuid.NewString() + "@" + domain
	self := mail.Address{Name: b.DisplayName, Address: b.Address}
	raw, err := compose.Bytes(compose.Message{From: self, To: mail.Address{Address: b.Address}, Subject: "This mailbox is connected to Outrider", MessageID: id, Date: v.Now(),
		Text: "Outrider sent this message from your mailbox to itself, to see that sending and reading work. You can delete it.\n"})
	if err != nil {
		return id, smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageSender, Err: err}
	}
	a, err := mailboxes.AccountOf(ctx, v.Secrets, b.Org, b.SMTP)
	if err != nil {
		return id, smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Err: err}
	}
	c := smtp.New(a, v.SMTP)
	defer c.Close()
	return id, c.Send(ctx, b.Address, b.Address, raw)
}

// readBack waits for the message to itself and gives it as it arrived.
func (v *Verifier) readBack(ctx context.Context, c *imap.Client, from imap.Cursor, id string) ([]byte, error) {
	patience := v.Patience
	if patience == 0 {
		patience = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		batch, err := c.Poll(ctx, imap.Inbox, from)
		for _, m := range batch.Messages {
			if strings.Contains(string(m.Raw), id) {
				return m.Raw, nil
			}
		}
		if err == nil && batch.Next != (imap.Cursor{}) {
			from = batch.Next
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the message to itself did not come to INBOX within %s; look for it in other folders (spam) and let it through", patience)
		case <-time.After(wait):
		}
	}
}

func resultText(r smtp.Result) string {
	if r.Err != nil {
		return reaction.ErrorText(r.Err)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, reaction.HideAddresses(r.Text)))
}
