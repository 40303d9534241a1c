package rebuild

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es/project"
)

// isPrepared reports whether a rebuild by this program has its tables already.
func isPrepared(ctx context.Context, owner *pgxpool.Pool, name, program string) (ready bool, err error) {
	err = owner.QueryRow(ctx, `select exists (select from kernel.rebuilds where projection = $1 and program = $2 and prepared)`, name, program).Scan(&ready)
	if err != nil {
		return false, fmt.Errorf("look for a rebuild of %s: %w", name, err)
	}
	return ready, nil
}

// beginRebuild discards the positions of an earlier rebuild.
func beginRebuild(ctx context.Context, tx pgx.Tx, name, program string, keys []project.ProjectionKey) error {
	if err := deletePositions(ctx, tx, keys); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into kernel.rebuilds (projection, program, prepared) values ($1, $2, false)
		on conflict (projection) do update set program = excluded.program, prepared = false, started_at = now(), saved = false`, name, program); err != nil {
		return fmt.Errorf("note a rebuild of %s: %w", name, err)
	}
	return nil
}

func endPreparing(ctx context.Context, db executor, name string) error {
	if _, err := db.Exec(ctx, `update kernel.rebuilds set prepared = true where projection = $1`, name); err != nil {
		return fmt.Errorf("note a rebuild of %s: %w", name, err)
	}
	return nil
}

func endRebuild(ctx context.Context, db executor, name string) error {
	if _, err := db.Exec(ctx, `delete from kernel.rebuilds where projection = $1`, name); err != nil {
		return fmt.Errorf("end the rebuild of %s: %w", name, err)
	}
	return nil
}

type executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// deletePositions deletes the positions of a side.
func deletePositions(ctx context.Context, db executor, keys []project.ProjectionKey) error {
	for _, k := range keys {
		for _, table := range []string{"checkpoints", "pending_ranges", "stopped_projections"} {
			if _, err := db.Exec(ctx, `delete from kernel.`+table+` where projection = $1 and version = $2`, k.Name, k.Version); err != nil {
				return fmt.Errorf("forget positions of %s: %w", k, err)
			}
		}
	}
	return nil
}

// writePositions writes the positions of a side.
func writePositions(ctx context.Context, db executor, keys []project.ProjectionKey, at vector) error {
	for _, k := range keys {
		for p, c := range at {
			if _, err := db.Exec(ctx, `insert into kernel.checkpoints (projection, version, partition, pseq, epoch, "offset", leader_epoch) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (projection, version, partition) do update set pseq = excluded.pseq, epoch = excluded.epoch, "offset" = excluded."offset", leader_epoch = excluded.leader_epoch`,
				k.Name, k.Version, p, c.Pseq, c.Epoch, c.Offset, c.LeaderEpoch); err != nil {
				return fmt.Errorf("write positions of %s: %w", k, err)
			}
		}
	}
	return nil
}

// holdProjections keeps projections where they stand until the transaction ends: their runners wait for these rows. A range on its
// way into ClickHouse is let through first.
func holdProjections(ctx context.Context, tx pgx.Tx, keys []project.ProjectionKey) (vector, error) {
	at, err := loadPositions(ctx, tx, keys, false)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Sorted(maps.Keys(at)) { // in the order in which their runners take several at once
		for deadline := time.Now().Add(time.Minute); ; {
			free, err := holdOne(ctx, tx, keys, p)
			if err != nil {
				return nil, err
			}
			if free {
				break
			}
			if time.Now().After(deadline) {
				return nil, fmt.Errorf("partition %d of %s has had a range on its way into ClickHouse for a minute: does its projector run?", p, keys[0])
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	return loadPositions(ctx, tx, keys, true)
}

func holdOne(ctx context.Context, tx pgx.Tx, keys []project.ProjectionKey, partition int32) (free bool, err error) {
	inner, err := tx.Begin(ctx) // a savepoint: rolling back to it releases the locks
	if err != nil {
		return false, fmt.Errorf("hold a projection: %w", err)
	}
	for _, k := range keys {
		if _, err := inner.Exec(ctx, `select from kernel.checkpoints where projection = $1 and version = $2 and partition = $3 for update`, k.Name, k.Version, partition); err != nil {
			return false, fmt.Errorf("hold %s: %w", k, err)
		}
	}
	if err := inner.QueryRow(ctx, `select not exists (select from kernel.pending_ranges where projection = $1 and version = $2 and partition = $3)`,
		keys[0].Name, keys[0].Version, partition).Scan(&free); err != nil {
		return false, fmt.Errorf("look for ranges of %s: %w", keys[0], err)
	}
	if free {
		return true, inner.Commit(ctx)
	}
	return false, inner.Rollback(ctx)
}

// retryLocked tries again what failed because of other sessions' locks.
func retryLocked(ctx context.Context, f func() error) (err error) {
	for range 10 {
		var pg *pgconn.PgError
		if err = f(); !errors.As(err, &pg) || pg.Code != "55P03" && pg.Code != "40P01" || ctx.Err() != nil {
			return err
		}
	}
	return err
}
