package audit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
)

// checkpointLock lets one process sign at a time. The number means nothing.
const checkpointLock int64 = 0x617564697473

// Turn reports whether this transaction is the one that adds checkpoints now; others try again in their next round.
func Turn(ctx context.Context, tx pgx.Tx) (ours bool, err error) {
	if err = tx.QueryRow(ctx, `select pg_try_advisory_xact_lock($1)`, checkpointLock).Scan(&ours); err != nil {
		err = fmt.Errorf("lock checkpoints: %w", err)
	}
	return ours, err
}

// Add stores signed checkpoints.
func Add(ctx context.Context, tx pgx.Tx, all []*Checkpoint) error {
	n := len(all)
	orgs, oseqs, chains, times, previous, keys, signatures := make([][16]byte, n), make([]int64, n), make([][]byte, n), make([]int64, n), make([]int64, n), make([]string, n), make([][]byte, n)
	for i, c := range all {
		orgs[i], oseqs[i], chains[i], times[i], previous[i], keys[i], signatures[i] = c.Org, c.Oseq, c.Chain[:], c.Time.UnixMicro(), c.Previous, c.Key, c.Bytes
	}
	_, err := tx.Exec(ctx, `insert into audit.checkpoints (org_id, oseq, chain, time, previous, key_id, signature)
		select org_id, oseq, chain, 'epoch'::timestamptz + us * interval '1 microsecond', previous, key_id, signature
		from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[])
			as t (org_id, oseq, chain, us, previous, key_id, signature)`, orgs, oseqs, chains, times, previous, keys, signatures)
	if err != nil {
		return fmt.Errorf("store checkpoints: %w", err)
	}
	return nil
}

// Newest returns the newest checkpoint of an organisation; nil when there is none.
func Newest(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*Checkpoint, error) {
	var last *int64
	if err := tx.QueryRow(ctx, `select max(oseq) from audit.checkpoints where org_id = $1`, org).Scan(&last); err != nil {
		return nil, fmt.Errorf("find newest checkpoint: %w", err)
	}
	if last == nil {
		return nil, nil
	}
	all, err := List(ctx, tx, org, *last-1, *last, 1)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// List returns the checkpoints of an organisation with after < oseq <= to, in order, limit at most.
func List(ctx context.Context, tx pgx.Tx, org uuid.UUID, after, to int64, limit int) ([]*Checkpoint, error) {
	rows, err := tx.Query(ctx, `select org_id, oseq, chain, time, previous, key_id, signature from audit.checkpoints
		where org_id = $1 and oseq > $2 and oseq <= $3 order by oseq limit $4`, org, after, to, limit)
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (*Checkpoint, error) {
		var c Checkpoint
		var chain []byte
		err := r.Scan(&c.Org, &c.Oseq, &chain, &c.Time, &c.Previous, &c.Key, &c.Bytes)
		if err == nil && len(chain) == len(c.Chain) {
			c.Chain, c.Time = es.ChainHash(chain), c.Time.UTC()
		}
		return &c, err
	})
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	return all, nil
}
