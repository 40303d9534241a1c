package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// InOrg runs read in a read-only transaction that sees the rows of org and no others. Begin and the setting travel in
// one message, so it costs two round trips beyond those of read; BatchInOrg costs none. The setting ends with the
// transaction, so a pooled connection never carries it on.
func InOrg(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID, read func(pgx.Tx) error) error {
	if err := inOrg(ctx, pool, org, "read only", read); err != nil {
		return fmt.Errorf("read as organisation: %w", err)
	}
	return nil
}

// WriteInOrg runs write likewise in a transaction that may write what little the role may write.
func WriteInOrg(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID, write func(pgx.Tx) error) error {
	if err := inOrg(ctx, pool, org, "read write", write); err != nil {
		return fmt.Errorf("write as organisation: %w", err)
	}
	return nil
}

func inOrg(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID, mode string, do func(pgx.Tx) error) error {
	// A UUID's text is hexadecimal and hyphens, so it may stand in the statement; begin takes no parameters.
	begin := pgx.TxOptions{BeginQuery: "begin " + mode + "; set local outrider.org = '" + org.String() + "'"}
	return pgx.BeginTxFunc(ctx, pool, begin, do)
}

// BatchInOrg runs queued queries in one round trip, seeing the rows of org and no others: the fast way for a request whose
// queries are known beforehand. Results go to the callbacks set on the queued queries (Query, QueryRow). They run
// in one transaction at read committed: each sees what was committed when it began.
func BatchInOrg(ctx context.Context, pool *pgxpool.Pool, org uuid.UUID, queries *pgx.Batch) (err error) {
	// The queries of a batch are one implicit transaction, and the setting is local to it.
	b := &pgx.Batch{}
	b.Queue(`select set_config('outrider.org', $1, true)`, org.String())
	b.QueuedQueries = append(b.QueuedQueries, queries.QueuedQueries...)
	results := pool.SendBatch(ctx, b)
	defer func() {
		if closeErr := results.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("read as organisation: %w", closeErr)
		}
	}()
	if _, err := results.Exec(); err != nil {
		return fmt.Errorf("set organisation: %w", err)
	}
	if queries.Len() == 0 {
		return errors.New("read as organisation: the batch is empty")
	}
	return nil
}
