// Package replay follows one organisation's history through the log alone.
package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/projections"

	"github.com/google/uuid"
)

var errEnough = errors.New("what follows came later")

// Run follows one organisation's history through the log, until an instant or to its end; the zero time is the end. The
// chain is recomputed, and what breaks it ends the replay.
func Run(ctx context.Context, log kafka.Log, org uuid.UUID, until time.Time) (*State, error) {
	past, err := projections.NewPast(org, uuid.Nil, nil)
	if err != nil {
		return nil, err
	}
	defer past.Close()
	s := newReplayedState(org, until)
	var verifier es.ChainVerifier
	_, _, err = reader.Scan(ctx, log, reader.Config{Partition: es.PartitionOf(org, log.Partitions), From: es.StartCheckpoint()}, 0, func(ctx context.Context, b reader.Batch) error {
		for _, e := range b.Events {
			if e.Org != org {
				continue
			}
			if !until.IsZero() && e.Time.After(until) {
				return errEnough // an organisation's time never goes back
			}
			if err := verifier.Follow(e); err != nil {
				return err
			}
			if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
				return fmt.Errorf("event %d of organisation %s: %w", e.Oseq, org, err)
			}
			if err := past.Apply(ctx, e); err != nil {
				return fmt.Errorf("event %d of organisation %s: %w", e.Oseq, org, err)
			}
			s.countEvent(e)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if verifier.Oseq == 0 {
		return nil, fmt.Errorf("the log holds nothing of organisation %s%s", org, s.untilText())
	}
	return s, s.takePast(past, &verifier)
}
