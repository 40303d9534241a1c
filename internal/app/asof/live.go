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
	maxLive  = 4      // organisations in memory; the least recently asked about goes first
	livePage = 50_000 // events of one query; they come while others are folded
)

// Live folds the log of a few organisations, each of them once: the next question continues where the last one stopped.
type Live struct {
	log    analytics.History
	domain es.Domain
	orgs   *Cache[uuid.UUID, liveState]
	states *LiveStates // nil = none are kept
}

// liveState is an organisation as of an event.
type liveState struct {
	state    es.State
	verifier es.ChainVerifier
	saved    int64 // event of the newest state in the bucket
}

// NewLive reads from a log, and begins with what is in the bucket; states may be nil.
func NewLive(log analytics.History, states *LiveStates) (*Live, error) {
	orgs, err := NewCache[uuid.UUID, liveState](maxLive, 0)
	if err != nil {
		return nil, err
	}
	return &Live{log: log, domain: commands.Domain(), orgs: orgs, states: states}, nil
}

// Show shows an organisation as it is in the log, and the time of its last event; seq is that event's number. What is
// shown must not be kept. A fold that takes longer than ctx allows is continued by the next question.
func (l *Live) Show(ctx context.Context, org uuid.UUID, show func(o *aggregates.Organization, last time.Time)) (seq int64, err error) {
	err = l.orgs.Use(ctx, org, func(s *liveState) (*liveState, error) {
		if s == nil {
			if s, err = l.begin(ctx, org); err != nil {
				return nil, err
			}
		}
		if err := l.applyNew(ctx, org, s); err != nil {
			return s, err
		}
		if l.states != nil && l.states.isDue(s) {
			l.states.save(org, s)
		}
		show(commands.OrganizationOf(s.state), s.verifier.Time)
		seq = s.verifier.Oseq
		return s, nil
	})
	return seq, err
}

// begin takes the newest state that is at hand: that in the bucket, or, when much of the history has come since, that in the snapshot of the partition. One whose last
// event isn't that of the history is passed over.
func (l *Live) begin(ctx context.Context, org uuid.UUID) (*liveState, error) {
	s := newLiveState(l.domain, org)
	if l.states == nil {
		return s, nil
	}
	if kept := l.states.newest(ctx, org); kept != nil {
		if same, err := l.isOfHistory(ctx, org, kept); err != nil {
			return nil, err
		} else if same {
			s = kept
		}
	}
	newest, err := l.log.Newest(ctx, org)
	if err != nil || newest-s.verifier.Oseq < l.states.far {
		return s, err
	}
	if kept := l.states.fromPartition(ctx, org, s.verifier.Oseq); kept != nil {
		if same, err := l.isOfHistory(ctx, org, kept); err != nil {
			return nil, err
		} else if same {
			kept.saved = s.saved
			s = kept
		}
	}
	return s, nil
}

// isOfHistory reports whether the last event of a state is that of the history.
func (l *Live) isOfHistory(ctx context.Context, org uuid.UUID, s *liveState) (bool, error) {
	last, err := l.log.Range(ctx, org, s.verifier.Oseq, s.verifier.Oseq, 1)
	if err != nil {
		return false, err
	}
	if len(last) == 1 && last[0].Chain == s.verifier.Chain {
		return true, nil
	}
	l.states.log.Warn("a state is of another history; more of the history is read", "org", org, "oseq", s.verifier.Oseq)
	return false, nil
}

// applyNew applies what has come since, checked against its chain. Events are numbered without a gap, so a missing one is still
// on its way.
func (l *Live) applyNew(ctx context.Context, org uuid.UUID, s *liveState) error {
	for {
		read := 0
		for e, err := range l.log.From(ctx, org, s.verifier.Oseq, livePage) {
			if err != nil {
				return err
			}
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
			read++
		}
		if read == livePage {
			continue
		}
		if !s.verifier.Whole {
			return fmt.Errorf("%w: history of %s ends within a command, at event %d", ErrBehind, org, s.verifier.Oseq)
		}
		return nil
	}
}
