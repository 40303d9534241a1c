package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AskAgain is how long an organisation waits before it may ask for another comparison.
const AskAgain = 10 * time.Minute

const (
	wishChannel  = "outrider_reconciliation_wishes"
	lookEvery    = time.Minute // for requests whose notification got lost, or that are due again
	mostAttempts = 5
)

// Wish is an organisation's request to be compared now.
type Wish struct {
	RequestedAt time.Time
	Wait        time.Duration // above 0 = it was not recorded, as the last one is too recent; ask again after so long
}

// Ask records a request, in a transaction of the organisation that may write. The same id gets the same answer.
func Ask(ctx context.Context, tx pgx.Tx, org, id uuid.UUID) (w Wish, err error) {
	err = tx.QueryRow(ctx, `insert into kernel.reconciliation_wishes as w (org_id, wish_id) values ($1, $2)
		on conflict (org_id) do update set wish_id = excluded.wish_id, requested_at = excluded.requested_at, pending = true, attempts = 0, tried_at = null
		where w.wish_id <> excluded.wish_id and not w.pending and w.requested_at <= now() - $3::interval
		returning requested_at`, org, id, AskAgain).Scan(&w.RequestedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `select requested_at, case when wish_id = $2 then interval '0' else greatest(requested_at + $3::interval - now(), interval '1 minute') end
			from kernel.reconciliation_wishes where org_id = $1`, org, id, AskAgain).Scan(&w.RequestedAt, &w.Wait)
	} else if err == nil {
		_, err = tx.Exec(ctx, `select pg_notify($1, '')`, wishChannel)
	}
	if err != nil {
		return w, fmt.Errorf("note a wish: %w", err)
	}
	return w, nil
}

// Serve compares organisations that ask for it, until ctx ends: at once when a request is recorded, and at the start and every minute those that were missed. seen is
// called with each result and each failure.
func (j Job) Serve(ctx context.Context, seen func([]Result, error)) {
	for ctx.Err() == nil {
		if err := j.listenForWishes(ctx, seen); ctx.Err() == nil {
			seen(nil, err)
			pause, end := context.WithTimeout(ctx, time.Second)
			<-pause.Done()
			end()
		}
	}
}

func (j Job) listenForWishes(ctx context.Context, seen func([]Result, error)) error {
	c, err := j.Postgres.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	conn := c.Hijack() // it is used only for listening
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+wishChannel); err != nil {
		return fmt.Errorf("listen for wishes: %w", err)
	}
	for {
		for more := true; more; {
			var results []Result
			if more, results, err = j.answerWish(ctx); ctx.Err() == nil && (more || err != nil) {
				seen(results, err)
			}
		}
		wait, end := context.WithTimeout(ctx, lookEvery)
		_, err := conn.WaitForNotification(wait)
		late := wait.Err() != nil
		end()
		if ctx.Err() != nil || err != nil && !late {
			return fmt.Errorf("wait for wishes: %w", err)
		}
	}
}

// answerWish compares one organisation that asked, unless a comparison is running; more = there was one. The request is removed with the
// result, in one transaction: after a crash in between the next one answers it.
func (j Job) answerWish(ctx context.Context) (more bool, results []Result, err error) {
	err = j.runAlone(ctx, func() error {
		attempts := 0
		err := j.Postgres.QueryRow(ctx, `update kernel.reconciliation_wishes set attempts = attempts + 1, tried_at = now(), pending = attempts < $1
			where org_id = (select org_id from kernel.reconciliation_wishes where pending and (tried_at is null or tried_at < now() - attempts * interval '1 minute')
				order by attempts, requested_at limit 1) and pending
			returning org_id, attempts, clock_timestamp()`, mostAttempts).Scan(&j.Only, &attempts, &j.Now)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for wishes: %w", err)
		}
		more = true
		if attempts > mostAttempts {
			return fmt.Errorf("organisation %s asked to be compared, but %d attempts failed; it must ask again", j.Only, mostAttempts)
		}
		if results, err = j.Run(ctx); err != nil {
			return fmt.Errorf("compare organisation %s, attempt %d of %d: %w", j.Only, attempts, mostAttempts, err)
		}
		return nil
	})
	return more, results, err
}
