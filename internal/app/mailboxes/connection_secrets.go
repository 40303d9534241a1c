package mailboxes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// secretsOf is how the names of a mailbox's secrets begin.
func secretsOf(mailbox uuid.UUID) string { return "mailbox/" + mailbox.String() + "/" }

// Kinds of a mailbox's secrets, as their names tell behind the mailbox.
const (
	kindSMTP     = "smtp"
	kindIMAP     = "imap"
	kindSendGrid = "sendgrid" // the key of an account
	kindOAuth    = "oauth"    // a sign-in at a provider (mailoauth.Stored), for both servers
)

// kindOfSender is the kind of secret that a mailbox sends with.
func kindOfSender(transport, token string) string {
	switch {
	case transport == events.TransportSendGrid:
		return kindSendGrid
	case token != "":
		return kindOAuth
	}
	return kindSMTP
}

// kindOf returns a secret's kind by its name, mailbox/ID/KIND/ID; "" for one that has another name.
func kindOf(secret string) string {
	if parts := strings.Split(secret, "/"); len(parts) == 4 {
		return parts[2]
	}
	return ""
}

// connectionOf is how a mailbox was connected last; zero before.
func connectionOf(row *projections.Mailbox) (is events.MailboxConnected, err error) {
	if row.Connection == nil {
		return is, nil
	}
	if err := es.Unmarshal(row.Connection, &is); err != nil {
		return is, fmt.Errorf("read connection: %w", err)
	}
	return is, nil
}

// SignsInByToken reports whether a mailbox is signed in at its provider.
func SignsInByToken(row *projections.Mailbox) bool {
	is, err := connectionOf(row)
	return err == nil && kindOf(is.SMTP.Secret) == kindOAuth
}

// DeleteReplaced deletes those of some secrets that a mailbox doesn't name: whoever reads it from here on finds others. In the
// repeat of an old request these may be that request's own.
func (c Connector) DeleteReplaced(ctx context.Context, row *projections.Mailbox, secrets []string) error {
	is, err := connectionOf(row)
	if err != nil {
		return err
	}
	c.DeleteSecrets(ctx, row.OrgID, slices.DeleteFunc(secrets, func(name string) bool { return name == is.SMTP.Secret || name == is.IMAP.Secret }))
	return nil
}

// DeleteSecrets deletes secrets that nothing names any more. One that stays can't be used for anything, so it is only reported.
func (c Connector) DeleteSecrets(ctx context.Context, org uuid.UUID, secrets []string) {
	for _, name := range secrets {
		if name == "" {
			continue
		}
		if err := c.Vault.DeleteSecret(ctx, org, name); err != nil {
			c.Logger.WarnContext(ctx, "a secret of no use was left in the vault", "secret", name, "error", err)
		}
	}
}

// DeleteRemoved deletes all secrets of a mailbox that was removed. Nothing can be done with those that stay.
func (c Connector) DeleteRemoved(ctx context.Context, org, mailbox uuid.UUID) {
	if err := c.Vault.DeleteSecrets(ctx, org, secretsOf(mailbox)); err != nil {
		c.Logger.WarnContext(ctx, "secrets of a removed mailbox were left in the vault", "mailbox", mailbox, "error", err)
	}
}
