package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// hits are the fetches of a batch. Their counts in a message's row are computed from all its hits, so that a correction
// counts as if it had been known from the start.
type hits struct {
	rows     *fold[id, MessageHit]
	revised  *fold[id, MessageHit] // hits of earlier batches, of which only the class is known here
	messages []id
}

// isHit reports whether an event is about a fetch and nothing else.
func isHit(e *es.Event) bool {
	switch events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageOpened, events.MessageClicked, events.HitReclassified:
		return true
	case events.MessageReplied, events.ReplyReclassified, events.MessageAutoReplied, events.MessageBounced, events.MessageComplained, events.LeadUnsubscribed,
		events.MeetingBooked, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // change nothing here
	}
	return false
}

func newHits() *hits { return &hits{newFold[id, MessageHit](), newFold[id, MessageHit](), nil} }

func (h *hits) takeEvent(e *es.Event) {
	var message uuid.UUID
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.MessageRequested:
		message = p.MessageID // a new row has none yet
	case events.MessageOpened:
		message = p.MessageID
		h.rows.putRow(id{e.Org, p.HitID}, &MessageHit{e.Org, p.HitID, p.MessageID, e.Oseq, HitOpen, p.Class, 0, p.At})
	case events.MessageClicked:
		message = p.MessageID
		h.rows.putRow(id{e.Org, p.HitID}, &MessageHit{e.Org, p.HitID, p.MessageID, e.Oseq, HitClick, p.Class, p.Link, p.At})
	case events.HitReclassified:
		message = p.MessageID
		if r := h.rows.rows[id{e.Org, p.HitID}]; r != nil {
			r.Class = p.Class
		} else {
			h.revised.putRow(id{e.Org, p.HitID}, &MessageHit{OrgID: e.Org, HitID: p.HitID, Class: p.Class})
		}
	case nil, events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
		events.EnrollmentEvent, events.MailboxEvent, events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed,
		events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageSent,
		events.MessageDeferred, events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled,
		events.MessageReplied, events.ReplyReclassified, events.MessageAutoReplied, events.MessageBounced, events.MessageComplained, events.LeadUnsubscribed,
		events.MeetingBooked, events.MessageDelivered, events.MessageDelayed, events.MessageDropped, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent:
		return
	}
	h.messages = append(h.messages, id{e.Org, message})
}

func (h *hits) writeHits(ctx context.Context, tx pgx.Tx) error {
	if len(h.messages) == 0 {
		return nil
	}
	if rows := h.revised.liveRows(); len(rows) > 0 {
		if _, err := tx.Exec(ctx, `update message_hits h set class = r.class from unnest($1::uuid[], $2::uuid[], $3::text[]) r (org_id, hit_id, class)
			where h.org_id = r.org_id and h.hit_id = r.hit_id`, columnOf(rows, func(h *MessageHit) uuid.UUID { return h.OrgID }),
			columnOf(rows, func(h *MessageHit) uuid.UUID { return h.HitID }), columnOf(rows, func(h *MessageHit) string { return h.Class })); err != nil {
			return fmt.Errorf("revise hits: %w", err)
		}
	}
	if err := upsertRows(ctx, tx, "message_hits", "org_id, hit_id", h.rows.liveRows()); err != nil {
		return err
	}
	orgs, own := idColumns(h.messages)
	if _, err := tx.Exec(ctx, `
		update messages m set opens = c.opens, clicks = c.clicks, first_opened_at = c.opened, machine_opened_at = c.machine, first_clicked_at = c.clicked, scanner_clicked_at = c.scanner
		from (
		  select h.org_id, h.message_id,
		    count(*) filter (where kind = 'open' and class = 'human') as opens, count(*) filter (where kind = 'click' and class = 'human') as clicks,
		    min(at) filter (where kind = 'open' and class = 'human') as opened, min(at) filter (where kind = 'open' and class <> 'human') as machine,
		    min(at) filter (where kind = 'click' and class = 'human') as clicked, min(at) filter (where kind = 'click' and class <> 'human') as scanner
		  from message_hits h join (select distinct * from unnest($1::uuid[], $2::uuid[])) k (org_id, message_id) using (org_id, message_id)
		  group by h.org_id, h.message_id
		) c where m.org_id = c.org_id and m.message_id = c.message_id`, orgs, own); err != nil {
		return fmt.Errorf("count hits: %w", err)
	}
	return nil
}
