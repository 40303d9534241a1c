package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// ClaimMessages asks for messages of a mailbox that were scheduled. Only what is claimed may be sent, and only until the
// lease is over.
type ClaimMessages struct {
	MailboxID   uuid.UUID   `json:"mailbox_id"`
	MessageIDs  []uuid.UUID `json:"message_ids"`
	InboxReadAt time.Time   `json:"inbox_read_at"` // when the mailbox was last read to its end
}

func (ClaimMessages) CommandType() string { return "message.claim.v1" }

// RecordResults says what became of messages that were claimed.
type RecordResults struct {
	MailboxID uuid.UUID    `json:"mailbox_id"`
	Results   []SendResult `json:"results"`
}

// SendResult is what the provider said.
type SendResult struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	ProviderID string    `json:"provider_id,omitzero"`
	At         time.Time `json:"at"` // accepted after DATA, or refused
	events.SMTPReply
}

func (RecordResults) CommandType() string { return "message.record_results.v1" }

// ResolveMessage ends a doubt.
type ResolveMessage struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	By         string    `json:"by"`
	ProviderID string    `json:"provider_id,omitzero"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"` // zero = when it was claimed
}

func (ResolveMessage) CommandType() string { return "message.resolve.v1" }
