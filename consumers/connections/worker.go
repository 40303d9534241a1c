// Package connections runs the work on connections to services of others, whichever they are: who has a turn, how many at once, and what becomes of one that
// needs somebody.
package connections

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	services "outrider/internal/integrations"
)

// Config is what a worker needs.
type Config struct {
	Turns     integrations.Turns
	Providers []string
	Commands  reaction.Commander
	Poll      time.Duration    // between two turns of a connection, whatever its service tells by itself
	Now       func() time.Time // the organisations' time, for commands; the rest goes by the turns'
	Log       *slog.Logger
	// Work does what there is to do in a turn; more says that there is more.
	Work func(ctx context.Context, t integrations.Turn) (more bool, err error)
	// Besides is done now and then, by the turns' time; its errors are logged.
	Besides func(ctx context.Context, now time.Time) error
	Every   time.Duration
}

// Worker gives turns to connections.
type Worker struct {
	c       Config
	wake    chan struct{}
	running sync.WaitGroup
}

// Bounds of one process.
const (
	atOnce = 8 // connections
	idle   = time.Second
)

// NewWorker returns a worker; what it needs was checked by who makes it.
func NewWorker(c Config) *Worker { return &Worker{c: c, wake: make(chan struct{}, 1)} }

// Wake has the worker look at once.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. What is under way then is done again by somebody else.
func (w *Worker) Run(ctx context.Context) error {
	defer w.running.Wait()
	var besides time.Time
	free := make(chan struct{}, atOnce)
	for ctx.Err() == nil {
		turns, err := w.c.Turns.Take(ctx, w.c.Providers, atOnce-len(free))
		if err != nil && ctx.Err() == nil {
			w.c.Log.Error("connections can't be worked on; it is tried again", "providers", w.c.Providers, "error", err)
		}
		for _, t := range turns {
			free <- struct{}{}
			w.running.Go(func() {
				defer w.Wake()
				defer func() { <-free }()
				w.give(ctx, t)
			})
		}
		if now := w.c.Turns.Now(); now.Sub(besides) > w.c.Every {
			besides = now
			if err := w.c.Besides(ctx, now); err != nil && ctx.Err() == nil {
				w.c.Log.Error("work beside connections failed; it is tried again", "providers", w.c.Providers, "error", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(idle):
		}
	}
	return nil
}

// Round takes every turn that has come, one after the other, and returns how many: for who doesn't run it.
func (w *Worker) Round(ctx context.Context) (int, error) {
	turns, err := w.c.Turns.Take(ctx, w.c.Providers, atOnce)
	for _, t := range turns {
		w.give(ctx, t)
	}
	return len(turns), err
}

func (w *Worker) give(ctx context.Context, t integrations.Turn) {
	more, err := w.c.Work(ctx, t)
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
		err = nil
		more = true
	}
	log := w.c.Log.With("org", t.Org, "connection", t.Connection, "provider", t.Provider)
	var needs *services.NeedsYou
	var later *services.Later
	switch {
	case errors.Is(err, integrations.ErrNotOurs):
		return
	case errors.As(err, &needs):
		log.Warn("a connection needs somebody", "reason", needs.Reason, "detail", needs.Detail)
		id := es.NewID()
		if _, err := reaction.Submit(ctx, w.c.Commands, Because(t, id), id, w.c.Now(), commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: t.Connection}, Reason: needs.Reason,
			Detail: commands.Clip(needs.Detail, 500)}); err != nil {
			log.Error("a connection that needs somebody could not be interrupted; it is tried again", "error", err)
		}
	case err != nil && !errors.As(err, &later):
		log.Error("work on a connection failed; it is tried again", "error", err)
	}
	if backErr := w.c.Turns.GiveBack(ctx, t, w.c.Poll, more, err); backErr != nil {
		log.Error("a connection's turn could not be given back; it ends by itself", "error", backErr)
	}
}

// Because is the cause of commands that follow from what a service says.
func Because(t integrations.Turn, id uuid.UUID) reaction.Cause {
	return reaction.Cause{Org: t.Org, Correlation: id, Causation: t.Connection, Actor: es.Actor{Kind: es.ActorProvider, ID: t.Provider}}
}
