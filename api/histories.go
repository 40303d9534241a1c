package api

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

const (
	mostHistories = 4    // organisations in memory; the least recently asked about goes first
	historyPage   = 5000 // events of one read
)

// histories folds the log of a few organisations, each of them once: the next question goes on where the last one stopped.
type histories struct {
	log    analytics.History
	domain es.Domain
	orgs   *lru.Cache[uuid.UUID, *history]
}

// history is an organisation as of an event. Whoever holds turn may touch the rest.
type history struct {
	turn  chan struct{}
	state es.State
	trail es.Trail
}

func newHistories(log analytics.History) (*histories, error) {
	orgs, err := lru.New[uuid.UUID, *history](mostHistories)
	if err != nil {
		return nil, fmt.Errorf("create cache of histories: %w", err)
	}
	return &histories{log: log, domain: commands.Domain(), orgs: orgs}, nil
}

// look shows an organisation as it is in the log, and the time of its last event; seq is that event's number. What is
// shown must not be kept. A fold that takes longer than ctx allows is gone on with by the next question.
func (h *histories) look(ctx context.Context, org uuid.UUID, show func(o *aggregates.Organization, last time.Time)) (seq int64, err error) {
	x := &history{turn: make(chan struct{}, 1), state: h.domain.New(org)}
	if there, ok, _ := h.orgs.PeekOrAdd(org, x); ok {
		x = there
		h.orgs.Get(org) // it was asked about
	}
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for the history of %s: %w", org, ctx.Err())
	}
	if err := h.advance(ctx, org, x); err != nil {
		return 0, err
	}
	show(commands.OrganizationOf(x.state), x.trail.Time)
	return x.trail.Oseq, nil
}

// advance applies what has come since, checked against its chain. Events are numbered without a gap, so a missing one is still
// on its way.
func (h *histories) advance(ctx context.Context, org uuid.UUID, x *history) error {
	for {
		events, err := h.log.Range(ctx, org, x.trail.Oseq+1, x.trail.Oseq+historyPage, historyPage)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Oseq != x.trail.Oseq+1 {
				return unavailable(codeBehind, fmt.Errorf("history of %s goes from event %d to %d", org, x.trail.Oseq, e.Oseq))
			}
			if e.Payload, err = h.domain.Decode(e.Type, e.Data); err != nil {
				return fmt.Errorf("history of %s, event %d: %w", org, e.Oseq, err)
			}
			if err := x.trail.Follow(e); err != nil {
				return damagedOr(err)
			}
			x.state.Apply(e)
		}
		if len(events) == historyPage {
			continue
		}
		if !x.trail.Whole {
			return unavailable(codeBehind, fmt.Errorf("history of %s ends within a command, at event %d", org, x.trail.Oseq))
		}
		return nil
	}
}
