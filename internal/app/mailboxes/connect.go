package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/pii"
	"outrider/projections"
)

// Reasons why a mailbox can't be connected.
var (
	ErrAddress        = errors.New("the address can't be a mailbox's") // with pii.ErrAddress, which says why
	ErrNoSendGrid     = errors.New("the account of SendGrid is missing")
	ErrOtherTransport = errors.New("a mailbox sends by smtp or by sendgrid, and stays with that")
	ErrNoSMTP         = errors.New("the server that sends is missing")
	ErrName           = errors.New("must not hold characters that turn the direction of what is read")
	ErrNoIMAP         = errors.New("the server that is read is missing")
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
	SendGrid             *SendGridChange
	Pace                 events.MailboxPace

	token string // of a sign-in, in place of both passwords; "" = none
}

// Change is what is to be different in a mailbox; nil = nothing.
type Change struct {
	DisplayName *string
	SMTP, IMAP  *ServerChange
	SendGrid    *SendGridChange
	Pace        *commands.PaceChange

	token string
}

// ServerChange is what a request says of a server; nil = nothing.
type ServerChange struct {
	Host     *string
	Port     *int
	Security *string
	Username *string
	Password *string
}

// SendGridChange is what a request says of an account of SendGrid; nil = nothing.
type SendGridChange struct {
	APIKey *string `json:"api_key"`
	Region *string `json:"region"`
}

// server is the account as a server: where its API is reached, and its key as the password.
func (s SendGridChange) server() *ServerChange {
	out := &ServerChange{Password: s.APIKey}
	if s.Region != nil {
		host, _ := sendgrid.HostOf(*s.Region) // checked by the API's description
		out.Host = &host
	}
	return out
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
	if r.Transport == events.TransportSendGrid {
		return r.normalizeSendGrid()
	}
	switch {
	case r.SendGrid != nil:
		return ErrOtherTransport
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

// normalizeSendGrid makes the account a server. Answers come by inbound parse, or are read where it says so.
func (r *Request) normalizeSendGrid() error {
	switch {
	case r.SendGrid == nil || r.SendGrid.APIKey == nil:
		return ErrNoSendGrid
	case r.SMTP != nil:
		return ErrOtherTransport
	}
	address, err := pii.NormalizeAddress(r.Address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	r.Address = address
	if r.SendGrid.Region == nil {
		region := "global"
		r.SendGrid.Region = &region
	}
	port, security, user := 443, "tls", "apikey"
	r.SMTP = r.SendGrid.server()
	r.SMTP.Port, r.SMTP.Security, r.SMTP.Username = &port, &security, &user
	if r.IMAP != nil {
		r.IMAP = r.IMAP.orUser(address)
	}
	return nil
}

// withToken puts a token where the password is.
func (s *ServerChange) withToken(token string) *ServerChange {
	if token == "" || s == nil {
		return s
	}
	change := *s
	change.Password = &token
	return &change
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
	smtp, err := s.changeServer(ctx, kindOfSender(r.Transport, r.token), r.SMTP.withToken(r.token))
	if err != nil {
		return Connection{}, err
	}
	imap, err := s.changeServer(ctx, kindIMAP, r.IMAP)
	if err != nil {
		return Connection{}, err
	}
	cmd.SMTP, cmd.IMAP = smtp.Change(events.MailServer{}), imap.Change(events.MailServer{})
	switch {
	case r.Transport == events.TransportSendGrid:
		cmd.APIKey = cmd.SMTP.Secret
	case r.token != "":
		cmd.IMAP.Secret = cmd.SMTP.Secret
	}
	return Connection{Command: cmd, Secrets: s.secrets}, nil
}

// Change returns the command that changes how a mailbox is reached, and its pace; row says what can be shown of it, and may be old.
func (c Connector) Change(ctx context.Context, row *projections.Mailbox, change Change, ids IDs) (Changed, error) {
	is, err := connectionOf(row)
	if err != nil {
		return Changed{}, err
	}
	if change.SendGrid != nil && row.Transport == events.TransportSendGrid && change.SMTP == nil {
		change.SMTP = change.SendGrid.server()
	} else if change.SendGrid != nil || change.SMTP != nil && row.Transport == events.TransportSendGrid {
		return Changed{}, ErrOtherTransport
	}
	if change.IMAP != nil && is.IMAP.Host == "" {
		change.IMAP = change.IMAP.orUser(textOf(row.Address))
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
	if out.Command.SMTP, err = s.changeServer(ctx, kindOfSender(row.Transport, change.token), change.SMTP.withToken(change.token)); err != nil {
		return Changed{}, err
	}
	out.Command.IMAP, err = s.changeServer(ctx, kindIMAP, change.IMAP)
	if change.token != "" && err == nil {
		out.Command.IMAP.Secret = out.Command.SMTP.Secret
	}
	out.Secrets = s.secrets
	return out, err
}
