package consumers

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

// cause is what a command follows from: an event, or what was read outside.
type cause struct {
	org, correlation, causation uuid.UUID
	actor                       es.Actor
	traceParent                 string
}

func causedBy(e *es.Event, reactor string) cause {
	return cause{e.Org, e.CorrelationID, e.ID, es.Actor{Kind: es.ActorProvider, ID: reactor}, e.TraceParent}
}

// submit sends a command until it has an answer. Whoever sends the same id again gets the same answer, so it is repeated freely.
func submit(ctx context.Context, to Commander, why cause, id uuid.UUID, now time.Time, c commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return es.Answer{}, err
	}
	cmd := &es.Command{ID: id, Type: kind, Org: why.org, Time: now.UTC().Truncate(time.Microsecond), Actor: why.actor,
		CorrelationID: why.correlation, CausationID: why.causation, TraceParent: why.traceParent, ReplyTo: -1, Data: data}
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
