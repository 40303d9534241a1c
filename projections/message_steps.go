package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"outrider/events"
	"outrider/internal/es"
)

// messageSteps are the messages of a batch to which nothing happens there but steps on their way out: what these set doesn't depend on the row, which so
// needn't be read, and little of it is written.
type messageSteps struct {
	*fold[id, Message]             // with what the steps set
	slots              map[id]bool // whose slot is set, or none
	waits              map[id]bool // for which it is set until when they wait, or that they don't
}

// isMessageStep reports whether an event is a step of its message on its way out, and what it sets.
func isMessageStep(p es.Payload) (is, slot, wait bool) {
	switch p.(type) {
	case events.MessageApproved, events.MessageClaimed:
		return true, false, false
	case events.MessageSent:
		return true, false, true
	case events.MessageScheduled, events.MessagePostponed:
		return true, true, true
	}
	return false, false, false
}

// findMessageSteps returns the messages of a batch that have steps only, with what these set.
func findMessageSteps(batch []*es.Event) messageSteps {
	s := messageSteps{newFold[id, Message](), map[id]bool{}, map[id]bool{}}
	for _, e := range batch {
		m, ok := messageOf(e)
		if !ok || isHit(e) {
			continue
		}
		key := id{e.Org, m}
		is, slot, wait := isMessageStep(e.Payload)
		if row, seen := s.rows[key]; !is || seen && row == nil {
			s.putRow(key, nil)
			continue
		} else if !seen {
			s.putRow(key, &Message{OrgID: e.Org, MessageID: m})
		}
		s.slots[key], s.waits[key] = s.slots[key] || slot, s.waits[key] || wait
		_ = applyMessage(s.fold, key, e) // of these none fails
	}
	return s
}

func (s messageSteps) write(ctx context.Context, tx pgx.Tx) error {
	rows := s.liveRows()
	if len(rows) == 0 {
		return nil
	}
	key := func(m *Message) id { return id{m.OrgID, m.MessageID} }
	instant := func(of func(*Message) *time.Time) any {
		return nullableColumn(rows, func(m *Message) pgtype.Timestamptz { return timeOrNull(of(m)) })
	}
	_, err := tx.Exec(ctx, `update messages m set state = s.state, reason = s.reason, mailbox_id = coalesce(s.mailbox_id, m.mailbox_id),
			scheduled_at = case when s.slot then s.scheduled_at else m.scheduled_at end, waiting_until = case when s.wait then s.waiting_until else m.waiting_until end,
			claimed_at = coalesce(s.claimed_at, m.claimed_at), sent_at = coalesce(s.sent_at, m.sent_at),
			provider_id = case when s.sent_at is null then m.provider_id else s.provider_id end, address_hash = case when s.sent_at is null then m.address_hash else s.address_hash end,
			updated_at = s.updated_at
		from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::boolean[], $7::timestamptz[], $8::boolean[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::text[], $13::text[], $14::timestamptz[])
			s (org_id, message_id, state, reason, mailbox_id, slot, scheduled_at, wait, waiting_until, claimed_at, sent_at, provider_id, address_hash, updated_at)
		where m.org_id = s.org_id and m.message_id = s.message_id`,
		columnOf(rows, func(m *Message) [16]byte { return m.OrgID }), columnOf(rows, func(m *Message) [16]byte { return m.MessageID }),
		columnOf(rows, func(m *Message) string { return m.State }), columnOf(rows, func(m *Message) string { return m.Reason }),
		nullableColumn(rows, func(m *Message) pgtype.UUID { return pgtype.UUID{Bytes: m.MailboxID, Valid: m.MailboxID != uuid.Nil} }),
		columnOf(rows, func(m *Message) bool { return s.slots[key(m)] }), instant(func(m *Message) *time.Time { return m.ScheduledAt }),
		columnOf(rows, func(m *Message) bool { return s.waits[key(m)] }), instant(func(m *Message) *time.Time { return m.WaitingUntil }),
		instant(func(m *Message) *time.Time { return m.ClaimedAt }), instant(func(m *Message) *time.Time { return m.SentAt }),
		columnOf(rows, func(m *Message) string { return m.ProviderID }), columnOf(rows, func(m *Message) string { return m.AddressHash }),
		columnOf(rows, func(m *Message) time.Time { return m.UpdatedAt }))
	if err != nil {
		return fmt.Errorf("write steps of messages: %w", err)
	}
	return nil
}
