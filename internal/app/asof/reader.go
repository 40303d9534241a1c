package asof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

const (
	maxSnapshots = 8               // folds in memory; the least recently asked about goes first
	keepSnapshot = 2 * time.Minute // after the last question: what is personal in a fold doesn't stay longer
	longHistory  = 100_000         // events; what an answer rests on is kept when it was more than these
)

// Subject is what a fold depends on, but for the instant: it can be continued to any instant that it hasn't passed.
type Subject struct {
	Org     uuid.UUID
	Model   string // the read model of the row
	Only    uuid.UUID
	Decides bool // the state that decisions are made on is asked for too
}

// Show shows the history of an organisation up to an instant; what is shown must not be kept. A fold that has no time to end is
// continued by the next question.
func (r *Reader) Show(ctx context.Context, of Subject, at time.Time, show func(*Snapshot) error) error {
	var found *Snapshot
	return r.snapshots.Use(ctx, of, func(kept *Snapshot) (*Snapshot, error) {
		s, err := r.resumeOrBegin(ctx, of, at, kept)
		if err != nil {
			return kept, err
		}
		err = r.foldToInstant(ctx, s, of)
		if s.worthKeeping(err) {
			found = s
		}
		if err != nil {
			return found, s.explainFailure(err)
		}
		return found, show(s)
	})
}

// resumeOrBegin continues with what was kept if that can serve, and begins at the first event otherwise.
func (r *Reader) resumeOrBegin(ctx context.Context, of Subject, at time.Time, kept *Snapshot) (*Snapshot, error) {
	known, err := r.knownChain(ctx, of.Org)
	if err != nil {
		return nil, err
	}
	if kept != nil && kept.leadsTo(at, known) {
		kept.at, kept.known = at, known
		if readable, err := kept.Past.Readable(ctx); readable || err != nil {
			return kept, err
		}
	}
	past, err := projections.NewPast(of.Org, of.Only, r.cfg.Vault)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{at: at, needs: projections.NeedsOf(of.Model, of.Only), Past: past, known: known}
	if of.Decides {
		s.state = commands.Domain().New(of.Org)
	}
	return s, nil
}

// foldToInstant folds until nothing can come before the instant any more.
func (r *Reader) foldToInstant(ctx context.Context, s *Snapshot, of Subject) error {
	settled, err := s.foldEvents(ctx, r.log, of.Org)
	if err == nil && !settled { // nothing came later, as far as ClickHouse knows: it must know what the read models know
		if err = r.catchUp(ctx, of); err == nil {
			settled, err = s.foldEvents(ctx, r.log, of.Org)
		}
		if err == nil && !settled {
			err = s.checkEnd(of.Org)
		}
	}
	switch {
	case err != nil:
		return err
	case s.Verifier.Oseq == 0:
		return ErrNotBegun
	case !s.Verifier.Whole:
		return fmt.Errorf("%w: organisation %s ends within a command, at event %d", es.ErrDamaged, of.Org, s.Verifier.Oseq)
	}
	return nil
}

// knownChain is made from the log, beside ClickHouse: what it has seen must be in the copy.
func (r *Reader) knownChain(ctx context.Context, org uuid.UUID) (known *projections.Chain, err error) {
	err = postgres.InOrg(ctx, r.cfg.Pool, org, func(tx pgx.Tx) (err error) {
		known, err = projections.GetChain(ctx, tx, org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // nothing yet
	}
	return known, err
}

// catchUp waits until ClickHouse has what the read model of the subject has, and what knownChain has seen, so that the past is
// never behind the present.
func (r *Reader) catchUp(ctx context.Context, of Subject) error {
	present, chains := r.readModels[of.Model], r.readModels["chains"]
	partition := es.PartitionOf(of.Org, r.cfg.Partitions)
	var pseq int64
	if err := r.cfg.Pool.QueryRow(ctx, `select coalesce(max(pseq), 0) from kernel.checkpoints where (projection, version) in (($1, $2), ($3, $4)) and partition = $5`,
		present.Name, present.Version, chains.Name, chains.Version, partition).Scan(&pseq); err != nil {
		return fmt.Errorf("read checkpoints of %s: %w", present, err)
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.AtMost)
	defer cancel()
	if err := r.cfg.Positions.Wait(ctx, r.events, partition, pseq); err != nil {
		return fmt.Errorf("%w: %w", ErrBehind, err)
	}
	return nil
}
