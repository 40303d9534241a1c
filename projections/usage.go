package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Usage is a row of read.usage: one organisation and billing period.
type Usage struct {
	OrgID          uuid.UUID `db:"org_id"`
	PeriodFrom     time.Time `db:"period_from"`
	LeadsProcessed int       `db:"leads_processed"`
	EmailsSent     int       `db:"emails_sent"`
}

type usageKey struct {
	org  uuid.UUID
	from int64 // µs
}

// foldUsage counts; periods without use have no row.
func foldUsage(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[usageKey, Usage]()
	for _, e := range batch {
		if p, ok := e.Payload.(events.EnrollmentStarted); ok && p.Counted {
			key := usageKey{e.Org, p.PeriodFrom.UnixMicro()}
			if rows.rows[key] == nil {
				rows.put(key, &Usage{OrgID: e.Org, PeriodFrom: p.PeriodFrom})
			}
			rows.rows[key].LeadsProcessed++
		}
	}
	live := rows.live()
	if len(live) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into read.usage (org_id, period_from, leads_processed)
		select * from unnest($1::uuid[], $2::timestamptz[], $3::int[])
		on conflict (org_id, period_from) do update set leads_processed = usage.leads_processed + excluded.leads_processed`,
		column(live, func(u *Usage) uuid.UUID { return u.OrgID }), column(live, func(u *Usage) time.Time { return u.PeriodFrom }), column(live, func(u *Usage) int { return u.LeadsProcessed }))
	if err != nil {
		return fmt.Errorf("write usage: %w", err)
	}
	return nil
}

// ListUsage gives the newest billing periods with use first.
func ListUsage(ctx context.Context, tx pgx.Tx, org uuid.UUID, limit int) ([]*Usage, error) {
	rows, err := tx.Query(ctx, `select org_id, period_from, leads_processed, emails_sent from read.usage where org_id = $1 order by period_from desc limit $2`, org, limit)
	return many[Usage](rows, err, "list usage")
}
