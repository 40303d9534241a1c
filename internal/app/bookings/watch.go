package bookings

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/integrations"
	"outrider/internal/linktoken"
	"outrider/internal/scheduling"
)

// Connected is a connection whose service is to post bookings.
type Connected struct {
	Org, ID  uuid.UUID
	Provider string
}

// Watcher sees to it that the services of all connections post to us: Calendly switches a subscription off for good after a day without us, and tells nobody.
type Watcher struct {
	Services map[string]scheduling.Service
	As       func(c Connected) scheduling.Doer // makes requests as a connection
	Secrets  Secrets
	Links    linktoken.Links
	// List returns all connections that work; it may be asked for often.
	List func(ctx context.Context) ([]Connected, error)
	// Alone runs do unless another process is at the same connection.
	Alone  func(ctx context.Context, connection uuid.UUID, do func() error) error
	Worked func(ctx context.Context, c Connected, err error) error // notes how it went
	Submit func(ctx context.Context, c *es.Command) (es.Answer, error)
	Now    func() time.Time
	Log    *slog.Logger

	wake chan struct{}
}

// lookEvery is how often all connections are looked at: well within the day after which Calendly gives a subscription up.
const lookEvery = 15 * time.Minute

// NewWatcher returns a watcher that Run starts.
func NewWatcher(w Watcher) *Watcher {
	w.wake = make(chan struct{}, 1)
	return &w
}

// Wake has it look at once.
func (w *Watcher) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run looks until ctx ends.
func (w *Watcher) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("booking pages can't be looked at; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(lookEvery):
		}
	}
	return nil
}

// Look looks at all connections once. What goes wrong with one is noted there.
func (w *Watcher) Look(ctx context.Context) error {
	all, err := w.List(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := w.LookAt(ctx, c); err != nil {
			w.Log.Warn("a booking page isn't watched", "connection", c.ID, "org", c.Org, "provider", c.Provider, "error", err)
		}
	}
	return nil
}

// LookAt looks at one connection. One that only a person can mend waits for them.
func (w *Watcher) LookAt(ctx context.Context, c Connected) error {
	if w.Services[c.Provider] == nil {
		return nil
	}
	return w.Alone(ctx, c.ID, func() error {
		err := w.ensure(ctx, c)
		var needs *integrations.NeedsYou
		if errors.As(err, &needs) {
			return w.interrupt(ctx, c, needs)
		}
		if noted := w.Worked(ctx, c, err); noted != nil {
			return errors.Join(err, noted)
		}
		return err
	})
}

// ensure makes a subscription where there is none that works. Its key is kept before it is made, so that its first post can be checked.
func (w *Watcher) ensure(ctx context.Context, c Connected) error {
	service, do := w.Services[c.Provider], w.As(c)
	to := w.Links.Bookings(c.Provider, linktoken.Token{Org: c.Org, Message: c.ID})
	s, err := LoadSubscription(ctx, w.Secrets, c.Org, c.ID)
	if err != nil {
		return err
	}
	if s.ID != "" {
		hook, err := service.Hook(ctx, do, s.ID)
		if err != nil {
			return err
		}
		if hook != nil && hook.Active && hook.URL == to {
			return nil
		}
	}
	s.ID, s.Keys = "", append([]string{rand.Text() + rand.Text()}, s.Keys...)
	s.Keys = s.Keys[:min(len(s.Keys), keptKeys)]
	if err := keepSubscription(ctx, w.Secrets, c.Org, c.ID, s); err != nil {
		return err
	}
	if s.ID, err = replaceHook(ctx, service, do, to, s.Keys[0]); err != nil {
		return err
	}
	if s.ID == "" {
		return fmt.Errorf("%s made a subscription without an id", c.Provider)
	}
	return keepSubscription(ctx, w.Secrets, c.Org, c.ID, s)
}

// replaceHook makes a subscription in the place of those that post to the same address: they are switched off, or we didn't hear that they were made,
// perhaps by the try before.
func replaceHook(ctx context.Context, service scheduling.Service, do scheduling.Doer, to, key string) (id string, err error) {
	for range 2 {
		others, err := service.HooksTo(ctx, do, to)
		if err != nil {
			return "", err
		}
		for _, other := range others {
			if err := service.Delete(ctx, do, other); err != nil {
				return "", err
			}
		}
		if id, err = service.Create(ctx, do, to, key); !scheduling.IsConflict(err) {
			return id, err
		}
	}
	return "", errors.New("something else subscribes at the same time")
}

// keptKeys are those that a post may be signed with: what the subscription before this one had on its way is still taken.
const keptKeys = 2

func (w *Watcher) interrupt(ctx context.Context, c Connected, needs *integrations.NeedsYou) error {
	kind, data, err := commands.Encode(commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: c.ID}, Reason: needs.Reason, Detail: needs.Detail})
	if err != nil {
		return err
	}
	id := es.NewID()
	_, err = w.Submit(ctx, &es.Command{ID: id, Type: kind, Org: c.Org, Time: w.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorProvider, ID: c.Provider}, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: data})
	if err != nil {
		return fmt.Errorf("say that a connection needs somebody: %w", err)
	}
	return nil
}
