package bookings

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store is what the watcher reads and notes in Postgres, by the pool of the projector.
type Store struct{ Pool *pgxpool.Pool }

// List returns the connections to some services that work.
func (s Store) List(ctx context.Context, providers []string) ([]Connected, error) {
	rows, err := s.Pool.Query(ctx, `select org_id, connection_id, provider from read.connections where provider = any($1) and interrupted = '' and not paused order by org_id, connection_id`, providers)
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c Connected, err error) {
		return c, r.Scan(&c.Org, &c.ID, &c.Provider)
	})
	if err != nil {
		return nil, fmt.Errorf("list connections: %w", err)
	}
	return out, nil
}

// Alone runs do unless another process is at the same connection.
func (s Store) Alone(ctx context.Context, connection uuid.UUID, do func() error) error {
	return pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error { //nolint:wrapcheck // it is do's
		var mine bool
		if err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(hashtextextended($1, 0))`, "booking page "+connection.String()).Scan(&mine); err != nil {
			return fmt.Errorf("lock connection: %w", err)
		}
		if !mine {
			return nil
		}
		return do()
	})
}

// Worked notes how the work on a connection went.
func (s Store) Worked(ctx context.Context, c Connected, went error) error {
	var failing, worked *time.Time
	now, why := time.Now(), ""
	if went == nil {
		worked = &now
	} else {
		failing, why = &now, went.Error()
	}
	if _, err := s.Pool.Exec(ctx, `insert into integrations.turns as t (org_id, connection_id, next_at, worked_at, failing_since, error) values ($1, $2, 'infinity', $3, $4, $5)
		on conflict (org_id, connection_id) do update set worked_at = coalesce(excluded.worked_at, t.worked_at),
			failing_since = case when excluded.failing_since is null then null else coalesce(t.failing_since, excluded.failing_since) end, error = excluded.error`,
		c.Org, c.ID, worked, failing, why); err != nil {
		return fmt.Errorf("note how a connection works: %w", err)
	}
	return nil
}
