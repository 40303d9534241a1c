package asof

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

const (
	maxLive  = 4    // organisations in memory; the least recently asked about goes first
	livePage = 5000 // events of one read
)

// Live folds the log of a few organisations, each of them once: the next question continues where the last one stopped.
type Live struct {
	log    analytics.History
	domain es.Domain
	orgs   *Cache[uuid.UUID, liveState]
}

// liveState is an organisation as of an event.
type liveState struct {
	state    es.State
	verifier es.ChainVerifier
}

// NewLive reads from a log.
func NewLive(log analytics.History) (*Live, error) {
	orgs, err := NewCache[uuid.UUID, liveState](maxLive, 0)
	if err != nil {
		return nil, err
	}
	return &Live{log: log, domain: commands.Domain(), orgs: orgs}, nil
}

// Show shows an organisation as it is in the log, and the time of its last event; seq is that event's number. What is
// shown must not be kept. A fold that takes longer than ctx allows is continued by the next question.
func (l *Live) Show(ctx context.Context, org uuid.UUID, show func(o *aggregates.Organization, last time.Time)) (seq int64, err error) {
	err = l.orgs.Use(ctx, org, func(s *liveState) (*liveState, error) {
		if s == nil {
			s = &liveState{state: l.domain.New(org)}
		}
		if err := l.applyNew(ctx, org, s); err != nil {
			return s, err
		}
		show(commands.OrganizationOf(s.state), s.verifier.Time)
		seq = s.verifier.Oseq
		return s, nil
	})
	return seq, err
}

// applyNew applies what has come since, checked against its chain. Events are numbered without a gap, so a missing one is still
// on its way.
func (l *Live) applyNew(ctx context.Context, org uuid.UUID, s *liveState) error {
	for {
		events, err := l.log.Range(ctx, org, s.verifier.Oseq+1, s.verifier.Oseq+livePage, livePage)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Oseq != s.verifier.Oseq+1 {
				return fmt.Errorf("%w: history of %s goes from event %d to %d", ErrBehind, org, s.verifier.Oseq, e.Oseq)
			}
			if e.Payload, err = l.domain.Decode(e.Type, e.Data); err != nil {
				return fmt.Errorf("history of %s, event %d: %w", org, e.Oseq, err)
			}
			if err := s.verifier.Follow(e); err != nil {
				return asDamage(err)
			}
			s.state.Apply(e)
		}
		if len(events) == livePage {
			continue
		}
		if !s.verifier.Whole {
			return fmt.Errorf("%w: history of %s ends within a command, at event %d", ErrBehind, org, s.verifier.Oseq)
		}
		return nil
	}
}
