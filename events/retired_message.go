package events

import (
	"time"

	"github.com/google/uuid"
)

// MessageRequestedV1 knows of no experiments.
type MessageRequestedV1 struct {
	MessageIDs
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	Steps        int       `json:"steps"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	Attempt      int       `json:"attempt"`
	Earliest     time.Time `json:"earliest"`
	PreviousID   uuid.UUID `json:"previous_id,omitzero"`
	Approval     bool      `json:"approval"`
}

func (MessageRequestedV1) EventType() string { return "message.requested.v1" }

// Upcast leaves it in no experiment.
func (e MessageRequestedV1) Upcast() Event {
	return MessageRequested{MessageRef: MessageRef(e.MessageIDs), StepsVersion: e.StepsVersion, StepID: e.StepID, Step: e.Step, Steps: e.Steps, VariantID: e.VariantID, MailboxID: e.MailboxID,
		Attempt: e.Attempt, Earliest: e.Earliest, PreviousID: e.PreviousID, Approval: e.Approval}
}

// MessageSentV2 knows of no experiments.
type MessageSentV2 struct {
	MessageIDs
	AddressHash  string    `json:"address_hash,omitzero"`
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	ProviderID   string    `json:"provider_id,omitzero"`
	AcceptedAt   time.Time `json:"accepted_at"`
}

func (MessageSentV2) EventType() string { return "message.sent.v2" }

// Upcast leaves it in no experiment.
func (e MessageSentV2) Upcast() Event {
	return MessageSent{MessageRef: MessageRef(e.MessageIDs), AddressHash: e.AddressHash, StepsVersion: e.StepsVersion, StepID: e.StepID, Step: e.Step, VariantID: e.VariantID, MailboxID: e.MailboxID,
		ProviderID: e.ProviderID, AcceptedAt: e.AcceptedAt}
}
