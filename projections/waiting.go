package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// Waiting is how many of something wait for somebody.
type Waiting struct {
	Count  int        `db:"count"`
	Oldest *time.Time `db:"oldest"`
	Next   *time.Time `db:"next"` // of drafts: when the first of them may be sent
}

// CountWaitingMessages counts the messages in a state: drafted, held or in doubt.
func CountWaitingMessages(ctx context.Context, tx pgx.Tx, org uuid.UUID, state string) (*Waiting, error) {
	rows, err := tx.Query(ctx, `select count(*) count, min(coalesce(doubted_at, updated_at)) oldest, min(earliest) next from read.messages
		where org_id = $1 and stage = $2`, org, state)
	return collectOne[Waiting](rows, err, "count messages that wait")
}

// CountWaitingThreads counts the threads that need an answer and whose newest item is a person's reply; unsure narrows them to those whose meaning isn't sure.
func CountWaitingThreads(ctx context.Context, tx pgx.Tx, org uuid.UUID, unsure bool, now time.Time) (*Waiting, error) {
	rows, err := tx.Query(ctx, `select count(*) count, min(last_at) oldest, null::timestamptz next from read.inbox_threads t
		where org_id = $1 and last_class = $2 and (not $3 or `+isUnsure+`) and (status = $4 or status = $5 and snoozed_until <= $6)`, org, InboxReply, unsure, events.ThreadNeedsAnswer, events.ThreadSnoozed, now)
	return collectOne[Waiting](rows, err, "count replies that wait")
}

// CountLaunchRequests counts the campaigns whose launch somebody has asked for.
func CountLaunchRequests(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*Waiting, error) {
	rows, err := tx.Query(ctx, `select count(*) count, min(launch_requested_at) oldest, null::timestamptz next from read.campaigns where org_id = $1 and launch_requested_by <> ''`, org)
	return collectOne[Waiting](rows, err, "count launches that wait")
}

// FailedImports returns the newest imports that failed since an instant.
func FailedImports(ctx context.Context, tx pgx.Tx, org uuid.UUID, since time.Time, limit int) ([]*Import, error) {
	rows, err := tx.Query(ctx, `select `+importColumns+` from read.imports where org_id = $1 and status = $2 and updated_at >= $3 order by oseq desc limit $4`, org, ImportFailed, since, limit)
	return collectAll[Import](rows, err, "list failed imports")
}

// CountCampaignAttempts counts what left for a campaign in a time, or was refused; mailbox narrows it, Nil doesn't.
func CountCampaignAttempts(ctx context.Context, tx pgx.Tx, org, campaign, mailbox uuid.UUID, from, to time.Time) (n int, err error) {
	err = tx.QueryRow(ctx, `select (select count(*) from read.messages where org_id = $1 and campaign_id = $2 and sent_at >= $3 and sent_at < $4 and ($5::uuid is null or mailbox_id = $5))
		+ (select count(*) from read.messages where org_id = $1 and campaign_id = $2 and failed_at >= $3 and failed_at < $4 and sent_at is null and ($5::uuid is null or mailbox_id = $5))`, org, campaign, from, to, nilIfZero(mailbox)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what left for a campaign: %w", err)
	}
	return n, nil
}

// CountStored counts an organisation's leads and mailboxes.
func CountStored(ctx context.Context, tx pgx.Tx, org uuid.UUID) (leads, mailboxes int64, err error) {
	err = tx.QueryRow(ctx, `select (select count(*) from read.leads where org_id = $1 and erased_at is null), (select count(*) from read.mailboxes where org_id = $1 and removed_at is null)`, org).Scan(&leads, &mailboxes)
	if err != nil {
		return 0, 0, fmt.Errorf("count what is stored: %w", err)
	}
	return leads, mailboxes, nil
}
