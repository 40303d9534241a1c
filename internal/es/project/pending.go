package project

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

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

// finishRange moves the checkpoint past the range and deletes the note, in a transaction. It is errTaken when another owner has taken the range meanwhile.
func (p pendingRange) finishRange(ctx context.Context, tx database, key ProjectionKey, partition int32, to es.Checkpoint) error {
	if err := advanceCheckpoints(ctx, tx, []ProjectionKey{key}, partition, []int64{p.from - 1}, to); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		delete from kernel.pending_ranges
		where projection = $1 and version = $2 and partition = $3 and from_pseq = $4 and to_pseq = $5 and token = $6`,
		key.Name, key.Version, partition, p.from, p.to, p.token)
	if err != nil {
		return fmt.Errorf("forget pending range: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("%w (range %d to %d of partition %d is not noted)", errTaken, p.from, p.to, partition)
	}
	return nil
}

// takenOver ends the token of a note whose range is being sent again: whoever sent the block first can no longer finish it.
const takenOver = "/taken"

// blockToken is the token of the block that the range was begun with.
func (p pendingRange) blockToken() string { return strings.TrimSuffix(p.token, takenOver) }

// takeOver takes a noted range, and with it every other range of its block, from whoever began it.
func (p *pendingRange) takeOver(ctx context.Context, db database, key ProjectionKey, partition int32) error {
	if strings.HasSuffix(p.token, takenOver) {
		return nil
	}
	tag, err := db.Exec(ctx, `
		update kernel.pending_ranges set token = $6
		where projection = $1 and version = $2 and partition = $3 and from_pseq = $4 and token = $5`,
		key.Name, key.Version, partition, p.from, p.token, p.token+takenOver)
	if err != nil {
		return fmt.Errorf("take over pending range: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("%w (range %d to %d of partition %d is finished)", errTaken, p.from, p.to, partition)
	}
	p.token += takenOver
	return nil
}
