package sendgrid

import (
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// Provider names SendGrid in transport.ServerLogin.
const Provider = "sendgrid"

// Servers opens mailboxes that send through SendGrid itself, and leaves all others to who opens mail servers. SendGrid needs no process of its own: its host is
// ours to name, and what is read of its answers is bounded.
type Servers struct {
	worker.Servers

	options Options
}

// NewServers returns Servers in front of others.
func NewServers(others worker.Servers, o Options) Servers {
	if o.HTTP == nil {
		o.HTTP = NewHTTPClient(false)
	}
	return Servers{others, o}
}

// Sender is worker.Servers'.
func (s Servers) Sender(of worker.Mailbox, at transport.ServerLogin) worker.Sender {
	if at.Provider == Provider {
		return New(at, s.options)
	}
	return s.Servers.Sender(of, at)
}
