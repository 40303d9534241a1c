package consumers

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// ScheduledMessages is the read side that the dispatcher needs.
type ScheduledMessages interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (Mailbox, error)
	// Overdue lists messages that were scheduled before a time and that nobody has claimed, of all organisations.
	Overdue(ctx context.Context, before time.Time) ([]Due, error)
}

// Due is a message whose slot has come.
type Due struct{ Org, Mailbox, Message uuid.UUID }

// Dispatcher brings messages whose slot has come to the sender: it reads the mailbox's inbox when that was long ago, so that an
// answer which lies there stops what it must, and claims.
type Dispatcher struct {
	Messages ScheduledMessages
	Monitor  *Monitor
	Send     *SendReactor
	Now      func() time.Time
	Log      *slog.Logger

	claims gatherer[mailboxKey, uuid.UUID, struct{}]
}

const (
	gatherFor  = 3 * time.Millisecond // what one tick schedules is claimed by one command
	readWithin = 5 * time.Minute      // an inbox that was read longer ago is read before a claim; aggregates.Freshness refuses later
	overdue    = 30 * time.Second     // from which on a message that nobody has claimed is looked at again
)

// DispatchReactor is its name as a reactor.
const DispatchReactor = "dispatch"

// Reactor is how it is run.
func (d *Dispatcher) Reactor() react.Reactor {
	d.claims.wait, d.claims.most = gatherFor, commands.MaxItems
	d.claims.work = func(ctx context.Context, of mailboxKey, messages []uuid.UUID) ([]struct{}, error) {
		d.claimTogether(ctx, of, messages)
		return make([]struct{}, len(messages)), nil
	}
	return react.Reactor{Name: DispatchReactor, Wants: WantEvents(events.MessageScheduled{}), Concurrency: 2048, Handle: d.handleScheduled}
}

// handleScheduled is done when the claim is answered. What can't be claimed now is left to Sweep.
func (d *Dispatcher) handleScheduled(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if s, ok := p.(events.MessageScheduled); ok {
		_, _ = d.claims.do(ctx, mailboxKey{e.Org, s.MailboxID}, s.MessageID) // it says itself what went wrong
	}
	return nil, nil
}

// claimTogether is tried once; it says in the log why it did not come to it.
func (d *Dispatcher) claimTogether(ctx context.Context, of mailboxKey, messages []uuid.UUID) {
	log := d.Log.With("org", of.org, "mailbox", of.mailbox, "messages", len(messages))
	b, err := d.Messages.Mailbox(ctx, of.org, of.mailbox)
	if err != nil {
		log.Warn("messages wait: their mailbox can't be found", "error", err)
		return
	}
	for some := range slices.Chunk(messages, maxInFlight/2) { // the next half is claimed while one is being sent
		read, err := d.Monitor.Fresh(ctx, b, d.Now().Add(-readWithin))
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

// Sweep claims what is overdue: after a crash, or when an inbox could not be read. Call it every minute or so.
func (d *Dispatcher) Sweep(ctx context.Context) error {
	due, err := d.Messages.Overdue(ctx, d.Now().Add(-overdue))
	if err != nil {
		return err
	}
	var claims sync.WaitGroup
	for _, x := range due {
		claims.Go(func() { _, _ = d.claims.do(ctx, mailboxKey{x.Org, x.Mailbox}, x.Message) })
	}
	claims.Wait()
	return nil
}
