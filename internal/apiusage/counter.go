// Package apiusage counts the requests of organisations by billing period. No request waits for it.
package apiusage

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	every     = 10 * time.Second   // between two times that counts are written down
	lastTime  = 5 * time.Second    // that writing down may take when the process ends
	rowTime   = 24 * time.Hour     // that counts go into the same rows; then others are begun
	mostRows  = 100_000            // likewise
	mergeLate = 7 * 24 * time.Hour // after which nobody adds to rows any more
)

// Counter counts what one process answers. Its rows hold what it has counted in all, not what is new, so a count that is written twice
// counts once.
type Counter struct {
	pool *pgxpool.Pool

	mu    sync.Mutex
	id    uuid.UUID // of the rows
	begun time.Time
	rows  map[key]*row
}

type key struct {
	org    uuid.UUID
	period int64 // when it begins, in µs
}

type row struct{ counted, written int64 }

// New takes a pool that connects as outrider_identity. Run must run for counts to be written down.
func New(pool *pgxpool.Pool) *Counter {
	return &Counter{pool: pool, id: uuid.New(), begun: time.Now(), rows: map[key]*row{}}
}

// Count counts a request in the billing period that begins then.
func (c *Counter) Count(org uuid.UUID, period time.Time) {
	k := key{org, period.UnixMicro()}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rows[k]
	if r == nil {
		r = &row{}
		c.rows[k] = r
	}
	r.counted++
}

// Sums are what all processes have counted for an organisation, with what isn't written down yet of this one, by when the period begins, in µs.
func (c *Counter) Sums(ctx context.Context, org uuid.UUID) (map[int64]int64, error) {
	out := map[int64]int64{}
	c.mu.Lock()
	id := c.id
	for k, r := range c.rows {
		if k.org == org {
			out[k.period] = r.counted
		}
	}
	c.mu.Unlock()
	rows, err := c.pool.Query(ctx, `select period_from, sum(calls)::bigint from identity.api_calls where org_id = $1 and process_id <> $2 group by period_from`, org, id)
	if err != nil {
		return nil, fmt.Errorf("sum requests: %w", err)
	}
	var period time.Time
	var calls int64
	if _, err := pgx.ForEachRow(rows, []any{&period, &calls}, func() error {
		out[period.UnixMicro()] += calls
		return nil
	}); err != nil {
		return nil, fmt.Errorf("sum requests: %w", err)
	}
	return out, nil
}

// Flush writes down what was counted since the last time, in one statement.
func (c *Counter) Flush(ctx context.Context) error {
	var orgs []uuid.UUID
	var periods []time.Time
	var calls []int64
	var changed []*row
	c.mu.Lock()
	id := c.id
	for k, r := range c.rows {
		if r.counted > r.written {
			orgs, periods, calls, changed = append(orgs, k.org), append(periods, time.UnixMicro(k.period)), append(calls, r.counted), append(changed, r)
		}
	}
	c.mu.Unlock()
	if len(orgs) > 0 {
		if _, err := c.pool.Exec(ctx, `insert into identity.api_calls as a (org_id, period_from, process_id, calls, written_at)
			select org, period, $4, calls, now() from unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) as t (org, period, calls)
			on conflict (org_id, period_from, process_id) do update set calls = greatest(a.calls, excluded.calls), written_at = excluded.written_at`, orgs, periods, calls, id); err != nil {
			return fmt.Errorf("write down counts of requests: %w", err) // they are in the next ones
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, r := range changed {
		r.written = max(r.written, calls[i])
	}
	c.beginRows(time.Now())
	return nil
}

// beginRows begins new rows now and then, once all is written down, so that what is in memory stays small, and old rows can be merged.
func (c *Counter) beginRows(now time.Time) {
	if now.Sub(c.begun) < rowTime && len(c.rows) < mostRows {
		return
	}
	for _, r := range c.rows {
		if r.counted > r.written {
			return
		}
	}
	c.id, c.begun, c.rows = uuid.New(), now, map[key]*row{}
}

// Merge makes one row of those that no process adds to any more, for each organisation and period.
func (c *Counter) Merge(ctx context.Context) error {
	if _, err := c.pool.Exec(ctx, `with old as (
			delete from identity.api_calls where process_id <> $1 and written_at < now() - $2::interval returning org_id, period_from, calls)
		insert into identity.api_calls as a (org_id, period_from, process_id, calls, written_at)
		select org_id, period_from, $1, sum(calls), now() from old group by org_id, period_from order by org_id, period_from
		on conflict (org_id, period_from, process_id) do update set calls = a.calls + excluded.calls, written_at = excluded.written_at`, uuid.Nil, mergeLate); err != nil {
		return fmt.Errorf("merge counts of requests: %w", err)
	}
	return nil
}

// Run writes counts down every ten seconds, and once more when ctx ends; then it returns nil. What fails is reported, and done the next time.
func (c *Counter) Run(ctx context.Context, report func(error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	merged := time.Now()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTime)
			defer cancel()
			if err := c.Flush(last); err != nil {
				report(err)
			}
			return nil
		case now := <-tick.C:
			if err := c.Flush(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
			if now.Sub(merged) < time.Hour {
				continue
			}
			if merged = now; ctx.Err() == nil {
				if err := c.Merge(ctx); err != nil && ctx.Err() == nil {
					report(err)
				}
			}
		}
	}
}
