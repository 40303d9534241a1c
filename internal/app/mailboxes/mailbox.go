// Package mailboxes knows how connected mailboxes are reached.
package mailboxes

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/mail/transport"
)

// Mailbox is one that is connected, as the read side shows it, opened.
type Mailbox struct {
	Org, ID     uuid.UUID
	Address     string
	DomainHash  string
	DisplayName string
	Signature   Signature
	KeepCopies  bool // a copy of what was sent is put into the folder of sent mail
	SMTP, IMAP  MailServer
	Signing     Signing     // of its domain, once the key's record is published
	LinkHost    string      // that links in its messages lead to, once it leads to us; empty = ours
	Cursor      imap.Cursor // behind the last mailbox.read of INBOX: its UID + 1; zero = never read
	// Others is as Cursor, of other folders by name; one that isn't there was never read.
	Others map[string]imap.Cursor
	// ReadFolders are read besides INBOX and those of unwanted mail; Folders are all, as they were listed last.
	ReadFolders []string
	Folders     []events.MailFolder
	Unread      string // why it can't be read, as it was told last; "" = it can
	NoTags      bool   // mail to its address with a tag hasn't come back: none is offered
	// TagsUntried is when the other checks were made of a mailbox whose tags were never tried; zero = they were, or nothing was.
	TagsUntried time.Time
}

// IsRead reports whether it is read from a server; answers to others are handed over.
func (m Mailbox) IsRead() bool { return m.IMAP.Host != "" }

// TaggedAddress is its address with a tag; false where none may be offered, or there is no room for it.
func (m Mailbox) TaggedAddress(tag string) (string, bool) {
	if m.NoTags {
		return "", false
	}
	return m.WithTag(tag)
}

// WithTag is its address with a tag, whether that arrives or not; false where there is no room for it.
func (m Mailbox) WithTag(tag string) (string, bool) { return linktoken.PlusAddress(m.Address, tag) }

// MailServer is events.MailServer with its user's name opened.
type MailServer struct {
	Host, Security, Username string
	Port                     int
	Secret                   string // name of the password in the vault
}

// AccountOf is how a server is reached. There is no plain text: security none is an error.
func AccountOf(ctx context.Context, secrets Secrets, org uuid.UUID, s MailServer) (transport.ServerLogin, error) {
	security := transport.Implicit
	switch s.Security {
	case "tls":
	case "starttls":
		security = transport.StartTLS
	default:
		return transport.ServerLogin{}, fmt.Errorf("reach %s: security %q is not offered", s.Host, s.Security)
	}
	password, err := secrets.Secret(ctx, org, s.Secret)
	if err != nil {
		return transport.ServerLogin{}, err
	}
	login := transport.ServerLogin{Host: s.Host, Port: s.Port, Security: security, Username: s.Username, Password: string(password)}
	switch kindOf(s.Secret) {
	case kindSendGrid:
		login.Provider = sendgrid.Provider
	case kindOAuth:
		login.Bearer = true
	}
	return login, nil
}
