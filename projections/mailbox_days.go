package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// MailboxDay is what a mailbox sent on a day, and what came of it since.
type MailboxDay struct {
	Day       string `db:"day"` // 2026-03-02
	Sent      int    `db:"sent"`
	Replied   int    `db:"replied"`
	Bounced   int    `db:"bounced"`
	Delivered int    `db:"delivered"` // as its provider tells
	Dropped   int    `db:"dropped"`
	Responses int    `db:"responses"` // answers of members
}

// DaysOfMailbox returns every day from from to before to, in the zone of both, also those without a message.
func DaysOfMailbox(ctx context.Context, tx pgx.Tx, org, mailbox uuid.UUID, from, to time.Time, zone string) ([]*MailboxDay, error) {
	rows, err := tx.Query(ctx, `select to_char(d.day, 'YYYY-MM-DD') as day, coalesce(m.sent, 0)::int as sent, coalesce(m.replied, 0)::int as replied, coalesce(m.bounced, 0)::int as bounced,
		coalesce(m.delivered, 0)::int as delivered, coalesce(m.dropped, 0)::int as dropped, coalesce(r.responses, 0)::int as responses
		from generate_series(($3::timestamptz at time zone $5)::date, ($4::timestamptz at time zone $5)::date - 1, interval '1 day') d (day)
		left join (select (sent_at at time zone $5)::date as day, count(*) as sent, count(replied_at) as replied, count(bounced_at) as bounced, count(delivered_at) as delivered, count(dropped_at) as dropped from read.messages
			where org_id = $1 and mailbox_id = $2 and sent_at >= $3 and sent_at < $4 group by 1) m on m.day = d.day::date
		left join (select (sent_at at time zone $5)::date as day, count(*) as responses from read.inbox_responses where org_id = $1 and mailbox_id = $2 and sent_at >= $3 and sent_at < $4 group by 1) r on r.day = d.day::date
		order by d.day`, org, mailbox, from, to, zone)
	return collectAll[MailboxDay](rows, err, "list days of mailbox")
}
