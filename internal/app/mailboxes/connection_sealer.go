package mailboxes

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/mail/compose"
	"outrider/internal/pii"
	"outrider/projections"
)

// sealer seals what one command says of a mailbox, and stores its passwords.
type sealer struct {
	vault   Vault
	org     uuid.UUID
	mailbox uuid.UUID
	key     pii.Key
	ids     IDs
	secrets []string // stored here
}

func (c Connector) newSealer(ctx context.Context, org, mailbox uuid.UUID, ids IDs) (*sealer, error) {
	key, err := c.KeyOf(ctx, org, mailbox)
	return &sealer{vault: c.Vault, org: org, mailbox: mailbox, key: key, ids: ids}, err
}

func (s *sealer) sealAddress(ctx context.Context, address string, to *commands.ConnectMailbox) error {
	h, err := s.vault.Hasher(ctx, s.org)
	if err != nil {
		return err
	}
	to.AddressHash, to.DomainHash, _ = leads.Hashes(h, address)
	to.Address, err = s.seal(projections.MailboxAddressField, address)
	return err
}

func (s *sealer) sealName(name string) (events.Sealed, error) {
	if strings.TrimSpace(name) == "" {
		return events.Sealed{}, nil
	}
	if strings.ContainsFunc(name, compose.TurnsDirection) { // a name could read as another address
		return events.Sealed{}, ErrName
	}
	return s.seal(projections.MailboxNameField, name)
}

// changeServer returns a change with its user sealed and its password in the vault. A password gets a name of its own: one that is in
// use is never written over, and the repeat of a request, whose body is the same, finds the same name.
func (s *sealer) changeServer(ctx context.Context, which string, change *ServerChange) (*commands.MailServerChange, error) {
	if change == nil {
		return nil, nil //nolint:nilnil // no change of a request is no change of the command
	}
	out := &commands.MailServerChange{Host: change.Host, Port: change.Port, Security: change.Security}
	if change.Username != nil {
		sealed, err := s.seal(projections.MailboxUsernameField, *change.Username)
		if err != nil {
			return nil, err
		}
		out.Username = &sealed
	}
	if change.Password != nil {
		name := secretsOf(s.mailbox) + which + "/" + s.ids(which+" secret").String()
		if err := s.vault.PutSecret(ctx, s.org, name, []byte(*change.Password)); err != nil {
			return nil, err
		}
		s.secrets, out.Secret = append(s.secrets, name), &name
	}
	return out, nil
}

func (s *sealer) seal(field, text string) (events.Sealed, error) {
	sealed, err := s.key.Seal(field, []byte(text))
	return events.Sealed(sealed), err
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
