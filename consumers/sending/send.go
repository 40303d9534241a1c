// Package sending claims messages whose time has come and sends them.
package sending

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/app/sealedtext"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// Outbox is the read side that the sender needs; it returns ErrGone for what no longer exists.
type Outbox interface {
	OutgoingMessage(ctx context.Context, org, message uuid.UUID) (OutgoingMessage, error)
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
}

// SendConfig is what the sender needs.
type SendConfig struct {
	Outbox   Outbox
	Keys     sealedtext.Keyring
	Objects  sealedtext.Objects
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	Servers  worker.Servers
	Await    reaction.Await
	Gather   time.Duration // how long results of a mailbox wait for others, in real time; 0 = 50 ms
	Now      func() time.Time
	Log      *slog.Logger
	Trace    func(what string, e *es.Event) (end func(error)) // told of each message that is being sent; may be nil
}

// SendReactor claims messages and sends what it has claimed. A claim that it made before a restart, or that another process made, is not its own: such a
// message may have left already, so it is never sent here, and is in doubt when its lease ends.
type SendReactor struct {
	SendConfig

	mu      sync.Mutex
	claims  map[uuid.UUID]*openClaim // by command
	aloft   inFlightLimit
	results *batch.Group[mailboxKey, sendOutcome, struct{}]
	clients map[mailboxKey]mailboxSender
	copies  *sentCopies
}

// NewSendReactor returns a sender, or an error that names what is missing.
func NewSendReactor(c SendConfig) (*SendReactor, error) {
	if err := (reaction.Required{"outbox": c.Outbox != nil, "keys": c.Keys != nil, "servers": c.Servers != nil, "secrets": c.Secrets != nil, "commands": c.Commands != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("sender"); err != nil {
		return nil, err
	}
	if c.Gather == 0 {
		c.Gather = resultWait
	}
	s := &SendReactor{SendConfig: c, claims: map[uuid.UUID]*openClaim{}, clients: map[mailboxKey]mailboxSender{}, copies: newSentCopies()}
	s.results = batch.NewGroup(c.Gather, commands.MaxItems, s.recordResults)
	return s, nil
}

// Sender hands messages of one mailbox over for delivery; smtp.Client is one.
type Sender interface {
	Send(ctx context.Context, from, to string, message []byte) smtp.Result
}

// OutgoingMessage is a claimed message with all that goes into it.
type OutgoingMessage = outgoing.Message

// mailboxSender is the Sender of a mailbox.
type mailboxSender struct {
	Sender
	close   func()
	account [sha256.Size]byte // for which it was made
}

// margin is the last part of the lease, in which no message is begun any more.
const margin = 2 * time.Second

// Reactor returns how it is run.
func (s *SendReactor) Reactor() react.Reactor {
	return react.Reactor{Name: "send", Wants: reaction.WantEvents(events.MessageClaimed{}), Concurrency: sendAtOnce, PerOrg: sendOfOrg, Handle: s.handleClaimed}
}

// Claim claims due messages of a mailbox, at most maxInFlight, once there is room for them. Those that it gets arrive as
// message.claimed, and only this process will send it. inboxReadAt is Monitor.ReadAt.
func (s *SendReactor) Claim(ctx context.Context, org, mailbox uuid.UUID, messages []uuid.UUID, inboxReadAt time.Time) (es.Answer, error) {
	messages = slices.Clone(messages)
	slices.SortFunc(messages, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	once := slices.Compact(messages)
	release, err := s.aloft.acquire(ctx, mailboxKey{org, mailbox}, len(once))
	if err != nil {
		return es.Answer{}, err
	}
	id := s.openClaim(once, release) // before the command is sent: the event may come before the answer
	why := reaction.Cause{Org: org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "send"}}
	a, err := reaction.Submit(ctx, s.Commands, why, id, s.Now(), commands.ClaimMessages{MailboxID: mailbox, MessageIDs: once, InboxReadAt: inboxReadAt})
	if err == nil {
		s.dropRefused(id, a)
	}
	return a, err
}

func (s *SendReactor) handleClaimed(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	c, ok := p.(events.MessageClaimed)
	if !ok {
		return nil, nil
	}
	release := s.takeClaim(e.CommandID, c.MessageID)
	if release == nil {
		return nil, nil
	}
	traced := func(error) {}
	if s.Trace != nil {
		traced = s.Trace("smtp", e)
	}
	r, err := s.sendClaimed(ctx, e, c)
	traced(err)
	release(1)
	if errors.Is(err, compose.ErrInvalid) { // and it never can be sent as it is
		s.Log.Warn("a message can't be sent as it is", "message", c.MessageID, "mailbox", c.MailboxID, "org", e.Org, "error", err)
		return nil, s.recordOutcome(ctx, e, c, unsendable(c.MessageID, err, s.Now()))
	}
	if err != nil { // nothing has left: the error makes it be tried again
		s.Log.Warn("a message could not be sent", "message", c.MessageID, "mailbox", c.MailboxID, "org", e.Org, "error", err)
		r = smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Text: "not begun"}
	}
	if r.Outcome == smtp.InDoubt {
		return nil, nil // the end of the lease will put it in doubt
	}
	return nil, s.recordOutcome(ctx, e, c, resultOf(c.MessageID, r, s.Now()))
}

func (s *SendReactor) recordOutcome(ctx context.Context, e *es.Event, c events.MessageClaimed, r commands.SendResult) error {
	if _, err := s.results.Do(ctx, mailboxKey{e.Org, c.MailboxID}, sendOutcome{e, r}); err != nil {
		return fmt.Errorf("record result of %s: %w", c.MessageID, err)
	}
	return nil
}

var errLease = errors.New("the lease is over")

// sendClaimed composes and submits a message within its lease. An error means that nothing has left.
func (s *SendReactor) sendClaimed(ctx context.Context, e *es.Event, c events.MessageClaimed) (smtp.Result, error) {
	org := e.Org
	left := c.LeaseUntil.Sub(s.Now()) - margin
	if left <= 0 {
		return smtp.Result{}, errLease
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if err := s.Await.ForMessage(ctx, e); err != nil { // changes from before the claim must be in what leaves
		return smtp.Result{}, err
	}
	letter, err := s.Outbox.OutgoingMessage(ctx, org, c.MessageID)
	if err != nil {
		return smtp.Result{}, err
	}
	var from mailboxes.Mailbox
	if letter.From != nil && letter.From.ID == c.MailboxID {
		from = *letter.From
	} else if from, err = s.Outbox.Mailbox(ctx, org, c.MailboxID); err != nil {
		return smtp.Result{}, err
	}
	if letter.BodyRef != "" {
		if letter.Body, err = s.readStoredBody(ctx, org, letter); err != nil {
			return smtp.Result{}, err
		}
	}
	raw, err := outgoing.Compose(outgoing.LinksOf(s.Links, from, &letter), linktoken.Token{Org: org, Message: c.MessageID}, from, letter, s.Now())
	if err != nil {
		return smtp.Result{}, err
	}
	if raw, err = from.Signing.Sign(ctx, s.Secrets, org, raw); err != nil {
		return smtp.Result{}, err
	}
	a, err := mailboxes.AccountOf(ctx, s.Secrets, org, from.SMTP)
	if errors.Is(err, mailoauth.ErrEnded) {
		return mailboxes.ResultOfAccount(err), nil
	}
	if err != nil {
		return smtp.Result{}, err
	}
	if !s.Now().Before(c.LeaseUntil.Add(-margin)) { // the product's clock may run faster than ours
		return smtp.Result{}, errLease
	}
	r := s.senderOf(mailboxKey{org, c.MailboxID}, a).Send(ctx, from.Address, letter.To, raw)
	if r.Outcome == smtp.Refused && r.Stage == smtp.StageAuth && mailboxes.RefuseToken(ctx, s.Secrets, org, from.SMTP) {
		r.Outcome, r.Code, r.Enhanced = smtp.Temporary, 454, "4.7.0" // it is tried with another token
	}
	if r.Outcome == smtp.Accepted {
		_, domain, _ := strings.Cut(from.Address, "@")
		s.keepCopy(org, from, s.Links.Signer.MessageID(linktoken.Token{Org: org, Message: c.MessageID}, domain), raw)
	}
	return r, nil
}

// readStoredBody reads a body from the bucket.
func (s *SendReactor) readStoredBody(ctx context.Context, org uuid.UUID, l OutgoingMessage) (string, error) {
	found, err := s.Keys.Existing(ctx, org, []uuid.UUID{l.LeadID})
	if err != nil {
		return "", err
	}
	key, ok := found[l.LeadID]
	if !ok {
		return "", fmt.Errorf("the lead's key: %w", reaction.ErrGone)
	}
	return sealedtext.OpenStored(ctx, s.Objects, key, l.BodyRef)
}

// senderOf returns the mailbox's sender, a new one when the mailbox is reached differently now.
func (s *SendReactor) senderOf(of mailboxKey, a transport.ServerLogin) Sender {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %q %q %v", a.Host, a.Port, a.Security, a.Username, a.Password, a.Provider, a.Bearer))
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.clients[of]; ok {
		if c.account == sum {
			return c.Sender
		}
		c.close()
	}
	c := s.Servers.Sender(worker.Mailbox{Org: of.org, ID: of.mailbox}, a)
	s.clients[of] = mailboxSender{c, c.Close, sum}
	return c
}

// Close ends all connections, each after the message that is being sent.
func (s *SendReactor) Close() {
	s.copies.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		c.close()
	}
	s.clients = nil
}
