package imports

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/lab/reactortest"
)

// What the reactor gave up after its own attempts, the router must not begin again.
func TestAnUndoThatIsGivenUpIsNotTriedByTheRouterAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down, tries := errors.New("the read model is down"), 0
		i := &Imports{Config: Config{Log: slog.New(slog.DiscardHandler), Position: func(context.Context, int32, int64) error {
			tries++
			return down
		}}}
		_, err := i.handleImport(t.Context(), reactortest.Fact(t, es.NewID(), events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: es.NewID()}}))
		if !errors.Is(err, react.ErrPermanent) || !errors.Is(err, down) || tries != importAttempts {
			t.Errorf("%d tries, got %v", tries, err)
		}
	})
}
