package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Reactors work for all organisations, so these queries run as the projector, whose row-level security policy shows all rows.

// ConnectedMailboxes lists the verified mailboxes of all organisations that can be read; not those whose mail server crashed our workers.
func ConnectedMailboxes(ctx context.Context, all *pgxpool.Pool) ([]*Mailbox, error) {
	rows, err := all.Query(ctx, selectFrom[Mailbox]("mailboxes")+`where removed_at is null and imap is not null and coalesce(pause_reason, '') <> 'mail_server'
		and (verified_at is not null or checks #>> '{imap_auth,outcome}' = 'passed') order by org_id, oseq`)
	return collectAll[Mailbox](rows, err, "list connected mailboxes")
}

// MailboxesOf returns the mailboxes of an organisation that are connected, the oldest first.
func MailboxesOf(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Mailbox, error) {
	rows, err := tx.Query(ctx, selectFrom[Mailbox]("mailboxes")+`where org_id = $1 and removed_at is null and connection is not null order by oseq`, org)
	return collectAll[Mailbox](rows, err, "list mailboxes of an organisation")
}

// Pending is a message that a reactor must act on.
type Pending struct {
	OrgID     uuid.UUID `db:"org_id"`
	MessageID uuid.UUID `db:"message_id"`
	MailboxID uuid.UUID `db:"mailbox_id"`
	LeadID    uuid.UUID `db:"lead_id"`
}

// ScheduledBefore lists messages whose slot came before a time and that nobody has claimed, the oldest first. It looks at all that are on their way
// out, which are few: an index on slots would cost every step of every message more.
func ScheduledBefore(ctx context.Context, all *pgxpool.Pool, before time.Time, limit int) ([]*Pending, error) {
	rows, err := all.Query(ctx, selectFrom[Pending]("messages")+`where stage = 'moving' and state = 'scheduled' and scheduled_at < $1 order by scheduled_at limit $2`, before, limit)
	return collectAll[Pending](rows, err, "list scheduled messages")
}

// DoubtfulSince lists messages that came in doubt since a time and still are, the oldest first.
func DoubtfulSince(ctx context.Context, all *pgxpool.Pool, since time.Time, limit int) ([]*Pending, error) {
	rows, err := all.Query(ctx, selectFrom[Pending]("messages")+`where stage = 'in_doubt' and doubted_at >= $1 order by doubted_at limit $2`, since, limit)
	return collectAll[Pending](rows, err, "list messages in doubt")
}

// HasInboxItem reports whether a mail is in the inbox already.
func HasInboxItem(ctx context.Context, tx pgx.Tx, org, mail uuid.UUID) (has bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select from read.inbox_items where org_id = $1 and item_id = $2)`, org, mail).Scan(&has)
	return has, err
}
