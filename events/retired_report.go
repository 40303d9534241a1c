package events

import (
	"time"

	"github.com/google/uuid"
)

// MessageIDs are a MessageRef in a shape that is no longer written: it belongs to no family, as no fold ever sees it.
type MessageIDs MessageRef

func (r MessageIDs) AggregateID() string { return r.LeadID.String() }

// MessageSentV1 doesn't say which address it went to.
type MessageSentV1 struct {
	MessageIDs
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	ProviderID   string    `json:"provider_id,omitzero"`
	AcceptedAt   time.Time `json:"accepted_at"`
}

func (MessageSentV1) EventType() string { return "message.sent.v1" }

// Upcast leaves the address unknown.
func (e MessageSentV1) Upcast() Event {
	return MessageSent{MessageRef: MessageRef(e.MessageIDs), StepsVersion: e.StepsVersion, StepID: e.StepID, Step: e.Step, VariantID: e.VariantID, MailboxID: e.MailboxID, ProviderID: e.ProviderID,
		AcceptedAt: e.AcceptedAt}
}

// MessageBouncedV1 doesn't say which mail reports it, nor which address it went to.
type MessageBouncedV1 struct {
	SentMessageIDs
	Kind       string    `json:"kind"`
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"` // RFC 3463
	AtRCPT     bool      `json:"at_rcpt"`           // refused at once, so it never was sent
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageBouncedV1) EventType() string { return "message.bounced.v1" }

// Upcast leaves both unknown.
func (e MessageBouncedV1) Upcast() Event {
	return MessageBounced{SentMessageRef: SentMessageRef(e.SentMessageIDs), Kind: e.Kind, Code: e.Code, Enhanced: e.Enhanced, AtRCPT: e.AtRCPT, ReportedAt: e.ReportedAt}
}

// MessageComplainedV1 doesn't say which mail reports it, nor which address it went to.
type MessageComplainedV1 struct {
	SentMessageIDs
	Kind       string    `json:"kind"` // abuse | fraud | ...
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageComplainedV1) EventType() string { return "message.complained.v1" }

// Upcast leaves both unknown.
func (e MessageComplainedV1) Upcast() Event {
	return MessageComplained{SentMessageRef: SentMessageRef(e.SentMessageIDs), Kind: e.Kind, ReportedAt: e.ReportedAt}
}

// LeadUnsubscribedV1 doesn't say which mail says it, nor which address the message went to.
type LeadUnsubscribedV1 struct {
	SentMessageIDs
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (LeadUnsubscribedV1) EventType() string { return "lead.unsubscribed.v1" }

// Upcast leaves both unknown.
func (e LeadUnsubscribedV1) Upcast() Event {
	return LeadUnsubscribed{SentMessageRef: SentMessageRef(e.SentMessageIDs), How: e.How, At: e.At}
}
