// Package reaction is what reactors share: how they read events, wait for what was before them, and send commands.
package reaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
)

// Commander sends a command and waits for its answer; gateway.Gateway is one.
type Commander interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
}

// Cause is what a command follows from: an event, or what was read outside.
type Cause struct {
	Org, Correlation, Causation uuid.UUID
	Actor                       es.Actor
	TraceParent                 string
}

// CausedBy is the cause of what a reactor does about an event.
func CausedBy(e *es.Event, reactor string) Cause {
	return Cause{e.Org, e.CorrelationID, e.ID, es.Actor{Kind: es.ActorProvider, ID: reactor}, e.TraceParent}
}

// Submit sends a command until it has an answer. Whoever sends the same id again gets the same answer, so it is repeated freely.
func Submit(ctx context.Context, to Commander, why Cause, id uuid.UUID, now time.Time, c commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return es.Answer{}, err
	}
	cmd := &es.Command{ID: id, Type: kind, Org: why.Org, Time: now.UTC().Truncate(time.Microsecond), Actor: why.Actor,
		CorrelationID: why.Correlation, CausationID: why.Causation, TraceParent: why.TraceParent, ReplyTo: -1, Data: data}
	for {
		a, err := to.Submit(ctx, cmd)
		switch {
		case err == nil:
			return a, nil
		case !errors.Is(err, gateway.ErrPending) || ctx.Err() != nil:
			return es.Answer{}, fmt.Errorf("submit %s: %w", kind, err)
		}
	}
}
