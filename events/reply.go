package events

import (
	"time"

	"github.com/google/uuid"
)

// Mail is what came in. Text is sealed under the lead's key; what is too long for the log lies in the blob bucket.
type Mail struct {
	MailID     uuid.UUID `json:"mail_id"` // follows from mailbox and Message-ID: the same mail read twice is one
	ReceivedAt time.Time `json:"received_at"`
	Subject    Sealed    `json:"subject,omitzero"`
	Body       Sealed    `json:"body,omitzero"`
	BodyRef    string    `json:"body_ref,omitzero"`
	MatchedBy  string    `json:"matched_by,omitzero"` // message_id | plus_address | thread
}

// Who has answered.
const (
	FromLead    = "lead"
	FromAlias   = "alias"
	FromCompany = "company"
)

// MessageReplied is an answer by a person.
type MessageReplied struct {
	SentMessageRef
	Mail
	From string `json:"from"`
}

func (MessageReplied) EventType() string { return "message.replied.v1" }

// MessageAutoReplied is an answer by a machine (RFC 3834). It isn't a reply.
type MessageAutoReplied struct {
	SentMessageRef
	Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"` // "2006-01-02", if it says one
}

func (MessageAutoReplied) EventType() string { return "message.auto_replied.v1" }
