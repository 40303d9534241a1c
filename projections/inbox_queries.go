package projections

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// InboxEntry is a thread, the beginning of its newest item, and the names of what it is about.
type InboxEntry struct {
	InboxThread
	Subject      *string `db:"subject"`
	Snippet      *string `db:"snippet"`
	Email        *string `db:"email"`
	FirstName    *string `db:"first_name"`
	LastName     *string `db:"last_name"`
	Company      *string `db:"company_name"`
	CampaignName *string `db:"campaign_name"`
}

// InboxFilter narrows a list; zero values don't.
type InboxFilter struct {
	Search     string // in the lead's address, name or company, or in the newest item's subject or beginning
	CampaignID uuid.UUID
	MailboxID  uuid.UUID
	LeadID     uuid.UUID
	Class      string // of the newest item
	Meaning    string // of the newest item
	Confidence string // of the newest item: high or low
	Status     string
	Assignee   uuid.UUID
	Unassigned bool
	Unread     *bool
	Now        time.Time // by which snoozed threads need an answer again
}

// inboxEntries are the threads with their names, as a table; the newest item's place in the log is their age.
const inboxEntries = `(select x.*, x.last_oseq as oseq, i.subject, i.snippet, l.email, l.first_name, l.last_name, l.company_name, c.name as campaign_name
	from read.inbox_threads x join read.inbox_items i on i.org_id = x.org_id and i.item_id = x.last_item
	left join read.leads l on l.org_id = x.org_id and l.lead_id = x.lead_id left join read.campaigns c on c.org_id = x.org_id and c.campaign_id = x.campaign_id)`

// isUnsure holds for a thread whose newest item a person should look at; Unsure says the same of an item.
//
//nolint:gochecknoglobals // a constant
var isUnsure = `(t.last_class = 'reply' and not t.last_corrected and (t.last_confidence > 0 and t.last_confidence < ` + strconv.Itoa(events.SureEnough) + `
	or t.last_confidence = 0 and t.last_meaning in ('', 'other', 'maybe_unsubscribe')))`

// Unsure reports whether a person should look at what a mail is taken for.
func Unsure(class, meaning string, confidence int, corrected bool) bool {
	if class != InboxReply || corrected {
		return false
	}
	if confidence > 0 {
		return confidence < events.SureEnough
	}
	return meaning == "" || meaning == events.MeansOther || meaning == events.MeansMaybeUnsubscribe
}

// ListInbox returns the threads, the one with the newest item first.
func ListInbox(ctx context.Context, tx pgx.Tx, org uuid.UUID, f InboxFilter, l Listing) (*Page[InboxEntry], error) {
	q := f.query(org)
	if err := q.whereLead(ctx, tx, org, f.Search, "t.subject", "t.snippet"); err != nil {
		return nil, err
	}
	return readPage(ctx, tx, q, l, "inbox", func(e *InboxEntry) int64 { return e.LastOseq })
}

func (f InboxFilter) query(org uuid.UUID) *query {
	q := &query{from: inboxEntries + ` t where `, own: "-" + byAge}
	q.where(`t.org_id = ?`, org)
	q.whereID(`t.campaign_id = ?`, f.CampaignID)
	q.whereID(`t.mailbox_id = ?`, f.MailboxID)
	q.whereID(`t.lead_id = ?`, f.LeadID)
	q.whereID(`t.assignee = ?`, f.Assignee)
	q.whereSet(`t.last_class = ?`, f.Class)
	q.whereSet(`t.last_meaning = ?`, f.Meaning)
	switch f.Confidence {
	case "low":
		q.where(isUnsure)
	case "high":
		q.where(`not ` + isUnsure)
	}
	if f.Unassigned {
		q.where(`t.assignee is null`)
	}
	if f.Unread != nil {
		q.where(`t.unread = ?`, *f.Unread)
	}
	switch f.Status {
	case "":
	case events.ThreadNeedsAnswer:
		q.where(`(t.status = 'needs_answer' or t.status = 'snoozed' and t.snoozed_until <= ?)`, f.Now)
	case events.ThreadSnoozed:
		q.where(`t.status = 'snoozed' and t.snoozed_until > ?`, f.Now)
	default:
		q.where(`t.status = ?`, f.Status)
	}
	return q
}

// InboxCounts are how many threads there are of each kind.
type InboxCounts struct {
	NeedsAnswer, Snoozed, Done int
	Unread                     int
	Mine                       int            // assigned to somebody and not done
	Unassigned                 int            // need an answer, and nobody looks after them
	Classes, Meanings          map[string]int // of the newest items of threads that aren't done
}

// CountInbox counts the threads of a campaign and of a mailbox, zero = of all; mine are those of a member.
func CountInbox(ctx context.Context, tx pgx.Tx, org, campaign, mailbox, member uuid.UUID, now time.Time) (*InboxCounts, error) {
	rows, err := tx.Query(ctx, `select case when status = 'snoozed' and snoozed_until <= $2 then 'needs_answer' else status end, last_class, last_meaning, unread, assignee is null, coalesce(assignee = $5, false), count(*)
		from read.inbox_threads where org_id = $1 and ($3::uuid is null or campaign_id = $3) and ($4::uuid is null or mailbox_id = $4) group by 1, 2, 3, 4, 5, 6`,
		org, now, nilIfZero(campaign), nilIfZero(mailbox), nilIfZero(member))
	if err != nil {
		return nil, fmt.Errorf("count inbox: %w", err)
	}
	out := &InboxCounts{Classes: map[string]int{}, Meanings: map[string]int{}}
	var status, class, meaning string
	var unread, nobodys, mine bool
	var n int
	_, err = pgx.ForEachRow(rows, []any{&status, &class, &meaning, &unread, &nobodys, &mine, &n}, func() error {
		if unread {
			out.Unread += n
		}
		switch status {
		case events.ThreadDone:
			out.Done += n
			return nil
		case events.ThreadSnoozed:
			out.Snoozed += n
		default:
			out.NeedsAnswer += n
			if nobodys {
				out.Unassigned += n
			}
		}
		if mine {
			out.Mine += n
		}
		out.Classes[class] += n
		if meaning = strings.TrimSpace(meaning); meaning != "" {
			out.Meanings[meaning] += n
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count inbox: %w", err)
	}
	return out, nil
}

// GetInboxEntry returns pgx.ErrNoRows when the organisation has no such thread.
func GetInboxEntry(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) (*InboxEntry, error) {
	rows, err := tx.Query(ctx, `select t.`+strings.ReplaceAll(columnsOf[InboxEntry](), ", ", ", t.")+` from `+inboxEntries+` t where t.org_id = $1 and t.thread_id = $2`, org, thread)
	return collectOne[InboxEntry](rows, err, "get inbox thread")
}

// GetInboxThread returns pgx.ErrNoRows when the organisation has no such thread.
func GetInboxThread(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) (*InboxThread, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxThread]("inbox_threads")+`where org_id = $1 and thread_id = $2`, org, thread)
	return collectOne[InboxThread](rows, err, "get inbox thread")
}

// ListInboxItems returns what came in of a thread, in order; after = oseq of the last row seen.
func ListInboxItems(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID, after int64, limit int) ([]*InboxItem, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxItem]("inbox_items")+`where org_id = $1 and thread_id = $2 and oseq > $3 order by oseq limit $4`, org, thread, after, limit)
	return collectAll[InboxItem](rows, err, "list inbox items")
}

// SentInThread returns the messages of a thread that left, or may have, in order.
func SentInThread(ctx context.Context, tx pgx.Tx, t *InboxThread, limit int) ([]*Message, error) {
	rows, err := tx.Query(ctx, selectFrom[Message]("messages")+`where org_id = $1 and lead_id = $2 and campaign_id is not distinct from $3 and (sent_at is not null or state = 'in_doubt') order by coalesce(sent_at, doubted_at), oseq limit $4`,
		t.OrgID, t.LeadID, t.CampaignID, limit)
	return collectAll[Message](rows, err, "list messages of thread")
}
