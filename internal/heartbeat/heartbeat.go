// Package heartbeat counts the processes of a role that run now: each renews a row in Postgres, and one that has ended is
// taken for gone when its row is old.
package heartbeat

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	every     = 2 * time.Second  // between two beats
	expiry    = 10 * time.Second // without a beat, after which a process counts no more
	forgotten = time.Hour        // after which its row is deleted
	leaveTime = 2 * time.Second  // that leaving may take
)

// Heart is one process' part. One serves all goroutines.
type Heart struct {
	pool  *pgxpool.Pool
	role  string
	id    uuid.UUID
	count atomic.Int64
}

// Join makes a process known that has a role. The pool connects as outrider_identity. Run keeps it known.
func Join(ctx context.Context, pool *pgxpool.Pool, role string) (*Heart, error) {
	h := &Heart{pool: pool, role: role, id: uuid.New()}
	h.count.Store(1)
	return h, h.Beat(ctx)
}

// Count is how many processes have the role, this one too, as the newest beat that reached the database saw it. At least 1.
func (h *Heart) Count() int { return int(h.count.Load()) }

// Beat renews this process' row and counts all. When it fails, the count stays as it was.
func (h *Heart) Beat(ctx context.Context) error {
	var others int64
	err := h.pool.QueryRow(ctx, `with renewed as (
			insert into kernel.live_processes (role, process_id, seen_at) values ($1, $2, now())
			on conflict (role, process_id) do update set seen_at = excluded.seen_at),
		deleted as (delete from kernel.live_processes where seen_at < now() - $4::interval and process_id <> $2)
		select count(*) from kernel.live_processes where role = $1 and process_id <> $2 and seen_at > now() - $3::interval`,
		h.role, h.id, expiry, forgotten).Scan(&others)
	if err != nil {
		return fmt.Errorf("make this process known as %s: %w", h.role, err)
	}
	h.count.Store(others + 1)
	return nil
}

// Run beats until ctx ends, and leaves then. failed is told of each beat that didn't reach the database.
func (h *Heart) Run(ctx context.Context, failed func(error)) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
			defer cancel()
			if err := h.Leave(last); err != nil {
				failed(err) // the row expires
			}
			return nil
		case <-t.C:
			one, cancel := context.WithTimeout(ctx, every)
			if err := h.Beat(one); err != nil && ctx.Err() == nil {
				failed(err)
			}
			cancel()
		}
	}
}

// Leave takes this process' row away, so that the others needn't wait until it expires.
func (h *Heart) Leave(ctx context.Context) error {
	if _, err := h.pool.Exec(ctx, `delete from kernel.live_processes where role = $1 and process_id = $2`, h.role, h.id); err != nil {
		return fmt.Errorf("leave as %s: %w", h.role, err)
	}
	return nil
}
