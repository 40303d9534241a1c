// Package worker talks to the mail servers of organisations in processes of their own: such a server may be anybody's and may mean harm, and what it breaks
// must not be the process of all. A child knows what it was told of the mailboxes that it works for, and nothing else.
package worker

import (
	"context"
	"time"

	"github.com/google/uuid"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// Mailbox is whom a server is opened for.
type Mailbox struct{ Org, ID uuid.UUID }

// Reader reads one account; imap.Client says what its calls do.
type Reader interface {
	Verify(ctx context.Context) error
	Poll(ctx context.Context, folder string, from imap.Cursor) (imap.Batch, error)
	Folders(ctx context.Context) ([]imap.Folder, error)
	SentFolder(ctx context.Context) (string, error)
	Has(ctx context.Context, folder, messageID string) (bool, error)
	Keep(ctx context.Context, folder, messageID string, message []byte) error
	Idle(ctx context.Context, folder string, long time.Duration) (news bool, err error)
	Close()
}

// Sender sends through one account; see smtp.Client.
type Sender interface {
	Send(ctx context.Context, from, to string, message []byte) smtp.Result
	Close()
}

// Servers opens the servers of mailboxes. Nothing is connected before the first call.
type Servers interface {
	Reader(of Mailbox, at transport.ServerLogin) Reader
	Sender(of Mailbox, at transport.ServerLogin) Sender
}

// Direct opens them in this process: a child does, and tests of what isn't about that.
type Direct struct {
	IMAP imap.Options
	SMTP smtp.Options
}

// Reader is Servers'.
func (d Direct) Reader(_ Mailbox, at transport.ServerLogin) Reader { return imap.New(at, d.IMAP) }

// Sender is Servers'.
func (d Direct) Sender(_ Mailbox, at transport.ServerLogin) Sender { return smtp.New(at, d.SMTP) }

// Setup is what a child is told of the operator's choices.
type Setup struct {
	LoopbackOnly bool          // see transport.Dialer
	Private      bool          // likewise
	CA           []byte        // PEM of certificates to trust besides the system's
	Timeout      time.Duration // of a command and a message; 0 = those of the clients
}

func (s Setup) dialer() (transport.Dialer, error) {
	d := transport.Dialer{LoopbackOnly: s.LoopbackOnly, Private: s.Private}
	var err error
	if len(s.CA) > 0 {
		d.Roots, err = transport.RootsWith(s.CA)
	}
	return d, err
}
