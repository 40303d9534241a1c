package projections

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// FindLeads returns a few leads with a text in their address, name or company, case ignored: first those whose address begins so.
func FindLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, text string, limit int) ([]*Lead, error) {
	text = searchable(text)
	rows, err := tx.Query(ctx, selectFrom[Lead]("leads")+`where org_id = $1 and email ^@ $2 order by email limit $3`, org, text, limit)
	first, err := collectAll[Lead](rows, err, "find leads by address")
	if err != nil || len(first) == limit {
		return first, err
	}
	seen := make([]uuid.UUID, len(first))
	for i, l := range first {
		seen[i] = l.LeadID
	}
	rows, err = tx.Query(ctx, selectFrom[Lead]("leads")+`where org_id = $1 and strpos(search, $2) > 0 and not lead_id = any($3) limit $4`, org, text, seen, limit-len(first))
	more, err := collectAll[Lead](rows, err, "find leads")
	return append(first, more...), err
}

// ThreadsOf returns the newest conversations with some leads.
func ThreadsOf(ctx context.Context, tx pgx.Tx, org uuid.UUID, leads []uuid.UUID, limit int) ([]*InboxEntry, error) {
	if len(leads) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `select t.*, i.subject, i.snippet from (`+selectFrom[InboxThread]("inbox_threads")+`where org_id = $1 and lead_id = any($2) order by last_oseq desc limit $3) t
		join read.inbox_items i on i.org_id = t.org_id and i.item_id = t.last_item order by last_oseq desc`, org, leads, limit)
	return collectAll[InboxEntry](rows, err, "find threads")
}

// Found is something that has an id.
type Found struct {
	Kind  string    `db:"kind"`
	ID    uuid.UUID `db:"id"`
	Title string    `db:"title"`
}

// FindID returns what has an id in an organisation.
func FindID(ctx context.Context, tx pgx.Tx, org, id uuid.UUID) ([]*Found, error) {
	rows, err := tx.Query(ctx, `
		select 'lead' as kind, lead_id as id, coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email, '') as title from read.leads where org_id = $1 and lead_id = $2
		union all select 'campaign', campaign_id, name from read.campaigns where org_id = $1 and campaign_id = $2
		union all select 'mailbox', mailbox_id, coalesce(address, '') from read.mailboxes where org_id = $1 and mailbox_id = $2
		union all select 'message', message_id, state from read.messages where org_id = $1 and message_id = $2
		union all select 'thread', thread_id, '' from read.inbox_threads where org_id = $1 and thread_id = $2
		union all select 'enrollment', enrollment_id, state from read.enrollments where org_id = $1 and enrollment_id = $2
		union all select 'meeting', meeting_id, status from read.meetings where org_id = $1 and meeting_id = $2`, org, id)
	return collectAll[Found](rows, err, "find by id")
}
