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

// Scheduled is the read side that the dispatcher needs.
type Scheduled interface {
	Mailbox(ctx context.Context, org, mailbox uuid.UUID) (Mailbox, error)
	// Overdue lists messages that were scheduled before a time and that nobody has claimed, of all organisations.
	Overdue(ctx context.Context, before time.Time) ([]Due, error)
}

// Due is a message whose slot has come.
type Due struct{ Org, Mailbox, Message uuid.UUID }

// Dispatch brings messages whose slot has come to the sender: it reads the mailbox's inbox when that was long ago, so that an
// answer which lies there stops what it must, and claims.
type Dispatch struct {
	Messages Scheduled
	Monitor  *Monitor
	Send     *Send
	Now      func() time.Time
	Log      *slog.Logger

	together gatherer[box, uuid.UUID, struct{}]
}

const (
	gatherFor  = 3 * time.Millisecond // what one tick schedules is claimed by one command
	readWithin = 5 * time.Minute      // an inbox that was read longer ago is read before a claim; aggregates.Freshness refuses later
	overdue    = 30 * time.Second     // from which on a message that nobody has claimed is looked at again
)

// DispatchReactor is its name as a reactor.
const DispatchReactor = "dispatch"

// Reactor is how it is run.
func (d *Dispatch) Reactor() react.Reactor {
	d.together.wait, d.together.most = gatherFor, commands.MaxItems
	d.together.work = func(ctx context.Context, of box, messages []uuid.UUID) ([]struct{}, error) {
		d.claim(ctx, of, messages)
		return make([]struct{}, len(messages)), nil
	}
	return react.Reactor{Name: DispatchReactor, Wants: only(events.MessageScheduled{}), Concurrency: 2048, Handle: d.handle}
}

// handle is done when the claim is answered. What can't be claimed now is left to Sweep.
func (d *Dispatch) handle(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := decoded(e)
	if err != nil {
		return nil, err
	}
	if s, ok := p.(events.MessageScheduled); ok {
		_, _ = d.together.do(ctx, box{e.Org, s.MailboxID}, s.MessageID) // it says itself what went wrong
	}
	return nil, nil
}

// claim is tried once; it says in the log why it did not come to it.
func (d *Dispatch) claim(ctx context.Context, of box, messages []uuid.UUID) {
	log := d.Log.With("org", of.org, "mailbox", of.mailbox, "messages", len(messages))
	b, err := d.Messages.Mailbox(ctx, of.org, of.mailbox)
	if err != nil {
		log.Warn("messages wait: their mailbox can't be found", "error", err)
		return
	}
	for some := range slices.Chunk(messages, mostAloft/2) { // the next half is claimed while one is being sent
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
func (d *Dispatch) Sweep(ctx context.Context) error {
	due, err := d.Messages.Overdue(ctx, d.Now().Add(-overdue))
	if err != nil {
		return err
	}
	var claims sync.WaitGroup
	for _, x := range due {
		claims.Go(func() { _, _ = d.together.do(ctx, box{x.Org, x.Mailbox}, x.Message) })
	}
	claims.Wait()
	return nil
}
