package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// MessageFilter narrows a list; zero values don't.
type MessageFilter struct {
	Search     string // in its lead's address, name or company, case ignored
	CampaignID uuid.UUID
	LeadID     uuid.UUID
	MailboxID  uuid.UUID
	State      string

	NeedsApproval *bool     // waits for a person to approve it, or doesn't
	Outcome       string    // one of MessageOutcomes
	SentFrom      time.Time // inclusive
	SentTo        time.Time // exclusive
	StepID        uuid.UUID
	VariantID     uuid.UUID
	StepsVersion  int
}

// MessageOutcomes are what can have become of a message, each with its condition. Counts of the same name count the same messages.
func MessageOutcomes() map[string]string {
	return map[string]string{"sent": `t.sent_at is not null`, "failed": `t.failed_at is not null`, "in_doubt": `t.stage = 'in_doubt'`, "opened": `t.first_opened_at is not null`, "machine_opened": `t.machine_opened_at is not null`,
		"clicked": `t.first_clicked_at is not null`, "scanner_clicked": `t.scanner_clicked_at is not null`, "replied": `t.replied_at is not null`, "auto_replied": `t.auto_replied_at is not null`,
		"bounced": `t.bounced_at is not null`, "complained": `t.complained_at is not null`, "unsubscribed": `t.unsubscribed_at is not null`, "meeting": `t.meeting_at is not null`,
		"delayed": `t.delayed_at is not null and t.delivered_at is null`, "dropped": `t.dropped_at is not null`}
}

// GetMessage returns pgx.ErrNoRows when the organisation has no such message.
func GetMessage(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) (*Message, error) {
	rows, err := tx.Query(ctx, selectFrom[Message]("messages")+`where org_id = $1 and message_id = $2`, org, message)
	return collectOne[Message](rows, err, "get message")
}

// GetMessageText returns pgx.ErrNoRows when the message was never drafted.
func GetMessageText(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) (*MessageText, error) {
	rows, err := tx.Query(ctx, selectFrom[MessageText]("message_texts")+`where org_id = $1 and message_id = $2`, org, message)
	return collectOne[MessageText](rows, err, "get text of message")
}

// RejectionOf returns why a draft of a message was rejected last; "" where nobody said so, or nobody can read it any more.
func RejectionOf(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) (note string, err error) {
	err = tx.QueryRow(ctx, `select coalesce(rejected_note, '') from message_texts where org_id = $1 and message_id = $2`, org, message).Scan(&note)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("get rejection of message: %w", err)
	}
	return note, nil
}

// LeadsOfMessages returns to whom messages go, of those that the organisation has.
func LeadsOfMessages(ctx context.Context, tx pgx.Tx, org uuid.UUID, messages []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `select message_id, lead_id from messages where org_id = $1 and message_id = any($2)`, org, messages)
	if err != nil {
		return nil, fmt.Errorf("get leads of messages: %w", err)
	}
	out := map[uuid.UUID]uuid.UUID{}
	var message, lead uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&message, &lead}, func() error {
		out[message] = lead
		return nil
	}); err != nil {
		return nil, fmt.Errorf("get leads of messages: %w", err)
	}
	return out, nil
}

// messageOrders sorts messages that were not sent, or have no slot, as the oldest.
func messageOrders() map[string]sorting {
	return map[string]sorting{"updated_at": {"t.updated_at", "timestamptz"}, "sent_at": {"coalesce(t.sent_at, '-infinity')", "timestamptz"},
		"scheduled_at": {"coalesce(t.scheduled_at, '-infinity')", "timestamptz"}}
}

// ListMessages returns the newest first unless another order is asked for.
func ListMessages(ctx context.Context, tx pgx.Tx, org uuid.UUID, f MessageFilter, l Listing) (*Page[Message], error) {
	q := newQuery("messages", "-"+byAge, org, messageOrders())
	q.whereID(`t.campaign_id = ?`, f.CampaignID)
	q.whereID(`t.lead_id = ?`, f.LeadID)
	q.whereID(`t.mailbox_id = ?`, f.MailboxID)
	q.whereSet(columnOfState(f.State)+` = ?`, f.State)
	q.whereID(`t.step_id = ?`, f.StepID)
	q.whereID(`t.variant_id = ?`, f.VariantID)
	q.whereTime(`t.sent_at >= ?`, f.SentFrom)
	q.whereTime(`t.sent_at < ?`, f.SentTo)
	if f.StepsVersion != 0 {
		q.where(`t.steps_version = ?`, f.StepsVersion)
	}
	if f.NeedsApproval != nil {
		q.where(map[bool]string{true: `t.approval and t.stage = 'drafted'`, false: `not (t.approval and t.state = 'drafted')`}[*f.NeedsApproval])
	}
	if condition := MessageOutcomes()[f.Outcome]; condition != "" {
		q.where(condition)
	}
	if err := q.whereLead(ctx, tx, org, f.Search); err != nil {
		return nil, err
	}
	return readPage(ctx, tx, q, l, "messages", func(m *Message) int64 { return m.Oseq })
}

// columnOfState returns the column by which messages in a state are found: those that wait for somebody by an index.
func columnOfState(state string) string {
	switch state {
	case MessageDrafted, MessageHeld, MessageInDoubt:
		return `t.stage`
	}
	return `t.state`
}

// MessageTotals counts distinct messages. Opened and machine-opened don't exclude each other. A meeting counts for the
// message whose link was used; so does an unsubscription.
type MessageTotals struct {
	Messages      int `db:"messages"`
	Sent          int `db:"sent"`
	Failed        int `db:"failed"`
	InDoubt       int `db:"in_doubt"`
	Opened        int `db:"opened"`
	MachineOpened int `db:"machine_opened"`
	Clicked       int `db:"clicked"`
	Replied       int `db:"replied"`
	AutoReplied   int `db:"auto_replied"`
	Bounced       int `db:"bounced"`
	Complained    int `db:"complained"`
	Unsubscribed  int `db:"unsubscribed"`
	Meetings      int `db:"meetings"`

	ScannerClicked int `db:"scanner_clicked"`
	Deferred       int `db:"deferred"` // refusals for now
}

const messageTotals = `count(*)::int as messages, count(sent_at)::int as sent, count(failed_at)::int as failed, (count(*) filter (where state = 'in_doubt'))::int as in_doubt,
	count(first_opened_at)::int as opened, count(machine_opened_at)::int as machine_opened, count(first_clicked_at)::int as clicked, count(replied_at)::int as replied,
	count(auto_replied_at)::int as auto_replied, count(bounced_at)::int as bounced, count(complained_at)::int as complained, count(unsubscribed_at)::int as unsubscribed,
	count(meeting_at)::int as meetings, count(scanner_clicked_at)::int as scanner_clicked, coalesce(sum(tries), 0)::int as deferred`

// CountMessages counts the messages of a campaign; the zero campaign = of all campaigns. It reads all of them, which is for reconciling, not for pages.
func CountMessages(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (*MessageTotals, error) {
	rows, err := tx.Query(ctx, `select `+messageTotals+` from read.messages where org_id = $1 and ($2::uuid is null or campaign_id = $2)`, org, nilIfZero(campaign))
	return collectOne[MessageTotals](rows, err, "count messages")
}
