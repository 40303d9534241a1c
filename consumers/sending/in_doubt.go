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
	// DoubtfulResponses likewise, of what members write in threads; Message is the response.
	DoubtfulResponses(ctx context.Context, since time.Time) ([]Due, error)
}

// doubt is what is looked for: a message, or a response.
type doubt struct {
	id       uuid.UUID
	response bool
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
	responses, err := d.Messages.DoubtfulResponses(ctx, d.Now().Add(-doubtsFor))
	if err != nil {
		return err
	}
	boxes := map[mailboxKey][]doubt{}
	for i, all := range [][]Due{due, responses} {
		for _, x := range all {
			of := mailboxKey{x.Org, x.Mailbox}
			boxes[of] = append(boxes[of], doubt{x.Message, i == 1})
		}
	}
	for of, doubts := range boxes {
		if err := d.resolveOfMailbox(ctx, of, doubts); err != nil && ctx.Err() == nil {
			d.Log.Warn("messages stay in doubt: the folder of sent mail can't be read", "org", of.org, "mailbox", of.mailbox, "messages", len(doubts), "error", err)
		}
	}
	return ctx.Err()
}

func (d *InDoubtResolver) resolveOfMailbox(ctx context.Context, of mailboxKey, doubts []doubt) error {
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
	folders, err := foldersOfSent(ctx, c)
	if err != nil {
		return err
	}
	_, domain, _ := strings.Cut(b.Address, "@")
	for _, m := range doubts {
		has, err := hasAny(ctx, c, folders, d.messageIDOf(of.org, m, domain))
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		id := es.DeriveID(m.id, "resolved", events.ResolvedBySent)
		why := reaction.Cause{Org: of.org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "sent_folder"}}
		if _, err := reaction.Submit(ctx, d.Commands, why, id, d.Now(), m.left()); err != nil {
			return err
		}
	}
	return nil
}

// messageIDOf is the Message-ID that a copy of it has.
func (d *InDoubtResolver) messageIDOf(org uuid.UUID, m doubt, domain string) string {
	if m.response {
		return ResponseMessageID(m.id, domain)
	}
	return d.Links.Signer.MessageID(linktoken.Token{Org: org, Message: m.id}, domain)
}

// left is the command that ends the doubt.
func (m doubt) left() commands.Command {
	if m.response {
		return commands.ResolveResponse{ResponseID: m.id, Sent: true, By: events.ResolvedBySent}
	}
	return commands.ResolveMessage{MessageID: m.id, Sent: true, By: events.ResolvedBySent}
}

// foldersOfSent are those in which a copy of what has left may lie: that of sent mail, and one that shows all mail. A person may have moved it out of the first.
func foldersOfSent(ctx context.Context, c worker.Reader) (names []string, err error) {
	all, err := c.Folders(ctx)
	for _, use := range []string{events.FolderSent, events.FolderAll, events.FolderArchive} {
		for _, f := range all {
			if f.Use == use {
				names = append(names, f.Name)
			}
		}
	}
	return names, err
}

func hasAny(ctx context.Context, c worker.Reader, folders []string, messageID string) (bool, error) {
	for _, f := range folders {
		if has, err := c.Has(ctx, f, messageID); has || err != nil {
			return has, err
		}
	}
	return false, nil
}
