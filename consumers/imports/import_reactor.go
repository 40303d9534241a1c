package imports

import (
	"context"
	"errors"
	"time"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// Reactor returns how imports are run.
func (i *Imports) Reactor() react.Reactor {
	return react.Reactor{Name: "imports", Wants: reaction.WantEvents(events.ImportRequested{}, events.ImportUndoRequested{}), Concurrency: 4, Handle: i.handleRequested}
}

// importAttempts is how often a step that fails is tried before the import is given up, with its reason recorded.
const importAttempts = 6

func (i *Imports) handleRequested(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	for wait := time.Second; ; wait *= 2 {
		switch p := p.(type) {
		case events.ImportRequested:
			err = i.Run(ctx, e, p)
		case events.ImportUndoRequested:
			err = i.Undo(ctx, e, p.ImportID)
		}
		var stop *stoppedError
		switch {
		case err == nil || ctx.Err() != nil:
			return nil, err
		case errors.As(err, &stop):
			i.Log.Warn("an import was stopped", "import", e.Subject, "org", e.Org, "error", err)
			return nil, nil // it says so itself
		case wait >= time.Second<<importAttempts:
			i.Log.Error("an import is given up", "import", e.Subject, "org", e.Org, "error", err)
			if r, ok := p.(events.ImportRequested); ok {
				return nil, i.failImport(ctx, e, r.ImportID, "an internal error; the rows so far are recorded, import the file again or undo it")
			}
			return nil, err
		}
		i.Log.Warn("an import is tried again", "import", e.Subject, "org", e.Org, "wait", wait, "error", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}
