package consumers

import (
	"context"
	"log/slog"
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

	mu      sync.Mutex
	gathers map[box]*gathering
}

const (
	gatherFor  = 3 * time.Millisecond // what one tick schedules is claimed by one command
	readWithin = 5 * time.Minute      // an inbox that was read longer ago is read before a claim; aggregates.Freshness refuses later
	overdue    = 30 * time.Second     // from which on a message that nobody has claimed is looked at again
)

// gathering is messages of a mailbox that are about to be claimed together.
type gathering struct {
	messages []uuid.UUID
	done     chan struct{}
}

// Reactor is how it is run.
func (d *Dispatch) Reactor() react.Reactor {
	return react.Reactor{Name: "dispatch", Wants: only(events.MessageScheduled{}), Concurrency: 256, Handle: d.handle}
}

// handle is done when the claim is answered. What can't be claimed now is left to Sweep.
func (d *Dispatch) handle(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := decoded(e)
	if err != nil {
		return nil, err
	}
	if s, ok := p.(events.MessageScheduled); ok {
		<-d.gather(context.WithoutCancel(ctx), box{e.Org, s.MailboxID}, s.MessageID)
	}
	return nil, nil
}

func (d *Dispatch) gather(ctx context.Context, of box, message uuid.UUID) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.gathers[of]
	if g == nil {
		g = &gathering{done: make(chan struct{})}
		if d.gathers == nil {
			d.gathers = map[box]*gathering{}
		}
		d.gathers[of] = g
		time.AfterFunc(gatherFor, func() {
			d.mu.Lock()
			if d.gathers[of] == g {
				delete(d.gathers, of)
			}
			messages := g.messages
			d.mu.Unlock()
			d.claim(ctx, of, messages)
			close(g.done)
		})
	}
	if g.messages = append(g.messages, message); len(g.messages) == commands.MaxItems {
		delete(d.gathers, of) // the next message begins another
	}
	return g.done
}

// claim is tried once; it says in the log why it did not come to it.
func (d *Dispatch) claim(ctx context.Context, of box, messages []uuid.UUID) {
	log := d.Log.With("org", of.org, "mailbox", of.mailbox, "messages", len(messages))
	b, err := d.Messages.Mailbox(ctx, of.org, of.mailbox)
	if err != nil {
		log.Warn("messages wait: their mailbox can't be found", "error", err)
		return
	}
	read, err := d.Monitor.Fresh(ctx, b, d.Now().Add(-readWithin))
	if err != nil {
		log.Warn("messages wait: the inbox can't be read, and what lies there may stop them", "error", err)
		return
	}
	a, err := d.Send.Claim(ctx, of.org, of.mailbox, messages, read)
	switch {
	case err != nil:
		log.Warn("messages wait: they could not be claimed", "error", err)
	case a.Outcome == es.Refused:
		log.Debug("a claim is refused", "code", a.Code)
	}
}

// Sweep claims what is overdue: after a crash, or when an inbox could not be read. Call it every minute or so.
func (d *Dispatch) Sweep(ctx context.Context) error {
	due, err := d.Messages.Overdue(ctx, d.Now().Add(-overdue))
	if err != nil {
		return err
	}
	var waits []<-chan struct{}
	for _, x := range due {
		waits = append(waits, d.gather(ctx, box{x.Org, x.Mailbox}, x.Message))
	}
	for _, w := range waits {
		<-w
	}
	return nil
}
