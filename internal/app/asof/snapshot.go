package asof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
	"outrider/projections/analytics"
)

const snapshotPage = 50_000 // events of one query; they come while others are folded

// Snapshot is an organisation at an instant: all that had happened to it, applied by the code of the read models, and by the
// code that decides when that is asked for.
type Snapshot struct {
	Past     *projections.Past
	Verifier es.ChainVerifier // how far the history was followed

	at    time.Time
	needs projections.Needs
	state es.State           // nil when nothing is to be decided on
	known *projections.Chain // what the log itself said of the chain, some time before; nil = nothing yet
	torn  bool               // the last event of the history isn't in the rest
}

// Organization is the state that decisions were made on; nil when the subject doesn't ask for it.
func (s *Snapshot) Organization() *aggregates.Organization {
	if s.state == nil {
		return nil
	}
	return commands.OrganizationOf(s.state)
}

// leadsTo reports whether s hasn't passed an instant, nor a link of the chain that it didn't compare.
func (s *Snapshot) leadsTo(at time.Time, known *projections.Chain) bool {
	compared := known == nil || known.Oseq > s.Verifier.Oseq || s.known != nil && s.known.Oseq == known.Oseq
	return compared && !s.Verifier.Time.After(at)
}

// foldEvents reads until the instant, or until there is no more; settled = an event came later, so nothing can come before it.
// An organisation's time never goes back.
func (s *Snapshot) foldEvents(ctx context.Context, log analytics.History, org uuid.UUID) (settled bool, err error) {
	for {
		read := 0
		for e, err := range log.From(ctx, org, s.Verifier.Oseq, snapshotPage) {
			if err != nil {
				return false, err
			}
			if e.Time.After(s.at) {
				next := s.Verifier
				return true, next.Follow(e) // nothing is missing before it
			}
			if err := s.applyEvent(ctx, e); err != nil {
				return false, err
			}
			read++
		}
		if read < snapshotPage {
			return false, nil
		}
	}
}

func (s *Snapshot) applyEvent(ctx context.Context, e *es.Event) (err error) {
	if err := s.Verifier.Follow(e); err != nil {
		return err
	}
	if s.known != nil && s.known.Oseq == e.Oseq && es.ChainHash(s.known.Chain) != s.Verifier.Chain {
		return fmt.Errorf("%w: the chain of organisation %s at event %d is %s, and the log says %s", es.ErrDamaged, e.Org, e.Oseq, s.Verifier.Chain, es.ChainHash(s.known.Chain))
	}
	needed := s.needs.Has(e)
	if !needed && s.state == nil {
		return nil
	}
	s.torn = true
	if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
		return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
	}
	if s.state != nil {
		s.state.Apply(e)
	}
	if needed {
		if err := s.Past.Apply(ctx, e); err != nil {
			return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
		}
	}
	s.torn = false
	return nil
}

// checkEnd returns an error when the end of the copy is missing: it has caught up, and lacks what had been seen before, be it
// earlier than the instant or later.
func (s *Snapshot) checkEnd(org uuid.UUID) error {
	if s.known != nil && s.known.Oseq > s.Verifier.Oseq {
		return fmt.Errorf("%w: the copy of organisation %s ends at event %d, the log had come to event %d", es.ErrDamaged, org, s.Verifier.Oseq, s.known.Oseq)
	}
	return nil
}

// worthKeeping reports whether the fold had no time to end, or took long.
func (s *Snapshot) worthKeeping(err error) bool {
	return !s.torn && !errors.Is(err, es.ErrDamaged) && (s.Verifier.Oseq >= longHistory || errors.Is(err, context.DeadlineExceeded))
}

// explainFailure makes an UnfinishedError of a fold that had no time to end, so that it tells how far it came.
func (s *Snapshot) explainFailure(err error) error {
	if s.torn || errors.Is(err, ErrBehind) || !errors.Is(err, context.DeadlineExceeded) {
		return asDamage(err)
	}
	unfinished := &UnfinishedError{Oseq: s.Verifier.Oseq, cause: err}
	if s.known != nil {
		unfinished.Newest = s.known.Oseq
	}
	return unfinished
}
