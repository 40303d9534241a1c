package imports

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/retry"
)

// Reactor returns how imports are run. What happens to one import is handled in its order.
func (i *Imports) Reactor() react.Reactor {
	return react.Reactor{Name: "imports", Wants: reaction.WantEvents(events.ImportRequested{}, events.ImportCompleted{}, events.ImportFailed{}, events.ImportUndoRequested{}), Concurrency: 8, PerOrg: 2,
		Handle: i.handleImport}
}

// importAttempts is how often a step is tried before the import fails, with its reason recorded.
const importAttempts = 7

// handleImport tries by itself, so what it gives up is permanent: the router would else begin all attempts again.
func (i *Imports) handleImport(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	log := i.Log.With("import", e.Subject, "org", e.Org)
	err = i.retry(ctx, func() error { return i.runOrUndo(ctx, e, p) }, func(err error, wait time.Duration) {
		log.Warn("an import is tried again", "wait", wait, "error", err)
	})
	var stop *stoppedError
	switch {
	case err == nil || ctx.Err() != nil:
		return nil, err
	case errors.As(err, &stop):
		log.Warn("an import was stopped", "error", err)
		return nil, nil // it has recorded that itself
	}
	log.Error("an import is given up", "error", err)
	if r, ok := p.(events.ImportRequested); ok {
		err = i.retry(ctx, func() error {
			return i.failImport(ctx, e, r.ImportID, "an internal error; the rows so far are recorded, import the file again or undo it")
		}, nil)
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", react.ErrPermanent, err)
	}
	return nil, err
}

func (i *Imports) retry(ctx context.Context, work func() error, report func(error, time.Duration)) error {
	return retry.Do(ctx, retry.Policy{First: time.Second, Attempts: importAttempts, Report: report}, func() error {
		err := work()
		var stop *stoppedError
		if errors.As(err, &stop) {
			return retry.Stop(err)
		}
		return err
	})
}

func (i *Imports) runOrUndo(ctx context.Context, e *es.Event, p events.Event) error {
	switch p := p.(type) {
	case events.ImportRequested:
		return i.Run(ctx, e, p)
	case events.ImportCompleted:
		return i.releaseFile(ctx, e, p.ImportID)
	case events.ImportFailed:
		return i.releaseFile(ctx, e, p.ImportID)
	case events.ImportUndoRequested:
		if err := i.Undo(ctx, e, p.ImportID); err != nil {
			return err
		}
		return i.releaseFile(ctx, e, p.ImportID)
	default: // no others are wanted
		return nil
	}
}
