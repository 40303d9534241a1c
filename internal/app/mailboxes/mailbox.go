// Package mailboxes knows how connected mailboxes are reached.
package mailboxes

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
)

// Mailbox is one that is connected, as the read side shows it, opened.
type Mailbox struct {
	Org, ID     uuid.UUID
	Address     string
	DisplayName string
	SMTP, IMAP  Server
	Cursor      imap.Cursor // behind the last mailbox.read of INBOX: its UID + 1; zero = never read
}

// Server is events.Server with its user's name opened.
type Server struct {
	Host, Security, Username string
	Port                     int
	Secret                   string // name of the password in the vault
}

// AccountOf is how a server is reached. There is no plain text: security none is an error.
func AccountOf(ctx context.Context, secrets Secrets, org uuid.UUID, s Server) (transport.Account, error) {
	security := transport.Implicit
	switch s.Security {
	case "tls":
	case "starttls":
		security = transport.StartTLS
	default:
		return transport.Account{}, fmt.Errorf("reach %s: security %q is not offered", s.Host, s.Security)
	}
	password, err := secrets.Secret(ctx, org, s.Secret)
	if err != nil {
		return transport.Account{}, err
	}
	return transport.Account{Host: s.Host, Port: s.Port, Security: security, Username: s.Username, Password: string(password)}, nil
}
