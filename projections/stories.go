package projections

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// outreach is what a timeline tells of sending, hearing and meeting beyond the type; all of a lead's lies under the lead.
// Nothing here is personal: no text, no address, no client. false = it isn't told, for it comes all the time and its
// newest stands in the mailbox's row.
func outreach(e *es.Event) (detail any, told bool) {
	type fields map[string]any
	inCampaign := func(r events.EnrollmentRef, f fields) fields {
		f["campaign_id"], f["enrollment_id"] = r.CampaignID, r.EnrollmentID
		return f
	}
	message := func(r events.MessageRef, f fields) fields {
		f["message_id"], f["campaign_id"] = r.MessageID, r.CampaignID
		return f
	}
	answered := func(r events.SentMessageRef, f fields) fields {
		f["message_id"] = r.MessageID
		if r.CampaignID != uuid.Nil {
			f["campaign_id"] = r.CampaignID
		}
		return f
	}
	smtp := func(r events.SMTPReply, f fields) fields {
		f["stage"], f["code"], f["enhanced"] = r.Stage, r.Code, r.Enhanced
		return f
	}
	until := func(t time.Time, f fields) fields {
		if !t.IsZero() {
			f["until"] = t
		}
		return f
	}
	switch p := e.Payload.(type) {
	case events.MailboxRead, events.MailboxWaited, events.ClaimRecorded:
		return nil, false

	case events.SuppressionAdded:
		return fields{"kind": p.Kind, "reason": p.Reason}, true
	case events.SuppressionRemoved:
		return fields{"kind": p.Kind}, true

	case events.CampaignLaunched:
		return fields{"steps_version": p.StepsVersion}, true
	case events.CampaignRevised:
		return fields{"steps_version": p.StepsVersion, "steps": len(p.Steps)}, true
	case events.CampaignSettingsChanged:
		return p.CampaignSettings, true
	case events.CampaignMailboxesAssigned:
		return fields{"mailbox_ids": p.MailboxIDs}, true
	case events.CampaignPaused:
		return fields{"reason": p.Reason, "count": p.Count, "sent": p.Sent}, true
	case events.CampaignCompleted:
		return fields{"reason": p.Reason}, true

	case events.EnrollmentPaused:
		return until(p.Until, inCampaign(p.EnrollmentRef, fields{"reason": p.Reason})), true
	case events.EnrollmentResumed:
		return inCampaign(p.EnrollmentRef, fields{"reason": p.Reason}), true
	case events.EnrollmentStopped:
		f := inCampaign(p.EnrollmentRef, fields{"reason": p.Reason, "step": p.Step})
		if p.MessageID != uuid.Nil {
			f["message_id"] = p.MessageID
		}
		return f, true
	case events.EnrollmentCompleted:
		return inCampaign(p.EnrollmentRef, fields{"steps": p.Steps}), true
	case events.EnrollmentDeferred:
		return inCampaign(p.EnrollmentRef, fields{"active": p.Active}), true

	case events.MailboxAdded:
		return fields{"transport": p.Transport}, true
	case events.MailboxConnected:
		return fields{"smtp": p.SMTP.Host != "", "imap": p.IMAP.Host != ""}, true
	case events.MailboxPaceSet:
		return p.MailboxPace, true
	case events.MailboxChecked:
		return fields{"check": p.Check, "outcome": p.Outcome, "detail": p.Detail}, true
	case events.MailboxVerified:
		return fields{"status": p.Status}, true
	case events.MailboxPaused:
		return fields{"reason": p.Reason, "count": p.Count, "sent": p.Sent}, true
	case events.MailboxHealthChanged:
		return fields{"health": p.Health, "reason": p.Reason}, true
	case events.BookingHoursSet:
		return p.BookingHours, true

	case events.MessageRequested:
		f := message(p.MessageRef, fields{"step": p.Step, "steps": p.Steps, "steps_version": p.StepsVersion, "variant_id": p.VariantID, "mailbox_id": p.MailboxID, "earliest": p.Earliest})
		if p.Attempt > 0 {
			f["attempt"] = p.Attempt
		}
		return f, true
	case events.MessageDrafted:
		return message(p.MessageRef, fields{"number": p.Number, "writer": p.Writer, "model": p.Model, "fallback": p.Fallback}), true
	case events.MessageHeld:
		return message(p.MessageRef, fields{"reason": p.Reason, "missing": p.Missing}), true
	case events.MessageRedraftRequested:
		return message(p.MessageRef, fields{"reason": p.Reason}), true
	case events.MessageApproved:
		return message(p.MessageRef, fields{"by": p.By}), true
	case events.MessageScheduled:
		return message(p.MessageRef, fields{"mailbox_id": p.MailboxID, "at": p.At}), true
	case events.MessagePostponed:
		return until(p.Until, message(p.MessageRef, fields{"rule": p.Rule})), true
	case events.MessageClaimed:
		return message(p.MessageRef, fields{"mailbox_id": p.MailboxID}), true
	case events.MessageSent:
		return message(p.MessageRef, fields{"step": p.Step, "mailbox_id": p.MailboxID, "at": p.AcceptedAt}), true
	case events.MessageDeferred:
		return smtp(p.SMTPReply, message(p.MessageRef, fields{"tries": p.Tries, "until": p.RetryAt})), true
	case events.MessageFailed:
		return smtp(p.SMTPReply, message(p.MessageRef, fields{"step": p.Step, "permanent": p.Permanent})), true
	case events.MessageInDoubt:
		return message(p.MessageRef, fields{"step": p.Step}), true
	case events.MessageResolved:
		return message(p.MessageRef, fields{"sent": p.Sent, "by": p.By}), true
	case events.MessageCancelled:
		return message(p.MessageRef, fields{"reason": p.Reason}), true

	case events.MessageOpened:
		return answered(p.SentMessageRef, fields{"class": p.Class, "at": p.At}), true
	case events.MessageClicked:
		return answered(p.SentMessageRef, fields{"class": p.Class, "link": p.Link, "at": p.At}), true
	case events.HitReclassified:
		return answered(p.SentMessageRef, fields{"class": p.Class, "reason": p.Reason}), true
	case events.MessageReplied:
		return answered(p.SentMessageRef, fields{"from": p.From, "at": p.ReceivedAt}), true
	case events.MessageAutoReplied:
		f := answered(p.SentMessageRef, fields{"out_of_office": p.OutOfOffice, "at": p.ReceivedAt})
		if p.ReturnDate != "" {
			f["return_date"] = p.ReturnDate
		}
		return f, true
	case events.MessageBounced:
		return answered(p.SentMessageRef, fields{"kind": p.Kind, "code": p.Code, "enhanced": p.Enhanced, "at_rcpt": p.AtRCPT}), true
	case events.MessageComplained:
		return answered(p.SentMessageRef, fields{"kind": p.Kind}), true
	case events.LeadUnsubscribed:
		return answered(p.SentMessageRef, fields{"how": p.How, "at": p.At}), true
	case events.MeetingBooked:
		return answered(p.SentMessageRef, fields{"meeting_id": p.MeetingID, "starts_at": p.StartsAt, "ends_at": p.EndsAt}), true
	case events.MeetingCancelled:
		return fields{"meeting_id": p.MeetingID, "reason": p.Reason}, true
	}
	return nil, true
}
