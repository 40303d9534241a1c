package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// messageOf returns the message that an event is about; hits are counted separately.
func messageOf(e *es.Event) (message uuid.UUID, ok bool) {
	if p, ok := e.Payload.(events.MessageEvent); ok {
		return p.Message(), true
	}
	a, answered := Answering(e)
	return a.MessageID, answered && a.MessageID != uuid.Nil
}

// Answering returns the message and lead that an event of engagement is about.
func Answering(e *es.Event) (events.SentMessageRef, bool) {
	p, ok := e.Payload.(events.EngagementEvent)
	if !ok {
		return events.SentMessageRef{}, false
	}
	return p.SentMessage(), true
}

type messageFold struct{ keys Keys }

func (f messageFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "message_texts", []string{"subject", "body", "rejected_note", "machine_subject", "machine_body"}, erasedIn(batch)); err != nil {
		return err
	}
	var touched []id
	var refs []pii.Ref
	hits, steps := newHits(), findMessageSteps(batch)
	for _, e := range batch {
		m, ok := messageOf(e)
		if !ok {
			continue
		}
		if hits.takeEvent(e); !isHit(e) && steps.rows[id{e.Org, m}] == nil { // hits are counted in the table, and steps set there, without loading the rows
			touched = append(touched, id{e.Org, m})
		}
		switch p := e.Payload.(type) {
		case events.MessageDrafted:
			refs = append(refs, keyRef(e.Org, p.LeadID, p.Subject), keyRef(e.Org, p.LeadID, p.Body))
		case events.MessageRejected:
			refs = append(refs, keyRef(e.Org, p.LeadID, p.Note))
		}
	}
	if err := steps.write(ctx, tx); err != nil {
		return err
	}
	if len(touched) == 0 {
		return hits.writeHits(ctx, tx)
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows, drafts := newFold[id, Message](), newFold[id, MessageText]()
	notes, machine := map[id]*string{}, machineTexts{}
	if err := loadRows(ctx, tx, rows, "messages", "message_id", touched, func(m *Message) id { return id{m.OrgID, m.MessageID} }); err != nil {
		return err
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		x, ok := messageOf(e)
		if !ok {
			continue
		}
		if err := applyMessage(rows, id{e.Org, x}, e); err != nil {
			return fmt.Errorf("message of event %s: %w", e.ID, err)
		}
		if p, ok := e.Payload.(events.MessageDrafted); ok {
			text, err := draftText(t, e, p, erased)
			if err != nil {
				return fmt.Errorf("draft of event %s: %w", e.ID, err)
			}
			machine.note(id{e.Org, x}, p, drafts.rows[id{e.Org, x}])
			drafts.putRow(id{e.Org, x}, text)
		}
		if p, ok := e.Payload.(events.MessageRejected); ok && e.Oseq > erased[id{e.Org, p.LeadID}] {
			if notes[id{e.Org, x}], err = t.openText(e.Org, p.LeadID, NoteField, p.Note); err != nil {
				return fmt.Errorf("note of event %s: %w", e.ID, err)
			}
		}
	}
	if err := upsertRows(ctx, tx, "messages", "org_id, message_id", rows.liveRows()); err != nil {
		return err
	}
	if err := machine.keep(ctx, tx); err != nil {
		return err
	}
	if err := upsertRows(ctx, tx, "message_texts", "org_id, message_id", drafts.liveRows()); err != nil {
		return err
	}
	if err := machine.write(ctx, tx); err != nil {
		return err
	}
	if err := noteRejections(ctx, tx, notes); err != nil {
		return err
	}
	return hits.writeHits(ctx, tx)
}

// noteRejections writes why drafts were rejected. A later draft leaves it where it is.
func noteRejections(ctx context.Context, tx pgx.Tx, notes map[id]*string) error {
	if len(notes) == 0 {
		return nil
	}
	var orgs, messages []uuid.UUID
	var texts []*string
	for k, note := range notes {
		orgs, messages, texts = append(orgs, k.org), append(messages, k.own), append(texts, note)
	}
	if _, err := tx.Exec(ctx, `update message_texts t set rejected_note = n.note from unnest($1::uuid[], $2::uuid[], $3::text[]) n (org_id, message_id, note)
		where t.org_id = n.org_id and t.message_id = n.message_id`, orgs, messages, texts); err != nil {
		return fmt.Errorf("note rejections: %w", err)
	}
	return nil
}

func draftText(t *opener, e *es.Event, p events.MessageDrafted, erased map[id]int64) (m *MessageText, err error) {
	m = &MessageText{OrgID: e.Org, MessageID: p.MessageID, LeadID: p.LeadID, Oseq: e.Oseq, BodyRef: p.BodyRef}
	if p.Variables != nil {
		if m.Variables, err = es.Marshal(p.Variables); err != nil {
			return nil, err
		}
	}
	if e.Oseq < erased[id{e.Org, p.LeadID}] {
		return m, nil
	}
	if m.Subject, err = t.openText(e.Org, p.LeadID, SubjectField, p.Subject); err != nil {
		return nil, err
	}
	m.Body, err = t.openText(e.Org, p.LeadID, BodyField, p.Body)
	return m, err
}

func applyMessage(rows *fold[id, Message], key id, e *es.Event) (err error) {
	if p, ok := e.Payload.(events.MessageRequested); ok {
		rows.putRow(key, &Message{OrgID: e.Org, MessageID: p.MessageID, Oseq: e.Oseq, EnrollmentID: p.EnrollmentID, LeadID: p.LeadID, CampaignID: p.CampaignID, MailboxID: p.MailboxID,
			StepsVersion: p.StepsVersion, StepID: p.StepID, Step: p.Step, Steps: p.Steps, VariantID: p.VariantID, Attempt: p.Attempt, ExperimentID: nilIfZero(p.ExperimentID), ArmID: nilIfZero(p.ArmID), PreviousID: nilIfZero(p.PreviousID),
			State: MessageRequested, Approval: p.Approval, Earliest: p.Earliest, CreatedAt: e.Time, UpdatedAt: e.Time})
		return nil
	}
	m := rows.rows[key]
	if m == nil {
		return nil
	}
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.MessageDrafted:
		m.State, m.Reason, m.Missing, m.Draft, m.Writer, m.Model, m.Fallback, m.CostMicros = MessageDrafted, "", nil, p.Number, p.Writer, p.Model, p.Fallback, m.CostMicros+p.CostMicros
	case events.MessageHeld:
		m.State, m.Reason, m.Missing = MessageHeld, p.Reason, nil
		if len(p.Missing) > 0 {
			m.Missing, err = es.Marshal(p.Missing)
		}
	case events.MessageRedraftRequested:
		m.State, m.Reason, m.Missing, m.ScheduledAt = MessageRequested, p.Reason, nil, nil
	case events.MessageRejected: // what follows says what becomes of it
	case events.MessageApprovalLapsed:
		m.State, m.Reason, m.ScheduledAt = MessageDrafted, p.Reason, nil
	case events.MessageApproved:
		m.State, m.Reason = MessageApproved, ""
	case events.MessageScheduled:
		m.State, m.Reason, m.MailboxID, m.ScheduledAt, m.WaitingUntil = MessageScheduled, "", p.MailboxID, &p.At, nil
	case events.MessagePostponed:
		m.State, m.Reason, m.MailboxID, m.ScheduledAt, m.WaitingUntil = MessageApproved, p.Rule, p.MailboxID, nil, timeOrNil(p.Until)
	case events.MessageClaimed:
		m.State, m.Reason, m.MailboxID, m.ClaimedAt = MessageClaimed, "", p.MailboxID, &p.ClaimedAt
	case events.MessageSent:
		m.State, m.Reason, m.MailboxID, m.ProviderID, m.SentAt, m.WaitingUntil, m.AddressHash = MessageSent, "", p.MailboxID, p.ProviderID, &p.AcceptedAt, nil, p.AddressHash
	case events.MessageDeferred:
		m.State, m.MailboxID, m.Tries, m.WaitingUntil = MessageDeferred, p.MailboxID, p.Tries, &p.RetryAt
		m.setRefusal(p.SMTPReply)
	case events.MessageFailed:
		m.State, m.MailboxID, m.FailedAt, m.WaitingUntil = MessageFailed, p.MailboxID, &p.FailedAt, nil
		m.setRefusal(p.SMTPReply)
	case events.MessageInDoubt:
		m.State, m.MailboxID, m.DoubtedAt = MessageInDoubt, p.MailboxID, &e.Time
	case events.MessageResolved:
		if m.ResolvedBy = p.By; !p.Sent {
			m.State, m.Reason = MessageFailed, "not_sent"
		}
	case events.MessageCancelled:
		m.State, m.Reason, m.WaitingUntil = MessageCancelled, p.Reason, nil
	case events.MessageReplied, events.MessageAutoReplied, events.ReplyReclassified:
		m.Mails, m.RepliedAt, m.AutoRepliedAt, err = hearMail(m.Mails, e)
	case events.MessageBounced:
		if p.OfDrop() { // of which the event before speaks
			return nil
		}
		m.BouncedAt, m.BounceKind, m.BouncedAtRCPT = earlierOf(m.BouncedAt, p.ReportedAt), p.Kind, p.AtRCPT
	case events.MessageComplained:
		m.ComplainedAt = earlierOf(m.ComplainedAt, p.ReportedAt)
	case events.LeadUnsubscribed:
		m.UnsubscribedAt = earlierOf(m.UnsubscribedAt, p.At)
	case events.MeetingBooked:
		m.MeetingAt = earlierOf(m.MeetingAt, p.BookedAt)
	case events.MessageDelivered:
		m.DeliveredAt = earlierOf(m.DeliveredAt, p.DeliveredAt)
	case events.MessageDelayed:
		m.DelayedAt, m.Delays = laterOf(m.DelayedAt, p.DelayedAt), m.Delays+1
	case events.MessageDropped:
		m.DroppedAt, m.DropReason = earlierOf(m.DroppedAt, p.DroppedAt), p.Reason
	case nil, events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
		events.EnrollmentEvent, events.MailboxEvent, events.MessageRequested, events.MessageOpened, events.MessageClicked, events.HitReclassified,
		events.MeetingConfirmationClaimed, events.MeetingCancelled, events.MeetingCancellationClaimed, events.MeetingRescheduled, events.MeetingReplaced, events.MeetingMoveClaimed, events.MeetingPlaced, events.MeetingSlotHeld, events.MeetingOutcomeSet, events.ThreadEvent, events.BackOfficeEvent: // hits
		return nil
	}
	m.UpdatedAt = e.Time
	return err
}

func (m *Message) setRefusal(r events.SMTPReply) {
	m.SMTPStage, m.SMTPCode, m.SMTPEnhanced, m.SMTPText = r.Stage, r.Code, r.Enhanced, r.Text
}
