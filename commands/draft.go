package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// DraftMessage brings the text of a message that was requested, or a better one before it is scheduled.
type DraftMessage struct {
	MessageID uuid.UUID `json:"message_id"`
	events.Draft
	LeadVersion int `json:"lead_version"` // of the lead that it was written from; an older one is refused; 0 = not known
}

func (DraftMessage) CommandType() string { return "message.draft.v1" }

// HoldMessage says that a message can't be written.
type HoldMessage struct {
	MessageID   uuid.UUID `json:"message_id"`
	Reason      string    `json:"reason"`
	Missing     []string  `json:"missing,omitzero"`
	LeadVersion int       `json:"lead_version"`
}

func (HoldMessage) CommandType() string { return "message.hold.v1" }

// RedraftMessage asks for another draft.
type RedraftMessage struct {
	MessageID uuid.UUID `json:"message_id"`
}

func (RedraftMessage) CommandType() string { return "message.redraft.v1" }

// ApproveMessages lets drafts that wait for a person be sent.
type ApproveMessages struct {
	MessageIDs []uuid.UUID `json:"message_ids"`
}

func (ApproveMessages) CommandType() string { return "message.approve.v1" }

// RejectMessages ends the sequences whose next message a person doesn't want.
type RejectMessages struct {
	MessageIDs []uuid.UUID `json:"message_ids"`
}

func (RejectMessages) CommandType() string { return "message.reject.v1" }
