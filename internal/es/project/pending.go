package project

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
)

// pendingRange is a range of pseq (both ends included) that is on its way into ClickHouse. The zero value is none.
type pendingRange struct {
	from, to int64
	token    string
}

// loadPending returns the range that was begun after a checkpoint.
func loadPending(ctx context.Context, db database, key ProjectionKey, partition int32, at int64) (pendingRange, error) {
	rows, err := db.Query(ctx, `
		select from_pseq, to_pseq, token from kernel.pending_ranges
		where projection = $1 and version = $2 and partition = $3`, key.Name, key.Version, partition)
	if err != nil {
		return pendingRange{}, fmt.Errorf("load pending range: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p pendingRange, err error) {
		return p, row.Scan(&p.from, &p.to, &p.token)
	})
	switch {
	case err != nil:
		return pendingRange{}, fmt.Errorf("load pending range: %w", err)
	case len(all) == 0:
		return pendingRange{}, nil
	case len(all) > 1 || all[0].from != at+1:
		// Both change in one transaction, so another owner was at work between our two reads.
		return pendingRange{}, fmt.Errorf("%w: %d pending ranges of partition %d, the first from %d, behind a checkpoint at %d", errTaken, len(all), partition, all[0].from, at)
	}
	return all[0], nil
}

// noteRange records that the range is about to be inserted; errTaken when the checkpoint isn't just before it, or when another
// range was begun there.
func (p pendingRange) noteRange(ctx context.Context, db database, key ProjectionKey, partition int32) error {
	tag, err := db.Exec(ctx, `
		insert into kernel.pending_ranges (projection, version, partition, from_pseq, to_pseq, token)
		select projection, version, partition, pseq + 1, $5, $6
		from (select * from kernel.checkpoints where projection = $1 and version = $2 and partition = $3 and pseq = $4 for update) c
		on conflict do nothing`, key.Name, key.Version, partition, p.from-1, p.to, p.token)
	if err != nil {
		return fmt.Errorf("note pending range: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("%w (range %d to %d of partition %d)", errTaken, p.from, p.to, partition)
	}
	return nil
}

// finishRange moves the checkpoint past the range and deletes the note.
func (p pendingRange) finishRange(ctx context.Context, pool *pgxpool.Pool, key ProjectionKey, partition int32, to es.Checkpoint) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if err := advanceCheckpoints(ctx, tx, []ProjectionKey{key}, partition, []int64{p.from - 1}, to); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			delete from kernel.pending_ranges
			where projection = $1 and version = $2 and partition = $3 and from_pseq = $4 and to_pseq = $5`,
			key.Name, key.Version, partition, p.from, p.to)
		if err != nil {
			return fmt.Errorf("forget pending range: %w", err)
		}
		if tag.RowsAffected() != 1 {
			return fmt.Errorf("%w (range %d to %d of partition %d is not noted)", errTaken, p.from, p.to, partition)
		}
		return nil
	})
}
