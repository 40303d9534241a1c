// Package inbox reads mailboxes and records what came.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
	"outrider/internal/pii"
	"outrider/internal/turns"
)

// Correspondence is the read side that the monitor needs.
type Correspondence interface {
	// Connected lists the mailboxes of all organisations that are to be read, with how far each was read.
	Connected(ctx context.Context) ([]mailboxes.Mailbox, error)
	// Sent returns a message that has left or may have; ErrGone if there is none, or its lead was erased.
	Sent(ctx context.Context, org, message uuid.UUID) (SentMessage, error)
	// SentTexts returns the texts of that message and of those before it in its sequence; none once they were erased.
	SentTexts(ctx context.Context, org, message uuid.UUID) ([]SentText, error)
	// Seen reports whether a mail is recorded already. It is called only when a folder was renumbered.
	Seen(ctx context.Context, org, mail uuid.UUID) (bool, error)
}

// Hashes are an organisation's keyed hashes; pii.Vault has them.
type Hashes interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
}

// MonitorConfig is what the monitor needs.
type MonitorConfig struct {
	Mail     Correspondence
	Keys     sealedtext.Keyring
	Hashes   Hashes
	Objects  sealedtext.Objects
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Signer   *linktoken.Signer
	Servers  worker.Servers
	Now      func() time.Time
	Log      *slog.Logger
	Model    ReplyModel // nil = what rules can't tell waits for a person
	AtOnce   int        // mailboxes; 48
	OfOrg    int        // of them, of one organisation; an eighth
	Watch    int        // mailboxes whose servers are listened to, so that what comes is read at once; 0 = none
}

// Monitor reads mailboxes and records what came. It never marks mail as read. Commands have ids that follow from mailbox,
// UIDVALIDITY and UID, and the cursor moves only after them: whoever reads a mail again sends the same commands.
type Monitor struct {
	MonitorConfig

	mu        sync.Mutex
	read      map[uuid.UUID]*inboxConnection
	addresses map[uuid.UUID][]string // of all mailboxes, by organisation
	reading   map[uuid.UUID]bool     // by rounds
	tries     sync.Mutex             // one round at a time
	turns     *turns.Gate
	watching  watching
}

const (
	turnBatches  = 4   // of a folder that are read at a turn
	freshBatches = 100 // that are read before a claim; behind them it waits
	slowRound    = 20 * time.Second
)

// NewMonitor returns a monitor, or an error that names what is missing.
func NewMonitor(c MonitorConfig) (*Monitor, error) {
	if err := (reaction.Required{"mail": c.Mail != nil, "keys": c.Keys != nil, "hashes": c.Hashes != nil, "servers": c.Servers != nil, "commands": c.Commands != nil, "signer": c.Signer != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("monitor"); err != nil {
		return nil, err
	}
	if c.AtOnce <= 0 {
		c.AtOnce = 48
	}
	if c.OfOrg <= 0 {
		c.OfOrg = max(c.AtOnce/8, 1)
	}
	return &Monitor{MonitorConfig: c, read: map[uuid.UUID]*inboxConnection{}, reading: map[uuid.UUID]bool{}, turns: turns.NewGate(c.AtOnce, c.OfOrg)}, nil
}

// inboxConnection is what this process knows of a mailbox.
type inboxConnection struct {
	turn    sync.Mutex // one reads at a time; it holds cursors and folders
	account transport.ServerLogin
	client  worker.Reader
	cursors map[string]imap.Cursor // by folder
	junk    []string               // folders, as they were listed
	folders []events.MailFolder    // as they were recorded; nil = not by this process
	listed  time.Time
	at      time.Time
	trouble readingTrouble
}

// ReadAt returns when this process last read a mailbox to its end; zero = not yet. A claim carries it.
func (m *Monitor) ReadAt(mailbox uuid.UUID) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.read[mailbox]; r != nil {
		return r.at
	}
	return time.Time{}
}

// Round reads every mailbox once to its end. A failure is logged and doesn't keep the others from being read.
func (m *Monitor) Round(ctx context.Context) error {
	m.tries.Lock()
	defer m.tries.Unlock()
	boxes, err := m.Mail.Connected(ctx)
	if err != nil {
		return fmt.Errorf("list mailboxes: %w", err)
	}
	m.mu.Lock()
	m.addresses = addressesOf(boxes)
	m.mu.Unlock()
	round := make(chan struct{})
	var reading sync.WaitGroup
	for _, b := range boxes {
		if b.IsRead() && m.begin(b.ID) {
			reading.Go(func() {
				defer m.end(b.ID)
				m.readInTurns(ctx, b)
			})
		}
	}
	go func() { reading.Wait(); close(round) }()
	late := time.NewTimer(slowRound)
	defer late.Stop()
	select {
	case <-round:
	case <-late.C: // who takes longer goes on beside the next rounds
	}
	m.watchSome(ctx, boxes)
	return ctx.Err()
}

// begin reports whether nobody reads a mailbox in a round yet.
func (m *Monitor) begin(mailbox uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reading[mailbox] {
		return false
	}
	m.reading[mailbox] = true
	return true
}

func (m *Monitor) end(mailbox uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.reading, mailbox)
}

// readInTurns reads a mailbox to its end, a few batches at a turn: organisations take turns, so that an inbox without an end, or a server
// that never answers, keeps nobody else from being read.
func (m *Monitor) readInTurns(ctx context.Context, b mailboxes.Mailbox) {
	for {
		leave, err := m.turns.Enter(ctx, b.Org)
		if err != nil {
			return // the end
		}
		err = m.readMailbox(ctx, b, turnBatches)
		if err == nil {
			m.tryTags(ctx, b)
		}
		leave()
		if errors.Is(err, errMore) {
			continue
		}
		if err != nil && ctx.Err() == nil {
			m.Log.Warn("a mailbox could not be read", "mailbox", b.ID, "org", b.Org, "error", err)
		}
		return
	}
}

// Fresh reads a mailbox to its end unless that was done at since or later, and returns when it was.
func (m *Monitor) Fresh(ctx context.Context, b mailboxes.Mailbox, since time.Time) (time.Time, error) {
	if !b.IsRead() { // what comes is handed over at once
		return m.Now(), nil
	}
	if at := m.ReadAt(b.ID); !at.IsZero() && !at.Before(since) {
		return at, nil
	}
	if err := m.readMailbox(ctx, b, freshBatches); err != nil {
		return time.Time{}, err
	}
	return m.ReadAt(b.ID), nil
}

// readMailbox reads the folders of a mailbox to their ends, so many batches of each at most: errMore. The mailbox counts as read when
// its INBOX is.
func (m *Monitor) readMailbox(ctx context.Context, b mailboxes.Mailbox, batches int) error {
	r, err := m.connectionOf(ctx, b)
	if err != nil {
		return err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	at, err := m.readFolder(ctx, b, r, imap.Inbox, batches)
	m.noteReading(ctx, b, &r.trouble, err)
	if err != nil {
		return err
	}
	m.mu.Lock()
	r.at = at
	m.mu.Unlock()
	for _, folder := range m.otherFolders(ctx, b, r) {
		if _, err := m.readFolder(ctx, b, r, folder, batches); err != nil && ctx.Err() == nil && !errors.Is(err, errMore) { // the rest comes with the next round
			m.Log.Warn("a folder could not be read", "mailbox", b.ID, "org", b.Org, "folder", folder, "error", err)
		}
	}
	return nil
}

// errMore says that a folder isn't read to its end yet.
var errMore = errors.New("there is more mail than is read at once")

// readFolder reads a folder to its end and returns when that began; errMore after so many batches.
func (m *Monitor) readFolder(ctx context.Context, b mailboxes.Mailbox, r *inboxConnection, folder string, batches int) (time.Time, error) {
	for n := 0; ; n++ {
		if n == batches {
			return time.Time{}, errMore
		}
		batch, err := r.client.Poll(ctx, folder, r.cursors[folder])
		if err != nil {
			return time.Time{}, &pollError{err}
		}
		for _, raw := range batch.Messages {
			if err := m.recordMail(ctx, b, batch, raw); err != nil {
				return time.Time{}, fmt.Errorf("uid %d: %w", raw.UID, err)
			}
		}
		for _, mail := range batch.Unreadable {
			if err := m.recordUnreadable(ctx, b, batch, mail); err != nil {
				return time.Time{}, err
			}
		}
		if batch.Next != r.cursors[folder] { // recorded only when there is something new
			if err := m.recordRead(ctx, b, batch); err != nil {
				return time.Time{}, err
			}
			r.cursors[folder] = batch.Next
		}
		switch {
		case batch.More:
		case batch.ReadAt.IsZero():
			return time.Time{}, errors.New("a mail could not be read; it is tried again")
		default:
			return batch.ReadAt, nil
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
	id := es.DeriveID(b.ID, "read", batch.Folder, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatInt(last, 10))
	a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Folder: batch.Folder,
		UIDValidity: int64(batch.Next.Validity), UID: last, ReadAt: at})
	if err == nil && a.Outcome == es.Refused {
		err = errors.New("record how far it was read: refused: " + a.Code)
	}
	return err
}

func (m *Monitor) causeOf(b mailboxes.Mailbox, id uuid.UUID) reaction.Cause {
	return reaction.Cause{Org: b.Org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "monitor"}}
}

// connectionOf returns what is known of a mailbox, the first time with the cursors of the read side.
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
	if r != nil { // connected again, maybe to another server
		r.client.Close()
	}
	r = &inboxConnection{account: a, client: m.Servers.Reader(worker.Mailbox{Org: b.Org, ID: b.ID}, a), cursors: map[string]imap.Cursor{imap.Inbox: b.Cursor}}
	maps.Copy(r.cursors, b.Others)
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
	for _, w := range m.watching.boxes {
		w.end()
	}
	for _, r := range m.read {
		r.client.Close()
	}
	m.read = nil
}
