package webhooks

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// What the data of a payload holds: ids, and facts that are about nobody in particular. A member is only ever added; one that means
// something else is another Version.
type (
	// LeadData is about a lead.
	LeadData struct {
		LeadID   uuid.UUID `json:"lead_id"`
		Source   string    `json:"source,omitzero"`    // crm, csv_upload, manual, api
		ImportID uuid.UUID `json:"import_id,omitzero"` // that brought them
	}
	// UnsubscribedData says that a person wants no more mail.
	UnsubscribedData struct {
		LeadID     uuid.UUID `json:"lead_id"`
		MessageID  uuid.UUID `json:"message_id"`
		CampaignID uuid.UUID `json:"campaign_id,omitzero"`
		How        string    `json:"how"`
	}
	// SuppressionData is about an address or domain; which, the API tells who may see it.
	SuppressionData struct {
		SuppressionID uuid.UUID `json:"suppression_id"`
		Kind          string    `json:"kind"` // email, domain
		Reason        string    `json:"reason,omitzero"`
		LeadID        uuid.UUID `json:"lead_id,omitzero"`
	}
	// EnrollmentData is about a lead on a campaign's sequence.
	EnrollmentData struct {
		EnrollmentID uuid.UUID `json:"enrollment_id"`
		LeadID       uuid.UUID `json:"lead_id"`
		CampaignID   uuid.UUID `json:"campaign_id"`
		Reason       string    `json:"reason,omitzero"`
		Until        time.Time `json:"until,omitzero"` // of a pause
		Steps        int       `json:"steps,omitzero"` // that were sent
	}
	// MessageData is about a message on its way out.
	MessageData struct {
		MessageID    uuid.UUID `json:"message_id"`
		EnrollmentID uuid.UUID `json:"enrollment_id"`
		LeadID       uuid.UUID `json:"lead_id"`
		CampaignID   uuid.UUID `json:"campaign_id"`
		MailboxID    uuid.UUID `json:"mailbox_id"`
		Step         int       `json:"step"` // from 1
		VariantID    uuid.UUID `json:"variant_id,omitzero"`
		Code         int       `json:"code,omitzero"` // that the mail server answered
	}
	// EngagementData is about what the world did with a message.
	EngagementData struct {
		MessageID  uuid.UUID `json:"message_id"`
		LeadID     uuid.UUID `json:"lead_id"`
		CampaignID uuid.UUID `json:"campaign_id,omitzero"`
		MailboxID  uuid.UUID `json:"mailbox_id,omitzero"`
		At         time.Time `json:"at"`
		By         string    `json:"by,omitzero"`   // human, proxy, scanner
		Kind       string    `json:"kind,omitzero"` // of a bounce: hard, soft, block, other; of a complaint: abuse and others
		Link       *int      `json:"link,omitzero"` // number of the link that was followed, from 0
	}
	// ReplyData is about an answer of a person.
	ReplyData struct {
		MessageID  uuid.UUID `json:"message_id"`
		LeadID     uuid.UUID `json:"lead_id"`
		CampaignID uuid.UUID `json:"campaign_id,omitzero"`
		MailboxID  uuid.UUID `json:"mailbox_id,omitzero"`
		MailID     uuid.UUID `json:"mail_id"`
		ReceivedAt time.Time `json:"received_at"`
		From       string    `json:"from"`    // lead, alias, company
		Meaning    string    `json:"meaning"` // interested, not_now, ...
		Was        string    `json:"was,omitzero"`
		Confidence int       `json:"confidence,omitzero"` // percent
	}
	// MeetingData is about a meeting.
	MeetingData struct {
		MeetingID  uuid.UUID `json:"meeting_id"`
		LeadID     uuid.UUID `json:"lead_id"`
		CampaignID uuid.UUID `json:"campaign_id,omitzero"`
		MessageID  uuid.UUID `json:"message_id,omitzero"`
		StartsAt   time.Time `json:"starts_at,omitzero"`
		EndsAt     time.Time `json:"ends_at,omitzero"`
		WasAt      time.Time `json:"was_at,omitzero"`
		TimeZone   string    `json:"time_zone,omitzero"`
		Outcome    string    `json:"outcome,omitzero"` // held, no_show
	}
	// CampaignData is about a campaign.
	CampaignData struct {
		CampaignID uuid.UUID `json:"campaign_id"`
		Reason     string    `json:"reason,omitzero"`
	}
	// MailboxData is about a mailbox.
	MailboxData struct {
		MailboxID uuid.UUID `json:"mailbox_id"`
		Reason    string    `json:"reason,omitzero"`
	}
	// ImportData is about an import that has ended.
	ImportData struct {
		ImportID   uuid.UUID `json:"import_id"`
		Rows       int       `json:"rows"`
		Created    int       `json:"created"`
		Updated    int       `json:"updated"`
		Duplicates int       `json:"duplicates"`
		Rejected   int       `json:"rejected"`
	}
	// ExperimentData is about an experiment that was decided.
	ExperimentData struct {
		ExperimentID uuid.UUID `json:"experiment_id"`
		CampaignID   uuid.UUID `json:"campaign_id"`
		ArmID        uuid.UUID `json:"arm_id"`
		Promoted     bool      `json:"promoted"`
	}
	// TestData says nothing but that deliveries arrive.
	TestData struct {
		WebhookID uuid.UUID `json:"webhook_id"`
		Test      bool      `json:"test"`
	}
)

// TestKind is the name of what is delivered when somebody tests an endpoint.
const TestKind = "webhook.test"

// Kinds lists all types of payloads.
func Kinds() []Kind {
	return append(append(leadKinds(), messageKinds()...), otherKinds()...)
}

func leadKinds() []Kind {
	enrollment := func(r events.EnrollmentRef) EnrollmentData {
		return EnrollmentData{EnrollmentID: r.EnrollmentID, LeadID: r.LeadID, CampaignID: r.CampaignID}
	}
	return []Kind{
		kindOf("lead.created", "A lead is new.", func(e events.LeadCreated) LeadData {
			return LeadData{LeadID: e.LeadID, Source: e.Source, ImportID: e.ImportID}
		}),
		kindOf("lead.updated", "Fields of a lead have changed.", func(e events.LeadUpdated) LeadData { return LeadData{LeadID: e.LeadID, ImportID: e.ImportID} }),
		kindOf("lead.removed", "A lead was removed.", func(e events.LeadRemoved) LeadData { return LeadData{LeadID: e.LeadID, ImportID: e.ImportID} }),
		kindOf("lead.erased", "A person was erased: forget them too.", func(e events.LeadErased) LeadData { return LeadData{LeadID: e.LeadID} }),
		kindOf("lead.unsubscribed", "A person wants no more mail.", func(e events.LeadUnsubscribed) UnsubscribedData {
			return UnsubscribedData{e.LeadID, e.MessageID, e.CampaignID, e.How}
		}),
		kindOf("suppression.added", "Nothing is sent to an address or a domain any more.", func(e events.SuppressionAdded) SuppressionData {
			return SuppressionData{e.SuppressionID, e.Kind, e.Reason, e.LeadID}
		}),
		kindOf("suppression.removed", "An address or a domain may be written to again.", func(e events.SuppressionRemoved) SuppressionData {
			return SuppressionData{SuppressionID: e.SuppressionID, Kind: e.Kind}
		}),
		kindOf("enrollment.started", "A lead is on a campaign's sequence.", func(e events.EnrollmentStarted) EnrollmentData { return enrollment(e.EnrollmentRef) }),
		kindOf("enrollment.paused", "A sequence waits.", func(e events.EnrollmentPaused) EnrollmentData {
			d := enrollment(e.EnrollmentRef)
			d.Reason, d.Until = e.Reason, e.Until
			return d
		}),
		kindOf("enrollment.resumed", "A sequence goes on.", func(e events.EnrollmentResumed) EnrollmentData {
			d := enrollment(e.EnrollmentRef)
			d.Reason = e.Reason
			return d
		}),
		kindOf("enrollment.stopped", "A sequence ended before its last step, as the reason says.", func(e events.EnrollmentStopped) EnrollmentData {
			d := enrollment(e.EnrollmentRef)
			d.Reason, d.Steps = e.Reason, e.Step
			return d
		}),
		kindOf("enrollment.completed", "The last step of a sequence was sent.", func(e events.EnrollmentCompleted) EnrollmentData {
			d := enrollment(e.EnrollmentRef)
			d.Steps = e.Steps
			return d
		}),
	}
}

func messageKinds() []Kind {
	message := func(r events.MessageRef, mailbox, variant uuid.UUID, step, code int) MessageData {
		return MessageData{r.MessageID, r.EnrollmentID, r.LeadID, r.CampaignID, mailbox, step, variant, code}
	}
	engagement := func(r events.SentMessageRef, at time.Time) EngagementData {
		return EngagementData{MessageID: r.MessageID, LeadID: r.LeadID, CampaignID: r.CampaignID, MailboxID: r.MailboxID, At: at}
	}
	return []Kind{
		kindOf("message.sent", "A mail server has taken a message.", func(e events.MessageSent) MessageData {
			return message(e.MessageRef, e.MailboxID, e.VariantID, e.Step, 0)
		}),
		kindOf("message.failed", "A message can't be sent.", func(e events.MessageFailed) MessageData {
			return message(e.MessageRef, e.MailboxID, e.VariantID, e.Step, e.Code)
		}),
		kindOf("message.opened", "A message's picture was fetched; by says by whom.", func(e events.MessageOpened) EngagementData {
			d := engagement(e.SentMessageRef, e.At)
			d.By = e.Class
			return d
		}),
		kindOf("message.clicked", "A link of a message was followed; by says by whom.", func(e events.MessageClicked) EngagementData {
			d := engagement(e.SentMessageRef, e.At)
			d.By, d.Link = e.Class, &e.Link
			return d
		}),
		kindOf("message.bounced", "A message can't be delivered.", func(e events.MessageBounced) EngagementData {
			d := engagement(e.SentMessageRef, e.ReportedAt)
			d.Kind = e.Kind
			return d
		}),
		kindOf("message.complained", "A recipient has marked a message as spam.", func(e events.MessageComplained) EngagementData {
			d := engagement(e.SentMessageRef, e.ReportedAt)
			d.Kind = e.Kind
			return d
		}),
		kindOf("message.replied", "A person has answered.", func(e events.MessageReplied) ReplyData {
			return ReplyData{e.MessageID, e.LeadID, e.CampaignID, e.MailboxID, e.MailID, e.ReceivedAt, e.From, e.Meaning, "", e.Confidence}
		}),
		kindOf("reply.reclassified", "An answer means something else than it was taken for.", func(e events.ReplyReclassified) ReplyData {
			return ReplyData{e.MessageID, e.LeadID, e.CampaignID, e.MailboxID, e.MailID, e.ReceivedAt, e.From, e.Meaning, e.Was, e.Confidence}
		}),
		kindOf("meeting.booked", "A meeting was booked.", func(e events.MeetingBooked) MeetingData {
			return MeetingData{MeetingID: e.MeetingID, LeadID: e.LeadID, CampaignID: e.CampaignID, MessageID: e.MessageID, StartsAt: e.StartsAt, EndsAt: e.EndsAt, TimeZone: e.TimeZone}
		}),
		kindOf("meeting.rescheduled", "A meeting was moved.", func(e events.MeetingRescheduled) MeetingData {
			return MeetingData{MeetingID: e.MeetingID, LeadID: e.LeadID, StartsAt: e.StartsAt, EndsAt: e.EndsAt, WasAt: e.WasAt}
		}),
		kindOf("meeting.cancelled", "A meeting was cancelled.", func(e events.MeetingCancelled) MeetingData {
			return MeetingData{MeetingID: e.MeetingID, LeadID: e.LeadID}
		}),
		kindWhere("meeting.outcome_set", "A meeting was held, or nobody came.", func(e events.MeetingOutcomeSet) bool { return e.Outcome != "" }, func(e events.MeetingOutcomeSet) MeetingData {
			return MeetingData{MeetingID: e.MeetingID, LeadID: e.LeadID, Outcome: e.Outcome}
		}),
	}
}

func otherKinds() []Kind {
	return []Kind{
		kindOf("campaign.launched", "A campaign was launched.", func(e events.CampaignLaunched) CampaignData { return CampaignData{CampaignID: e.CampaignID} }),
		kindOf("campaign.paused", "A campaign waits, as the reason says.", func(e events.CampaignPaused) CampaignData { return CampaignData{e.CampaignID, e.Reason} }),
		kindOf("campaign.resumed", "A campaign goes on.", func(e events.CampaignResumed) CampaignData { return CampaignData{CampaignID: e.CampaignID} }),
		kindOf("campaign.completed", "A campaign has ended.", func(e events.CampaignCompleted) CampaignData { return CampaignData{e.CampaignID, e.Reason} }),
		kindOf("mailbox.paused", "Nothing leaves from a mailbox, as the reason says.", func(e events.MailboxPaused) MailboxData { return MailboxData{e.MailboxID, e.Reason} }),
		kindOf("mailbox.reading_failed", "A mailbox can't be read, as the reason says, so nothing leaves from it.", func(e events.MailboxReadingFailed) MailboxData { return MailboxData{e.MailboxID, e.Reason} }),
		kindOf("mailbox.reading_recovered", "A mailbox can be read again.", func(e events.MailboxReadingRecovered) MailboxData { return MailboxData{MailboxID: e.MailboxID} }),
		kindOf("mailbox.resumed", "A mailbox sends again.", func(e events.MailboxResumed) MailboxData { return MailboxData{MailboxID: e.MailboxID} }),
		kindOf("import.completed", "An import has ended.", func(e events.ImportCompleted) ImportData {
			return ImportData{e.ImportID, e.Rows, e.Created, e.Updated, e.Duplicates, e.Rejected}
		}),
		kindOf("experiment.decided", "An experiment has a winner.", func(e events.ExperimentDecided) ExperimentData {
			return ExperimentData{e.ExperimentID, e.CampaignID, e.ArmID, e.Promoted}
		}),
		kindOf(TestKind, "Somebody tests the endpoint. It is delivered whatever types the endpoint has chosen.", func(e events.WebhookTested) TestData { return TestData{e.WebhookID, true} }),
	}
}
