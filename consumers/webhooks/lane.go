package webhooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/webhooks"
	"outrider/internal/es"
	"outrider/projections"
)

// errNotOurs says that a lane's lease was over, and somebody else has it.
var errNotOurs = errors.New("the lane is somebody else's")

// head returns the oldest delivery of a lane that waits, and its webhook; pgx.ErrNoRows when there is none.
func (q Queue) head(ctx context.Context, l lane) (d *webhooks.Delivery, w *projections.Webhook, err error) {
	err = pgx.BeginFunc(ctx, q.Pool, func(tx pgx.Tx) error {
		if w, err = projections.GetWebhook(ctx, tx, l.Org, l.Webhook); err != nil {
			return err
		}
		d, err = webhooks.Head(ctx, tx, l.Org, l.Webhook, l.Run, l.Subject)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read delivery: %w", err)
	}
	return d, w, nil
}

// outcome is what became of one try.
type outcome struct {
	attempt webhooks.Attempt
	ok      bool
	retryAt time.Time // of one that failed; zero = it is given up
	rest    time.Time // until when the endpoint wants nothing at all; zero = nothing of that
}

// finish records a try and gives the lane back: to be taken again when the delivery is to be, or when the next one waits. It returns how long
// the endpoint has failed: nil when the last delivery succeeded.
func (q Queue) finish(ctx context.Context, l lane, d *webhooks.Delivery, o outcome) (failingSince *time.Time, err error) {
	err = pgx.BeginFunc(ctx, q.Pool, func(tx pgx.Tx) error {
		if err := q.lockLane(ctx, tx, l); err != nil {
			return err
		}
		if err := writeAttempt(ctx, tx, d, o); err != nil {
			return err
		}
		if failingSince, err = writeHealth(ctx, tx, d, o); err != nil {
			return err
		}
		return q.giveBack(ctx, tx, l, o.retryAt)
	})
	if errors.Is(err, errNotOurs) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record delivery: %w", err)
	}
	return failingSince, nil
}

// release gives a lane back of which nothing was tried.
func (q Queue) release(ctx context.Context, l lane, at time.Time) error {
	err := pgx.BeginFunc(ctx, q.Pool, func(tx pgx.Tx) error {
		if err := q.lockLane(ctx, tx, l); err != nil {
			return err
		}
		return q.giveBack(ctx, tx, l, at)
	})
	if err != nil && !errors.Is(err, errNotOurs) {
		return fmt.Errorf("give lane back: %w", err)
	}
	return nil
}

// lockLane comes first, in a statement of its own: what looks for the next delivery afterwards sees what was queued while this waited, and
// who queues one waits for this.
func (q Queue) lockLane(ctx context.Context, tx pgx.Tx, l lane) error {
	var lease *uuid.UUID
	err := tx.QueryRow(ctx, `select lease from webhooks.lanes where org_id = $1 and webhook_id = $2 and run_id = $3 and subject = $4 for update`, l.Org, l.Webhook, l.Run, l.Subject).Scan(&lease)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (lease == nil || *lease != l.Lease) {
		return errNotOurs
	}
	return err
}

func (q Queue) giveBack(ctx context.Context, tx pgx.Tx, l lane, at time.Time) error {
	key := []any{l.Org, l.Webhook, l.Run, l.Subject}
	if at.IsZero() {
		at = q.Now()
	}
	const which = ` where org_id = $1 and webhook_id = $2 and run_id = $3 and subject = $4`
	var more bool
	if err := tx.QueryRow(ctx, `select exists (select from webhooks.deliveries`+which+` and state = 'waiting')`, key...).Scan(&more); err != nil {
		return err
	}
	if !more {
		_, err := tx.Exec(ctx, `delete from webhooks.lanes`+which, key...)
		return err
	}
	// of one that was switched off meanwhile the lane stays out of reach
	_, err := tx.Exec(ctx, `update webhooks.lanes set lease = null, next_at = case when next_at = 'infinity' then next_at else $5 end`+which, append(key, at)...)
	return err
}

func writeAttempt(ctx context.Context, tx pgx.Tx, d *webhooks.Delivery, o outcome) error {
	state, next, finished := webhooks.Waiting, &o.retryAt, (*time.Time)(nil)
	at := o.attempt.At
	switch {
	case o.ok:
		state, next, finished = webhooks.Delivered, nil, &at
	case o.retryAt.IsZero():
		state, next, finished = webhooks.Failed, nil, &at
	}
	attempt, err := es.Marshal([]webhooks.Attempt{o.attempt})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update webhooks.deliveries set state = $5, next_at = $6, finished_at = $7, tries = tries + 1, attempts = attempts || $8::jsonb
		where org_id = $1 and webhook_id = $2 and run_id = $3 and event_id = $4`, d.OrgID, d.WebhookID, d.RunID, d.EventID, state, next, finished, string(attempt))
	return err
}

func writeHealth(ctx context.Context, tx pgx.Tx, d *webhooks.Delivery, o outcome) (failingSince *time.Time, err error) {
	if o.ok {
		_, err = tx.Exec(ctx, `insert into webhooks.health (org_id, webhook_id, delivered_at) values ($1, $2, $3)
			on conflict (org_id, webhook_id) do update set delivered_at = $3, failing_since = null, rest_until = null`, d.OrgID, d.WebhookID, o.attempt.At)
		return nil, err
	}
	var rest *time.Time
	if !o.rest.IsZero() {
		rest = &o.rest
	}
	err = tx.QueryRow(ctx, `insert into webhooks.health (org_id, webhook_id, failing_since, rest_until) values ($1, $2, $3, $4)
		on conflict (org_id, webhook_id) do update set failing_since = coalesce(webhooks.health.failing_since, $3), rest_until = greatest(webhooks.health.rest_until, $4)
		returning failing_since`, d.OrgID, d.WebhookID, o.attempt.At, rest).Scan(&failingSince)
	return failingSince, err
}
