package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/projections"
)

// Reasons why a mailbox can't be connected.
var (
	ErrAddress    = errors.New("the address can't be a mailbox's") // with pii.ErrAddress, which says why
	ErrNotOffered = errors.New("sendgrid isn't offered yet; connect the mailbox with smtp and imap")
	ErrNoSMTP     = errors.New("the server that sends is missing")
	ErrName       = errors.New("must not hold characters that turn the direction of what is read")
	ErrNoIMAP     = errors.New("the server that is read is missing")
)

// Vault holds an organisation's key for hashes, and its secrets; *pii.Vault is one.
type Vault interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error
	DeleteSecret(ctx context.Context, org uuid.UUID, name string) error
	DeleteSecrets(ctx context.Context, org uuid.UUID, prefix string) error
}

// Connector seals how mailboxes are reached, and stores their passwords before the command that names them.
type Connector struct {
	Vault  Vault
	KeyOf  func(ctx context.Context, org, subject uuid.UUID) (pii.Key, error) // of a mailbox, made where there is none
	Logger *slog.Logger                                                       // of secrets that could not be deleted
}

// Request is a mailbox to connect, in plain text.
type Request struct {
	Address, DisplayName string
	Transport            string
	SMTP, IMAP           *ServerChange
	Pace                 events.MailboxPace
}

// Change is what is to be different in a mailbox; nil = nothing.
type Change struct {
	DisplayName *string
	SMTP, IMAP  *ServerChange
	Pace        *commands.PaceChange
}

// ServerChange is what a request says of a server; nil = nothing.
type ServerChange struct {
	Host     *string
	Port     *int
	Security *string
	Username *string
	Password *string
}

// IDs gives the id of something new. The repeat of a request finds the same; a request that differs finds another.
type IDs func(what string) uuid.UUID

// Connection is a command whose secrets are in the vault. Those of a refused one are of no use.
type Connection struct {
	Command commands.ConnectMailbox
	Secrets []string // that were stored for it
}

// Changed is a command whose secrets are in the vault, like Connection.
type Changed struct {
	Command  commands.ChangeMailbox
	Secrets  []string // that were stored for it
	Replaced []string // that were named before, and may be in use still
}

// Normalize checks what doesn't need the organisation, and says who signs in where the request doesn't.
func (r *Request) Normalize() error {
	switch {
	case r.Transport == events.TransportSendGrid:
		return ErrNotOffered
	case r.SMTP == nil:
		return ErrNoSMTP
	case r.IMAP == nil:
		return ErrNoIMAP
	}
	address, err := pii.NormalizeAddress(r.Address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	r.Address, r.Transport = address, events.TransportSMTP
	r.SMTP, r.IMAP = r.SMTP.orUser(address), r.IMAP.orUser(address)
	return nil
}

func (s *ServerChange) orUser(name string) *ServerChange {
	change := *s
	if change.Username == nil {
		change.Username = &name
	}
	return &change
}

// Connect returns the command that connects a mailbox; r was normalised.
func (c Connector) Connect(ctx context.Context, org, mailbox uuid.UUID, r Request, ids IDs) (Connection, error) {
	s, err := c.newSealer(ctx, org, mailbox, ids)
	if err != nil {
		return Connection{}, err
	}
	cmd := commands.ConnectMailbox{MailboxID: mailbox, Transport: r.Transport, Pace: &r.Pace}
	if err := s.sealAddress(ctx, r.Address, &cmd); err != nil {
		return Connection{}, err
	}
	if cmd.DisplayName, err = s.sealName(r.DisplayName); err != nil {
		return Connection{}, err
	}
	smtp, err := s.changeServer(ctx, "smtp", r.SMTP)
	if err != nil {
		return Connection{}, err
	}
	imap, err := s.changeServer(ctx, "imap", r.IMAP)
	if err != nil {
		return Connection{}, err
	}
	cmd.SMTP, cmd.IMAP = smtp.Change(events.MailServer{}), imap.Change(events.MailServer{})
	return Connection{Command: cmd, Secrets: s.secrets}, nil
}

// Change returns the command that changes how a mailbox is reached, and its pace; row says what can be shown of it, and may be old.
func (c Connector) Change(ctx context.Context, row *projections.Mailbox, change Change, ids IDs) (Changed, error) {
	is, err := connectionOf(row)
	if err != nil {
		return Changed{}, err
	}
	s, err := c.newSealer(ctx, row.OrgID, row.MailboxID, ids)
	if err != nil {
		return Changed{}, err
	}
	out := Changed{Command: commands.ChangeMailbox{MailboxRef: events.MailboxRef{MailboxID: row.MailboxID}, Pace: change.Pace}, Replaced: []string{is.SMTP.Secret, is.IMAP.Secret}}
	if name := change.DisplayName; name != nil {
		sealed := is.DisplayName // a name sealed again is another; the owner sees that this one is the same, where it still is
		if *name != textOf(row.DisplayName) {
			if sealed, err = s.sealName(*name); err != nil {
				return Changed{}, err
			}
		}
		out.Command.DisplayName = &sealed
	}
	if out.Command.SMTP, err = s.changeServer(ctx, "smtp", change.SMTP); err != nil {
		return Changed{}, err
	}
	out.Command.IMAP, err = s.changeServer(ctx, "imap", change.IMAP)
	out.Secrets = s.secrets
	return out, err
}
