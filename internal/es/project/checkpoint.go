package project

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outrider/internal/es"
)

// errTaken reports that a checkpoint isn't where we left it: another owner works on the partition.
var errTaken = errors.New("checkpoint was moved by another owner")

// ProjectionKey names a projection; every version has its own tables and its own checkpoints.
type ProjectionKey struct {
	Name    string
	Version int
}

func (k ProjectionKey) String() string { return fmt.Sprintf("%s.v%d", k.Name, k.Version) }

// database is what is used of a pool or a transaction.
type database interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func keyColumns(keys []ProjectionKey) (names []string, versions []int32) {
	for _, k := range keys {
		names, versions = append(names, k.Name), append(versions, int32(k.Version))
	}
	return names, versions
}

// loadCheckpoints returns the checkpoints of a partition, in the order of keys; missing ones are created at the start.
func loadCheckpoints(ctx context.Context, db database, keys []ProjectionKey, partition int32) ([]es.Checkpoint, error) {
	names, versions := keyColumns(keys)
	if _, err := db.Exec(ctx, `
		insert into kernel.checkpoints (projection, version, partition, pseq, epoch, "offset", leader_epoch)
		select name, version, $3, 0, 0, 0, -1 from unnest($1::text[], $2::int[]) as k(name, version)
		on conflict do nothing`, names, versions, partition); err != nil {
		return nil, fmt.Errorf("begin checkpoints: %w", err)
	}
	rows, err := db.Query(ctx, `
		select c.epoch, c.pseq, c."offset", c.leader_epoch
		from unnest($1::text[], $2::int[]) with ordinality as k(name, version, n)
		join kernel.checkpoints c on c.projection = k.name and c.version = k.version and c.partition = $3
		order by k.n`, names, versions, partition)
	if err != nil {
		return nil, fmt.Errorf("load checkpoints: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c es.Checkpoint, err error) {
		return c, row.Scan(&c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch)
	})
	if err == nil && len(out) != len(keys) {
		err = fmt.Errorf("%d of %d rows", len(out), len(keys))
	}
	if err != nil {
		return nil, fmt.Errorf("load checkpoints: %w", err)
	}
	return out, nil
}

// advanceCheckpoints moves checkpoints from where we left them, all or none: errTaken. It locks them until the transaction ends.
func advanceCheckpoints(ctx context.Context, db database, keys []ProjectionKey, partition int32, old []int64, to es.Checkpoint) error {
	names, versions := keyColumns(keys)
	tag, err := db.Exec(ctx, `
		update kernel.checkpoints c
		set pseq = $5, epoch = $6, "offset" = $7, leader_epoch = $8, updated_at = now()
		from unnest($1::text[], $2::int[], $4::bigint[]) as k(name, version, old)
		where c.projection = k.name and c.version = k.version and c.partition = $3 and c.pseq = k.old`,
		names, versions, partition, old, to.Pseq, to.Epoch, to.Offset, to.LeaderEpoch)
	if err != nil {
		return fmt.Errorf("advance checkpoints: %w", err)
	}
	if n := tag.RowsAffected(); n != int64(len(keys)) {
		return fmt.Errorf("%w (%d of %d rows of partition %d)", errTaken, n, len(keys), partition)
	}
	return nil
}
