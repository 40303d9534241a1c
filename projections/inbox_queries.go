package projections

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// InboxEntry is a thread and the beginning of its newest item.
type InboxEntry struct {
	InboxThread
	Subject *string `db:"subject"`
	Snippet *string `db:"snippet"`
}

// InboxFilter narrows a list; zero values don't.
type InboxFilter struct {
	CampaignID uuid.UUID
	MailboxID  uuid.UUID
	LeadID     uuid.UUID
	Class      string // of the newest item
	Meaning    string // of the newest item
	After      int64  // last_oseq of the last row seen; 0 = from the newest
	Limit      int
}

// ListInbox returns the threads, the one with the newest item first.
func ListInbox(ctx context.Context, tx pgx.Tx, org uuid.UUID, f InboxFilter) ([]*InboxEntry, error) {
	rows, err := tx.Query(ctx, `select t.*, i.subject, i.snippet from (`+selectFrom[InboxThread]("inbox_threads")+`
			where org_id = $1 and ($2::bigint = 0 or last_oseq < $2) and ($3::uuid is null or campaign_id = $3) and ($4::uuid is null or mailbox_id = $4)
			and ($5::uuid is null or lead_id = $5) and ($6 = '' or last_class = $6) and ($7 = '' or last_meaning = $7) order by last_oseq desc limit $8) t
		join read.inbox_items i on i.org_id = t.org_id and i.item_id = t.last_item order by last_oseq desc`,
		org, f.After, nilIfZero(f.CampaignID), nilIfZero(f.MailboxID), nilIfZero(f.LeadID), f.Class, f.Meaning, f.Limit)
	return collectAll[InboxEntry](rows, err, "list inbox")
}

// GetInboxThread returns pgx.ErrNoRows when the organisation has no such thread.
func GetInboxThread(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) (*InboxThread, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxThread]("inbox_threads")+`where org_id = $1 and thread_id = $2`, org, thread)
	return collectOne[InboxThread](rows, err, "get inbox thread")
}

// ListInboxItems returns a thread in order; after = oseq of the last row seen.
func ListInboxItems(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID, after int64, limit int) ([]*InboxItem, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxItem]("inbox_items")+`where org_id = $1 and thread_id = $2 and oseq > $3 order by oseq limit $4`, org, thread, after, limit)
	return collectAll[InboxItem](rows, err, "list inbox items")
}
