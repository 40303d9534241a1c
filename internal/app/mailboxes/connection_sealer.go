package mailboxes

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/pii"
	"outrider/projections"
)

// sealer makes one command.
type sealer struct {
	vault   Vault
	org     uuid.UUID
	key     pii.Key
	ids     IDs
	cmd     commands.ConnectMailbox
	secrets []string // stored here
}

func (c Connector) newSealer(ctx context.Context, org, mailbox uuid.UUID, ids IDs) (*sealer, error) {
	key, err := c.KeyOf(ctx, org, mailbox)
	return &sealer{vault: c.Vault, org: org, key: key, ids: ids, cmd: commands.ConnectMailbox{MailboxID: mailbox}}, err
}

func (s *sealer) setAddress(ctx context.Context, address string) error {
	h, err := s.vault.Hasher(ctx, s.org)
	if err != nil {
		return err
	}
	s.cmd.AddressHash, s.cmd.DomainHash, _ = leads.Hashes(h, address)
	s.cmd.Address, err = s.seal(projections.MailboxAddressField, address)
	return err
}

func (s *sealer) sealName(name string) (events.Sealed, error) {
	if strings.TrimSpace(name) == "" {
		return events.Sealed{}, nil
	}
	return s.seal(projections.MailboxNameField, name)
}

func (s *sealer) setServers(ctx context.Context, smtp, imap *ServerChange) (_ Connection, err error) {
	if s.cmd.SMTP, err = s.changeServer(ctx, "smtp", s.cmd.SMTP, smtp); err != nil {
		return Connection{}, err
	}
	if s.cmd.IMAP, err = s.changeServer(ctx, "imap", s.cmd.IMAP, imap); err != nil {
		return Connection{}, err
	}
	return Connection{Command: s.cmd, Secrets: s.secrets}, nil
}

// changeServer returns a server after a change. A password gets a name of its own: one that is in use is never written over, and
// the repeat of a request, whose body is the same, finds the same name.
func (s *sealer) changeServer(ctx context.Context, which string, is events.Server, change *ServerChange) (events.Server, error) {
	if change == nil {
		return is, nil
	}
	setIfGiven(&is.Host, change.Host)
	setIfGiven(&is.Port, change.Port)
	setIfGiven(&is.Security, change.Security)
	if change.Username != nil {
		var err error
		if is.Username, err = s.seal(projections.MailboxUsernameField, *change.Username); err != nil {
			return is, err
		}
	}
	if change.Password != nil {
		is.Secret = secretsOf(s.cmd.MailboxID) + which + "/" + s.ids(which+" secret").String()
		if err := s.vault.PutSecret(ctx, s.org, is.Secret, []byte(*change.Password)); err != nil {
			return is, err
		}
		s.secrets = append(s.secrets, is.Secret)
	}
	return is, nil
}

func setIfGiven[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

func (s *sealer) seal(field, text string) (events.Sealed, error) {
	sealed, err := s.key.Seal(field, []byte(text))
	return events.Sealed{K: int64(sealed.Key), C: sealed.Ciphertext}, err
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
