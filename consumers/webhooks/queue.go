package webhooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/app/webhooks"
	"outrider/internal/es"
)

// Queue is what is to be delivered, in Postgres. Any number of processes may add to it and take from it.
type Queue struct {
	Pool *pgxpool.Pool // as the projector: of all organisations
	Now  func() time.Time
}

// addMessages puts messages into the lanes of every webhook that wants them, and of no other. What is there stays: an event may come twice.
// A message is for webhooks that were added before it happened, unless a run asks for it: then for that webhook alone. It returns which of
// their organisations have a webhook.
func (q Queue) addMessages(ctx context.Context, run runOf, all []webhooks.Message) (have map[uuid.UUID]bool, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	var orgs, ids []uuid.UUID
	var oseqs []int64
	var types, subjects, data []string
	var times []time.Time
	for _, m := range all {
		orgs, ids, oseqs, times = append(orgs, m.Org), append(ids, m.EventID), append(oseqs, m.Oseq), append(times, m.Time)
		types, subjects, data = append(types, m.Type), append(subjects, m.Subject), append(data, string(m.Data))
	}
	rows, err := q.Pool.Query(ctx, `
		with wanted as (
			select e.*, w.webhook_id from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[]) as e (org_id, event_id, oseq, type, subject, happened_at, data)
			join read.webhooks w on w.org_id = e.org_id
			where case when $8::uuid = '00000000-0000-0000-0000-000000000000' then (w.off_reason = '' or w.off_oseq > e.oseq) and w.oseq < e.oseq and (w.types = '[]' or w.types ? e.type)
				else w.webhook_id = $9::uuid and ($10 or w.types = '[]' or w.types ? e.type) end
		), added as (
			insert into webhooks.deliveries (org_id, webhook_id, run_id, event_id, delivery_id, oseq, type, subject, happened_at, data, state, created_at, next_at)
			select org_id, webhook_id, $8, event_id, gen_random_uuid(), oseq, type, subject, happened_at, data::jsonb, 'waiting', $11, $11 from wanted order by oseq
			on conflict (org_id, webhook_id, run_id, event_id) do nothing
			returning org_id, webhook_id, run_id, subject
		), laned as (
			insert into webhooks.lanes (org_id, webhook_id, run_id, subject, next_at)
			select distinct org_id, webhook_id, run_id, subject, $11::timestamptz from added order by 1, 2, 3, 4
			on conflict (org_id, webhook_id, run_id, subject) do update set next_at = webhooks.lanes.next_at
		)
		select distinct org_id from read.webhooks where org_id = any($1)`,
		orgs, ids, oseqs, types, subjects, times, data, run.ID, run.Webhook, run.Any, q.Now())
	if err == nil {
		orgs, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	}
	if err != nil {
		return nil, fmt.Errorf("queue deliveries: %w", err)
	}
	have = make(map[uuid.UUID]bool, len(orgs))
	for _, org := range orgs {
		have[org] = true
	}
	return have, nil
}

// runOf is what asked for deliveries; the zero value is that something happened.
type runOf struct {
	ID, Webhook uuid.UUID
	Any         bool // whatever types the webhook has chosen
}

// addCopy queues a delivery once more, in a run of its own.
func (q Queue) addCopy(ctx context.Context, org, webhook, delivery, run uuid.UUID) error {
	if _, err := q.Pool.Exec(ctx, `
		with added as (
			insert into webhooks.deliveries (org_id, webhook_id, run_id, event_id, delivery_id, oseq, type, subject, happened_at, data, state, created_at, next_at)
			select org_id, webhook_id, $4, event_id, $5, oseq, type, subject, happened_at, data, 'waiting', $6, $6 from webhooks.deliveries
			where org_id = $1 and webhook_id = $2 and delivery_id = $3
			on conflict (org_id, webhook_id, run_id, event_id) do nothing
			returning org_id, webhook_id, run_id, subject
		)
		insert into webhooks.lanes (org_id, webhook_id, run_id, subject, next_at) select org_id, webhook_id, run_id, subject, $6::timestamptz from added
		on conflict do nothing`, org, webhook, delivery, run, es.DeriveID(run, "delivery"), q.Now()); err != nil {
		return fmt.Errorf("queue redelivery: %w", err)
	}
	return nil
}

// stopWebhook lets nothing be taken until startWebhook.
func (q Queue) stopWebhook(ctx context.Context, org, webhook uuid.UUID) error {
	return q.exec(ctx, `update webhooks.lanes set next_at = 'infinity' where org_id = $1 and webhook_id = $2`, org, webhook)
}

func (q Queue) startWebhook(ctx context.Context, org, webhook uuid.UUID) error {
	return errors.Join(
		q.exec(ctx, `delete from webhooks.health where org_id = $1 and webhook_id = $2`, org, webhook),
		q.exec(ctx, `update webhooks.lanes set next_at = $3 where org_id = $1 and webhook_id = $2 and next_at > $3`, org, webhook, q.Now()))
}

// forgetWebhook takes away what is kept of one.
func (q Queue) forgetWebhook(ctx context.Context, org, webhook uuid.UUID) error {
	return q.forget(ctx, ` where org_id = $1 and webhook_id = $2`, org, webhook)
}

// forgetOrganization takes away what is kept of all.
func (q Queue) forgetOrganization(ctx context.Context, org uuid.UUID) error {
	return q.forget(ctx, ` where org_id = $1`, org)
}

func (q Queue) forget(ctx context.Context, which string, args ...any) (err error) {
	for _, table := range []string{"lanes", "deliveries", "health"} {
		err = errors.Join(err, q.exec(ctx, `delete from webhooks.`+table+which, args...))
	}
	return err
}

// forgetOld takes away what was finished before an instant.
func (q Queue) forgetOld(ctx context.Context, before time.Time) error {
	return q.exec(ctx, `delete from webhooks.deliveries where finished_at < $1`, before)
}

func (q Queue) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := q.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("change deliveries: %w", err)
	}
	return nil
}

// lane is a subject of which a delivery was taken.
type lane struct {
	Org     uuid.UUID `db:"org_id"`
	Webhook uuid.UUID `db:"webhook_id"`
	Run     uuid.UUID `db:"run_id"`
	Subject string    `db:"subject"`
	Lease   uuid.UUID `db:"lease"`
}

// busy says how much is under way in this process.
type busy struct {
	orgs, webhooks map[uuid.UUID]int
}

// takeLanes takes lanes whose turn it is, at most so many of a webhook and of an organisation together with what is under way: so a slow
// endpoint has its own few places, and nobody waits for it.
func (q Queue) takeLanes(ctx context.Context, under busy, perWebhook, perOrg, limit int, lease time.Duration) ([]lane, error) {
	var orgs, hooks []uuid.UUID
	var orgCounts, hookCounts []int
	for id, n := range under.orgs {
		orgs, orgCounts = append(orgs, id), append(orgCounts, n)
	}
	for id, n := range under.webhooks {
		hooks, hookCounts = append(hooks, id), append(hookCounts, n)
	}
	now := q.Now()
	rows, err := q.Pool.Query(ctx, `
		with due as (
			select x.*, row_number() over (partition by x.org_id order by x.next_at) as place, coalesce(b.n, 0) as under
			from read.webhooks w
			left join unnest($1::uuid[], $2::int[]) as h (webhook_id, n) on h.webhook_id = w.webhook_id
			left join unnest($3::uuid[], $4::int[]) as b (org_id, n) on b.org_id = w.org_id
			left join webhooks.health rest on rest.org_id = w.org_id and rest.webhook_id = w.webhook_id
			cross join lateral (select l.org_id, l.webhook_id, l.run_id, l.subject, l.next_at from webhooks.lanes l
				where l.org_id = w.org_id and l.webhook_id = w.webhook_id and l.next_at <= $5 order by l.next_at
				limit greatest($6 - coalesce(h.n, 0), 0)) x
			where w.off_reason = '' and (rest.rest_until is null or rest.rest_until <= $5)
		)
		update webhooks.lanes l set next_at = $7, lease = gen_random_uuid()
		from (select * from due where place <= $8 - under order by next_at limit $9) d
		where l.org_id = d.org_id and l.webhook_id = d.webhook_id and l.run_id = d.run_id and l.subject = d.subject and l.next_at <= $5
		returning l.org_id, l.webhook_id, l.run_id, l.subject, l.lease`,
		hooks, hookCounts, orgs, orgCounts, now, perWebhook, now.Add(lease), perOrg, limit)
	if err != nil {
		return nil, fmt.Errorf("take deliveries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[lane])
	if err != nil {
		return nil, fmt.Errorf("take deliveries: %w", err)
	}
	return out, nil
}
