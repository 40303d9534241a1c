package sending

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/smtp"
	"outrider/internal/retry"
)

// ResponseOutbox is the read side that the sender of responses needs; it returns ErrGone for what no longer exists.
type ResponseOutbox interface {
	OutgoingResponse(ctx context.Context, org, response uuid.UUID) (OutgoingResponse, error)
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
}

// OutgoingResponse is a response with all that goes into it.
type OutgoingResponse struct {
	LeadID     uuid.UUID
	To         string
	Subject    string
	Body       string
	BodyRef    string    // where a body is stored that is too long for the log, sealed with the lead's key; Body is then empty
	Message    uuid.UUID // of ours, that the thread goes on from
	InReplyTo  string    // the Message-ID of the mail that it answers; "" = it isn't known, and our message stands for it
	References []string  // of that mail, the nearest first
	Automatic  bool      // no person has written it
}

// ResponseConfig is what the sender of responses needs.
type ResponseConfig struct {
	Outbox   ResponseOutbox
	Keys     sealedtext.Keyring
	Objects  sealedtext.Objects
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	Send     *SendReactor // whose connections it uses
	Await    reaction.Await
	Now      func() time.Time
	Log      *slog.Logger
}

// ResponseReactor sends what members write in threads. It claims a response once everything that it needs is there, and sends it only when the claim is its own and within
// the lease: whatever happens in between leaves it in doubt, and never sends it twice.
type ResponseReactor struct{ ResponseConfig }

// NewResponseReactor returns a sender of responses, or an error that names what is missing.
func NewResponseReactor(c ResponseConfig) (*ResponseReactor, error) {
	if err := (reaction.Required{"outbox": c.Outbox != nil, "keys": c.Keys != nil, "secrets": c.Secrets != nil, "commands": c.Commands != nil, "send": c.Send != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("sender of responses"); err != nil {
		return nil, err
	}
	return &ResponseReactor{ResponseConfig: c}, nil
}

// Bounds of what is sent at once: each waits for a mail server most of its time.
const (
	responsesAtOnce = 128
	responsesOfOrg  = 8
)

// Reactor returns how it is run.
func (s *ResponseReactor) Reactor() react.Reactor {
	return react.Reactor{Name: "response", Wants: reaction.WantEvents(events.ResponseDue{}), Concurrency: responsesAtOnce, PerOrg: responsesOfOrg, Handle: s.handleDue}
}

func (s *ResponseReactor) handleDue(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	due, ok := p.(events.ResponseDue)
	if !ok {
		return nil, nil
	}
	if err := s.Await.For(ctx, e, "inbox", "mailboxes", "leads", "answers"); err != nil {
		return nil, err
	}
	m, err := s.prepare(ctx, e, due)
	if err != nil && !errors.Is(err, reaction.ErrGone) && !errors.Is(err, compose.ErrInvalid) {
		return nil, err // nothing was claimed: it is tried again
	}
	lease, err2 := s.claim(ctx, e, due)
	if err2 != nil || lease.IsZero() {
		return nil, err2
	}
	if err != nil { // and it never can be sent as it is
		s.Log.Warn("a response can't be sent as it is", "response", due.ResponseID, "org", e.Org, "error", err)
		why, ok := invalidText(err)
		if !ok {
			why = "what it needs is not there any more"
		}
		return nil, s.record(ctx, e, commands.RecordResponseResult{ResponseID: due.ResponseID, At: s.at(), SMTPReply: events.SMTPReply{Stage: events.StageCompose, Text: reaction.HideAddresses(why)}})
	}
	return nil, s.sendWithin(ctx, e, due, m, lease)
}

// preparedResponse is a mail that is ready to be handed over.
type preparedResponse struct {
	sender   Sender
	from, to string
	instead  string // the sender that is named where a server takes none; "" = from is one
	raw      []byte
}

// send hands it over. Some servers take no mail without a sender from whom signs in; nothing has left then.
func (m preparedResponse) send(ctx context.Context) smtp.Result {
	r := m.sender.Send(ctx, m.from, m.to, m.raw)
	if m.instead != "" && r.Stage == smtp.StageSender && r.Outcome != smtp.Accepted && r.Outcome != smtp.InDoubt {
		return m.sender.Send(ctx, m.instead, m.to, m.raw)
	}
	return r
}

func (s *ResponseReactor) prepare(ctx context.Context, e *es.Event, due events.ResponseDue) (m preparedResponse, err error) {
	r, err := s.Outbox.OutgoingResponse(ctx, e.Org, due.ResponseID)
	if err != nil {
		return m, err
	}
	if r.BodyRef != "" {
		found, err := s.Keys.Existing(ctx, e.Org, []uuid.UUID{r.LeadID})
		if err != nil {
			return m, err
		}
		key, ok := found[r.LeadID]
		if !ok {
			return m, fmt.Errorf("the lead's key: %w", reaction.ErrGone)
		}
		if r.Body, err = sealedtext.OpenStored(ctx, s.Objects, key, r.BodyRef); err != nil {
			return m, err
		}
	}
	from, err := s.Outbox.Mailbox(ctx, e.Org, due.MailboxID)
	if err != nil {
		return m, err
	}
	account, err := mailboxes.AccountOf(ctx, s.Secrets, e.Org, from.SMTP)
	if err != nil {
		return m, err
	}
	m = preparedResponse{sender: s.Send.senderOf(mailboxKey{e.Org, due.MailboxID}, account), from: from.Address, to: r.To}
	if r.Automatic { // RFC 3834, 3.3: whatever answers it must not come back here
		m.from, m.instead = "", from.Address
	}
	if m.raw, err = composeResponse(s.Links, e.Org, due.ResponseID, from, r, s.Now()); err != nil {
		return m, err
	}
	m.raw, err = from.Signing.Sign(ctx, s.Secrets, e.Org, m.raw)
	return m, err
}

// ResponseMessageID is the Message-ID of a response. It is no token, so that nothing takes it for a message of a campaign; the thread's is in its References, which an
// answer repeats.
func ResponseMessageID(response uuid.UUID, domain string) string {
	return "response." + response.String() + "@" + domain
}

// composeResponse returns the bytes of a response: the same for the same response and time. What a person writes to one who has written isn't tracked, and has no footer.
func composeResponse(l linktoken.Links, org, response uuid.UUID, from mailboxes.Mailbox, r OutgoingResponse, now time.Time) ([]byte, error) {
	if compose.IsBlank(r.Body) {
		return nil, fmt.Errorf("%w: the text is blank", compose.ErrInvalid)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	m := compose.Parts{From: mail.Address{Name: from.DisplayName, Address: from.Address}, To: mail.Address{Address: r.To}, Subject: r.Subject, AutoReplied: r.Automatic, MessageID: ResponseMessageID(response, domain), Date: now, Text: r.Body}
	for i := len(r.References) - 1; i >= 0; i-- {
		m.Refs = append(m.Refs, r.References[i])
	}
	if r.Message != uuid.Nil {
		t := linktoken.Token{Org: org, Message: r.Message}
		if ours := l.Signer.MessageID(t, domain); len(m.Refs) == 0 { // who answers names it, also where their program told nothing of the thread
			m.Refs = append(m.Refs, ours)
		}
		if tagged, ok := from.TaggedAddress(l.Signer.Tag(linktoken.Reply, t)); ok {
			m.ReplyTo = mail.Address{Name: from.DisplayName, Address: tagged}
		}
	}
	if m.InReplyTo = r.InReplyTo; m.InReplyTo == "" && len(m.Refs) > 0 {
		m.InReplyTo = m.Refs[len(m.Refs)-1]
	}
	if n := len(m.Refs); n > 0 && m.Refs[n-1] == m.InReplyTo {
		m.Refs = m.Refs[:n-1] // it comes last by itself
	}
	return compose.Bytes(m)
}

// claim returns the end of the lease; zero when there is nothing to send.
func (s *ResponseReactor) claim(ctx context.Context, e *es.Event, due events.ResponseDue) (lease time.Time, err error) {
	claimed, err := claimOnce[events.ResponseClaimed](ctx, s.Commands, reaction.CausedBy(e, "response"), s.Now(), commands.ClaimResponse{ResponseID: due.ResponseID})
	return claimed.LeaseUntil, err
}

// claimOnce returns what was claimed; the zero value when nothing was: it was cancelled, put off, or may not be sent any more. A claim has a new id with every try: the
// answer to an earlier one would accept it once more.
func claimOnce[E events.Event](ctx context.Context, to reaction.Commander, why reaction.Cause, now time.Time, c commands.Command) (claimed E, err error) {
	a, err := reaction.Submit(ctx, to, why, es.NewID(), now, c)
	if err != nil || a.Outcome != es.Accepted || len(a.Detail) == 0 {
		return claimed, err
	}
	if es.Unmarshal(a.Detail, &claimed) != nil {
		claimed = *new(E)
	}
	return claimed, nil
}

// sendWithin sends a claimed response within its lease. One whose result isn't known is put in doubt by the end of the lease.
func (s *ResponseReactor) sendWithin(ctx context.Context, e *es.Event, due events.ResponseDue, m preparedResponse, lease time.Time) error {
	c := commands.RecordResponseResult{ResponseID: due.ResponseID}
	left := lease.Sub(s.Now()) - margin
	if left <= 0 {
		c.At, c.SMTPReply = s.at(), events.SMTPReply{Stage: stageOf(smtp.StageConnect), Text: "not begun"}
		return s.record(ctx, e, c)
	}
	sending, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	r := m.send(sending)
	if r.Outcome == smtp.InDoubt {
		return nil
	}
	result := resultOf(due.ResponseID, r, s.Now())
	c.Sent, c.At, c.SMTPReply = result.Sent, result.At, result.SMTPReply
	return s.record(ctx, e, c)
}

func (s *ResponseReactor) record(ctx context.Context, e *es.Event, c commands.RecordResponseResult) error {
	id := es.NewID() // a known result changes nothing
	return retry.Do(ctx, retry.Policy{First: 100 * time.Millisecond, Attempts: 8}, func() error {
		_, err := reaction.Submit(ctx, s.Commands, reaction.CausedBy(e, "response"), id, s.Now(), c)
		return err
	})
}

func (s *ResponseReactor) at() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
