package sending

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// ScheduledMessages is the read side that the dispatcher needs.
type ScheduledMessages interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error)
	// Overdue lists the messages of all organisations that were scheduled before a time and that nobody has claimed.
	Overdue(ctx context.Context, before time.Time) ([]Due, error)
}

// InboxReader reads inboxes; inbox.Monitor is one.
type InboxReader interface {
	// ReadAt returns when the reading began by which a mailbox was last read to its end; zero when it wasn't.
	ReadAt(mailbox uuid.UUID) time.Time
	// Fresh reads a mailbox to its end unless that was done at since or later, and returns when it was.
	Fresh(ctx context.Context, b mailboxes.Mailbox, since time.Time) (time.Time, error)
}

// Due is a message whose slot has come.
type Due struct{ Org, Mailbox, Message uuid.UUID }

// DispatchConfig is what the dispatcher needs.
type DispatchConfig struct {
	Messages ScheduledMessages
	Monitor  InboxReader
	Send     *SendReactor
	Now      func() time.Time
	Log      *slog.Logger
}

// Dispatcher brings messages whose slot has come to the sender. It reads the mailbox's inbox if that was long ago, so that an
// answer that lies there stops what it must, and then claims.
type Dispatcher struct {
	DispatchConfig

	claims *batch.Group[mailboxKey, uuid.UUID, struct{}]

	mu       sync.Mutex
	sweeping map[mailboxKey]bool
}

// NewDispatcher returns a dispatcher, or an error that names what is missing.
func NewDispatcher(c DispatchConfig) (*Dispatcher, error) {
	if err := (reaction.Required{"messages": c.Messages != nil, "monitor": c.Monitor != nil, "send": c.Send != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("dispatcher"); err != nil {
		return nil, err
	}
	d := &Dispatcher{DispatchConfig: c}
	d.claims = batch.NewGroup(gatherFor, commands.MaxItems, func(ctx context.Context, of mailboxKey, messages []uuid.UUID) ([]struct{}, error) {
		d.claimTogether(ctx, of, messages)
		return make([]struct{}, len(messages)), nil
	})
	return d, nil
}

const (
	gatherFor  = 3 * time.Millisecond // so that what one tick schedules is claimed by one command
	readWithin = 5 * time.Minute      // an inbox that was read longer ago is read before a claim; aggregates.Freshness refuses later
	overdue    = 30 * time.Second     // after which a message that nobody has claimed is tried again
)

// DispatchReactor is its name as a reactor.
const DispatchReactor = "dispatch"

// Reactor is how it is run.
func (d *Dispatcher) Reactor() react.Reactor {
	return react.Reactor{Name: DispatchReactor, Wants: reaction.WantEvents(events.MessageScheduled{}), Concurrency: sendAtOnce, PerOrg: sendOfOrg, Handle: d.handleScheduled}
}

// handleScheduled returns once the claim is answered. What can't be claimed now is left to Sweep.
func (d *Dispatcher) handleScheduled(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if s, ok := p.(events.MessageScheduled); ok {
		_, _ = d.claims.Do(ctx, mailboxKey{e.Org, s.MailboxID}, s.MessageID) // it logs itself what went wrong
	}
	return nil, nil
}

// claimTogether claims messages of one mailbox. It tries once, and logs why it failed.
func (d *Dispatcher) claimTogether(ctx context.Context, of mailboxKey, messages []uuid.UUID) {
	log := d.Log.With("org", of.org, "mailbox", of.mailbox, "messages", len(messages))
	for some := range slices.Chunk(messages, maxInFlight/2) { // one half is claimed while the other is being sent
		read, err := d.readInbox(ctx, of)
		if err != nil {
			log.Warn("messages wait: the inbox can't be read, and what lies there may stop them", "error", err)
			return
		}
		a, err := d.Send.Claim(ctx, of.org, of.mailbox, some, read)
		switch {
		case err != nil:
			log.Warn("messages wait: they could not be claimed", "error", err)
		case a.Outcome == es.Refused:
			log.Debug("a claim is refused", "code", a.Code)
		}
	}
}

// readInbox reads the inbox of a mailbox unless that was done a short while ago, and returns when it was.
func (d *Dispatcher) readInbox(ctx context.Context, of mailboxKey) (time.Time, error) {
	since := d.Now().Add(-readWithin)
	if at := d.Monitor.ReadAt(of.mailbox); !at.Before(since) { // nothing about the mailbox need be read from Postgres
		return at, nil
	}
	b, err := d.Messages.Mailbox(ctx, of.org, of.mailbox)
	if err != nil {
		return time.Time{}, err
	}
	return d.Monitor.Fresh(ctx, b, since)
}

// Sweep claims what is overdue: after a crash, or when an inbox could not be read. Call it every minute or so.
func (d *Dispatcher) Sweep(ctx context.Context) error {
	due, err := d.Messages.Overdue(ctx, d.Now().Add(-overdue))
	if err != nil {
		return err
	}
	byMailbox := map[mailboxKey][]uuid.UUID{}
	for _, x := range due {
		of := mailboxKey{x.Org, x.Mailbox}
		byMailbox[of] = append(byMailbox[of], x.Message)
	}
	swept := make(chan struct{})
	var claims sync.WaitGroup
	for of, messages := range byMailbox {
		if !d.beginSweep(of) {
			continue // its inbox is still being read
		}
		claims.Go(func() {
			defer d.endSweep(of)
			d.claimTogether(ctx, of, messages)
		})
	}
	go func() { claims.Wait(); close(swept) }()
	late := time.NewTimer(slowSweep)
	defer late.Stop()
	select {
	case <-swept:
	case <-late.C: // a mailbox whose server is slow holds up no other
	}
	return nil
}

// slowSweep is how long a sweep waits for its claims; who takes longer goes on beside the next.
const slowSweep = 20 * time.Second

func (d *Dispatcher) beginSweep(of mailboxKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sweeping[of] {
		return false
	}
	if d.sweeping == nil {
		d.sweeping = map[mailboxKey]bool{}
	}
	d.sweeping[of] = true
	return true
}

func (d *Dispatcher) endSweep(of mailboxKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sweeping, of)
}
