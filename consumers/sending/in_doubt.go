package sending

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/worker"
)

// DoubtfulMessages is the read side that the resolver needs.
type DoubtfulMessages interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
	// Doubtful lists the messages of all organisations that came in doubt since a time and still are.
	Doubtful(ctx context.Context, since time.Time) ([]Due, error)
}

// InDoubtConfig is what the resolver needs.
type InDoubtConfig struct {
	Messages DoubtfulMessages
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	Servers  worker.Servers
	Now      func() time.Time
	Log      *slog.Logger
}

// InDoubtResolver finds out about messages in doubt where the mail server keeps a copy of what it sends: a message in the folder of
// sent mail has left. One that isn't there may have left all the same, so it stays in doubt.
type InDoubtResolver struct {
	InDoubtConfig
}

// NewInDoubtResolver returns a resolver, or an error that names what is missing.
func NewInDoubtResolver(c InDoubtConfig) (*InDoubtResolver, error) {
	if err := (reaction.Required{"messages": c.Messages != nil, "secrets": c.Secrets != nil, "servers": c.Servers != nil, "commands": c.Commands != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("resolver of doubts"); err != nil {
		return nil, err
	}
	return &InDoubtResolver{InDoubtConfig: c}, nil
}

// doubtsFor is how long after the end of its lease a message is looked for.
const doubtsFor = 24 * time.Hour

// Round looks for every message in doubt once.
func (d *InDoubtResolver) Round(ctx context.Context) error {
	due, err := d.Messages.Doubtful(ctx, d.Now().Add(-doubtsFor))
	if err != nil {
		return err
	}
	boxes := map[mailboxKey][]uuid.UUID{}
	for _, x := range due {
		of := mailboxKey{x.Org, x.Mailbox}
		boxes[of] = append(boxes[of], x.Message)
	}
	for of, messages := range boxes {
		if err := d.resolveOfMailbox(ctx, of, messages); err != nil && ctx.Err() == nil {
			d.Log.Warn("messages stay in doubt: the folder of sent mail can't be read", "org", of.org, "mailbox", of.mailbox, "messages", len(messages), "error", err)
		}
	}
	return ctx.Err()
}

func (d *InDoubtResolver) resolveOfMailbox(ctx context.Context, of mailboxKey, messages []uuid.UUID) error {
	b, err := d.Messages.Mailbox(ctx, of.org, of.mailbox)
	if err != nil {
		return err
	}
	if !b.IsRead() { // its provider tells
		return nil
	}
	a, err := mailboxes.AccountOf(ctx, d.Secrets, b.Org, b.IMAP)
	if err != nil {
		return err
	}
	c := d.Servers.Reader(worker.Mailbox{Org: b.Org, ID: b.ID}, a)
	defer c.Close()
	folder, err := c.SentFolder(ctx)
	if err != nil || folder == "" {
		return err
	}
	_, domain, _ := strings.Cut(b.Address, "@")
	for _, m := range messages {
		has, err := c.Has(ctx, folder, d.Links.Signer.MessageID(linktoken.Token{Org: of.org, Message: m}, domain))
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		id := es.DeriveID(m, "resolved", events.ResolvedBySent)
		why := reaction.Cause{Org: of.org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "sent_folder"}}
		if _, err := reaction.Submit(ctx, d.Commands, why, id, d.Now(), commands.ResolveMessage{MessageID: m, Sent: true, By: events.ResolvedBySent}); err != nil {
			return err
		}
	}
	return nil
}
