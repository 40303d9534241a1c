// Package reaction is what reactors share: reading events, waiting for read models, and sending commands.
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
	"outrider/internal/retry"
)

// Commander sends a command and waits for its answer; gateway.Gateway is one.
type Commander interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
}

// Cause is what a command follows from: an event, or something that was read outside.
type Cause struct {
	Org, Correlation, Causation uuid.UUID
	Actor                       es.Actor
	TraceParent                 string
}

// CausedBy returns the cause of a command that follows from an event.
func CausedBy(e *es.Event, reactor string) Cause {
	return Cause{e.Org, e.CorrelationID, e.ID, es.Actor{Kind: es.ActorProvider, ID: reactor}, e.TraceParent}
}

// busyWait is between two tries of what had no turn.
const busyWait = 100 * time.Millisecond

// Submit sends a command until it is answered. The same id gets the same answer, so it may be repeated freely.
func Submit(ctx context.Context, to Commander, why Cause, id uuid.UUID, now time.Time, c commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return es.Answer{}, err
	}
	cmd := &es.Command{ID: id, Type: kind, Org: why.Org, Time: now.UTC().Truncate(time.Microsecond), Actor: why.Actor,
		CorrelationID: why.Correlation, CausationID: why.Causation, TraceParent: why.TraceParent, ReplyTo: -1, Data: data}
	for {
		a, err := to.Submit(ctx, cmd)
		if errors.Is(err, gateway.ErrBusy) { // what reactors ask for isn't refused, it comes later
			_ = retry.Sleep(ctx, busyWait)
		}
		switch {
		case err == nil:
			return a, nil
		case !errors.Is(err, gateway.ErrPending) && !errors.Is(err, gateway.ErrBusy) || ctx.Err() != nil:
			return es.Answer{}, fmt.Errorf("submit %s: %w", kind, err)
		}
	}
}
