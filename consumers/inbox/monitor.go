// Package inbox reads mailboxes and records what came.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
)

// Correspondence is the read side that the monitor needs.
type Correspondence interface {
	// Connected lists the mailboxes to read, of all organisations, with how far each was read.
	Connected(ctx context.Context) ([]mailboxes.Mailbox, error)
	// Sent is a message that has left or may have; ErrGone if there is none, or its lead was erased.
	Sent(ctx context.Context, org, message uuid.UUID) (SentMessage, error)
	// Seen says whether a mail is recorded already. Asked only where a folder's numbering began anew.
	Seen(ctx context.Context, org, mail uuid.UUID) (bool, error)
}

// MonitorConfig is what the monitor works with.
type MonitorConfig struct {
	Mail     Correspondence
	Keys     sealedtext.Keyring
	Objects  sealedtext.Objects
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Signer   *linktoken.Signer
	IMAP     imap.Options
	Now      func() time.Time
	Log      *slog.Logger
	AtOnce   int // mailboxes; 8
}

// Monitor reads mailboxes and records what came. It never marks mail as read. Commands have ids that follow from mailbox,
// UIDVALIDITY and UID, and the cursor moves behind them: whoever reads again asks for the same.
type Monitor struct {
	MonitorConfig

	mu    sync.Mutex
	read  map[uuid.UUID]*inboxConnection
	tries sync.Mutex // one round at a time
}

// NewMonitor makes a monitor; an error names what is missing.
func NewMonitor(c MonitorConfig) (*Monitor, error) {
	if err := (reaction.Required{"mail": c.Mail != nil, "keys": c.Keys != nil, "commands": c.Commands != nil, "signer": c.Signer != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("monitor"); err != nil {
		return nil, err
	}
	return &Monitor{MonitorConfig: c, read: map[uuid.UUID]*inboxConnection{}}, nil
}

// inboxConnection is what is known of a mailbox in this process.
type inboxConnection struct {
	turn    sync.Mutex // one reads at a time; it holds cursor
	account transport.Account
	client  *imap.Client
	cursor  imap.Cursor
	at      time.Time
}

// ReadAt is when a mailbox was last read to its end by this process; zero = not yet. A claim carries it.
func (m *Monitor) ReadAt(mailbox uuid.UUID) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.read[mailbox]; r != nil {
		return r.at
	}
	return time.Time{}
}

// Round reads every mailbox once to its end. One that fails is logged and doesn't keep the others from being read.
func (m *Monitor) Round(ctx context.Context) error {
	m.tries.Lock()
	defer m.tries.Unlock()
	boxes, err := m.Mail.Connected(ctx)
	if err != nil {
		return fmt.Errorf("list mailboxes: %w", err)
	}
	var g errgroup.Group
	atOnce := m.AtOnce
	if atOnce <= 0 {
		atOnce = 8
	}
	g.SetLimit(atOnce)
	for _, b := range boxes {
		g.Go(func() error {
			if err := m.readMailbox(ctx, b); err != nil && ctx.Err() == nil {
				m.Log.Warn("a mailbox could not be read", "mailbox", b.ID, "org", b.Org, "error", err)
			}
			return nil
		})
	}
	_ = g.Wait()
	return ctx.Err()
}

// Fresh reads a mailbox to its end unless that was done at since or later, and says when it was.
func (m *Monitor) Fresh(ctx context.Context, b mailboxes.Mailbox, since time.Time) (time.Time, error) {
	if at := m.ReadAt(b.ID); !at.IsZero() && !at.Before(since) {
		return at, nil
	}
	if err := m.readMailbox(ctx, b); err != nil {
		return time.Time{}, err
	}
	return m.ReadAt(b.ID), nil
}

// readMailbox reads one to its end.
func (m *Monitor) readMailbox(ctx context.Context, b mailboxes.Mailbox) error {
	r, err := m.connectionOf(ctx, b)
	if err != nil {
		return err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	for {
		batch, err := r.client.Poll(ctx, imap.Inbox, r.cursor)
		if err != nil {
			return err
		}
		for _, raw := range batch.Messages {
			if err := m.recordMail(ctx, b, batch, raw); err != nil {
				return fmt.Errorf("uid %d: %w", raw.UID, err)
			}
		}
		if batch.Next != r.cursor { // recorded only when there is something new
			if err := m.recordRead(ctx, b, batch); err != nil {
				return err
			}
			r.cursor = batch.Next
		}
		if !batch.More {
			m.mu.Lock()
			r.at = batch.ReadAt
			m.mu.Unlock()
			return nil
		}
	}
}

func (m *Monitor) recordRead(ctx context.Context, b mailboxes.Mailbox, batch imap.Batch) error {
	at := batch.ReadAt
	if at.IsZero() {
		at = m.Now()
	}
	at = at.UTC().Truncate(time.Microsecond)
	last := int64(batch.Next.Next) - 1
	id := es.DeriveID(b.ID, "read", imap.Inbox, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatInt(last, 10))
	a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Folder: imap.Inbox,
		UIDValidity: int64(batch.Next.Validity), UID: last, ReadAt: at})
	if err == nil && a.Outcome == es.Refused {
		err = errors.New("record how far it was read: refused: " + a.Code)
	}
	return err
}

func (m *Monitor) causeOf(b mailboxes.Mailbox, id uuid.UUID) reaction.Cause {
	return reaction.Cause{Org: b.Org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "monitor"}}
}

// connectionOf gives what is known of a mailbox, from the read side's cursor the first time.
func (m *Monitor) connectionOf(ctx context.Context, b mailboxes.Mailbox) (*inboxConnection, error) {
	a, err := mailboxes.AccountOf(ctx, m.Secrets, b.Org, b.IMAP)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.read[b.ID]
	if r != nil && r.account == a {
		return r, nil
	}
	if r != nil { // connected anew: whatever was read then is another server's, or the same one's
		r.client.Close()
	}
	r = &inboxConnection{account: a, client: imap.New(a, m.IMAP), cursor: b.Cursor}
	if m.read == nil {
		m.read = map[uuid.UUID]*inboxConnection{}
	}
	m.read[b.ID] = r
	return r, nil
}

// Close ends all connections.
func (m *Monitor) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.read {
		r.client.Close()
	}
	m.read = nil
}
