package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LeadTotals are MessageTotals of one lead's messages.
type LeadTotals struct {
	LeadID uuid.UUID `db:"lead_id"`
	Email  *string   `db:"email"` // nil once the person is erased
	MessageTotals
}

// CountMessagesByLead counts the messages of a campaign for each lead that has some. It reads all of them, which is for reconciling only.
func CountMessagesByLead(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) ([]*LeadTotals, error) {
	rows, err := tx.Query(ctx, `select l.email, c.* from (select lead_id, `+messageTotals+` from read.messages where org_id = $1 and campaign_id = $2 group by lead_id) c
		join read.leads l on l.org_id = $1 and l.lead_id = c.lead_id`, org, campaign)
	if err != nil {
		return nil, fmt.Errorf("count messages of leads: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[LeadTotals])
	if err != nil {
		return nil, fmt.Errorf("count messages of leads: %w", err)
	}
	return out, nil
}

// CountUnwritten counts the leads on a campaign who got no first message, by reason: what became of the message ("failed: recipient"), else of
// the enrollment ("stopped: suppressed", "waiting: slot").
func CountUnwritten(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (map[string]int, error) {
	rows, err := tx.Query(ctx, `select case
			when m.state in ('failed', 'in_doubt') then m.state
			when e.state = 'stopped' then 'stopped' || case when e.reason = '' then '' else ': ' || e.reason end
			when m.state is not null then m.state || case when m.reason = '' then '' else ': ' || m.reason end
			when e.state = 'deferred' then 'waiting: company_cap'
			when e.state = 'active' then 'waiting: slot'
			else e.state || case when e.reason = '' then '' else ': ' || e.reason end end, count(*)
		from read.enrollments e left join lateral (select state, reason, sent_at from read.messages m
			where m.org_id = e.org_id and m.lead_id = e.lead_id and m.campaign_id = e.campaign_id and m.step = 1
			order by sent_at nulls last, oseq desc limit 1) m on true
		where e.org_id = $1 and e.campaign_id = $2 and m.sent_at is null group by 1`, org, campaign)
	if err != nil {
		return nil, fmt.Errorf("count who was not written to: %w", err)
	}
	out := map[string]int{}
	var why string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&why, &n}, func() error { out[why] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count who was not written to: %w", err)
	}
	return out, nil
}
