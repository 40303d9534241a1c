// Package mailboxes verifies mailboxes that were connected.
package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/senderdns"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// Mailboxes is the read side that verifying needs; reaction.ErrGone for a mailbox that is no more.
type Mailboxes interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
}

// VerifyConfig is what the verifier needs.
type VerifyConfig struct {
	Mailboxes Mailboxes
	Secrets   mailboxes.Secrets
	Commands  reaction.Commander
	Signer    *linktoken.Signer
	Servers   worker.Servers
	Lookup    senderdns.LookupTXT
	Domains   *DomainChecker // nil = only SPF, DKIM and DMARC are looked at, and the domain isn't recorded
	Await     reaction.Await
	Now       func() time.Time
	Patience  time.Duration // real time for each message to itself to arrive; 0 = 60 s
}

// Verifier checks a mailbox that was connected: it signs in, lets the mailbox write to itself and reads that back, and looks at what the domain
// publishes; then it writes to its address with a tag. Each result is recorded by itself.
type Verifier struct {
	VerifyConfig
}

// NewVerifier returns a verifier, or an error that names what is missing.
func NewVerifier(c VerifyConfig) (*Verifier, error) {
	if err := (reaction.Required{"mailboxes": c.Mailboxes != nil, "commands": c.Commands != nil, "servers": c.Servers != nil, "signer": c.Signer != nil, "now": c.Now != nil}).Check("mailbox verifier"); err != nil {
		return nil, err
	}
	return &Verifier{VerifyConfig: c}, nil
}

// Checks wait for mail servers nearly all of the time, some for as long as they may: there are many slots, and few of them are one organisation's.
const (
	checksAtOnce = 256
	checksOfOrg  = 8
	longestCheck = 4 * time.Minute // that a mailbox's servers may take, and once more for its tag
)

// Reactor returns how it is run.
func (v *Verifier) Reactor() react.Reactor {
	return react.Reactor{Name: "verify", Wants: reaction.WantEvents(events.MailboxConnected{}, events.MailboxChecksRequested{}), Concurrency: checksAtOnce, PerOrg: checksOfOrg, Handle: v.handleConnected}
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
		return nil, nil // removed by now
	}
	if err != nil {
		return nil, fmt.Errorf("verify mailbox %s: %w", id, err)
	}
	r := &verification{Verifier: v, box: box}
	defer r.close()
	if err := r.runChecks(ctx, e); err != nil {
		return nil, err
	}
	r.sayTag(events.CheckUnknown, "")
	if err := r.record(ctx, e, "verify"); err != nil || !r.isSent {
		return nil, err
	}
	if r.tryTagWithin(ctx) {
		err = r.record(ctx, e, "verify tags")
	}
	return nil, err
}

func (v *Verifier) signIn(ctx context.Context, b mailboxes.Mailbox) (worker.Reader, error) {
	a, err := mailboxes.AccountOf(ctx, v.Secrets, b.Org, b.IMAP)
	if err != nil {
		return nil, err
	}
	c := v.Servers.Reader(worker.Mailbox{Org: b.Org, ID: b.ID}, a)
	if err := unlessTouched(ctx, func() error { return c.Verify(ctx) }); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// touched is how often a mailbox may be in a mail worker that ends before that counts as its own doing: from the second time on it has one for itself.
const touched = 3

// unlessTouched tries again what a mail worker didn't come to answer, as another mailbox may have ended it.
func unlessTouched(ctx context.Context, try func() error) (err error) {
	for range touched {
		if err = try(); !errors.Is(err, worker.ErrCrashed) && !errors.Is(err, worker.ErrOverran) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func resultText(r smtp.Result) string {
	if r.Err != nil {
		return reaction.ErrorText(r.Err)
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, reaction.HideAddresses(r.Text))), " ")
}
