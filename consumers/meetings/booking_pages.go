package meetings

import (
	"context"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// PageWatcher has somebody look at once whether a service posts its bookings to us, when it is connected or works again.
type PageWatcher struct {
	await reaction.Await
	wake  func()
}

// NewPageWatcher returns a reactor, or an error that names what is missing.
func NewPageWatcher(await reaction.Await, wake func()) (*PageWatcher, error) {
	if err := (reaction.Required{"wake": wake != nil}).Check("page watcher"); err != nil {
		return nil, err
	}
	return &PageWatcher{await, wake}, nil
}

// Reactor returns how it is run.
func (w *PageWatcher) Reactor() react.Reactor {
	return react.Reactor{Name: "booking_pages", Wants: reaction.WantEvents(events.ConnectionMade{}, events.ConnectionRestored{}, events.ConnectionResumed{}), Concurrency: 4, PerOrg: 1, Handle: w.handle}
}

func (w *PageWatcher) handle(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	if err := w.await.For(ctx, e, "connections"); err != nil {
		return nil, err
	}
	w.wake()
	return nil, nil
}
