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
	MatchedBy  string    `json:"matched_by,omitzero"` // message_id | plus_address | link: a token in a link of ours that is quoted | thread
}

// Who has answered.
const (
	FromLead    = "lead"
	FromAlias   = "alias"
	FromCompany = "company"
)

// What an answer means, as far as rules can tell.
const (
	MeansInterested       = "interested"
	MeansNotNow           = "not_now"
	MeansNotInterested    = "not_interested"
	MeansReferral         = "referral"
	MeansUnsubscribe      = "unsubscribe"
	MeansMaybeUnsubscribe = "maybe_unsubscribe" // a person decides
	MeansWrongPerson      = "wrong_person"
	MeansOther            = "other" // the rules can't tell
)

// MessageReplied is an answer by a person.
type MessageReplied struct {
	SentMessageRef
	Mail
	From    string `json:"from"`
	Meaning string `json:"meaning,omitzero"` // empty in what was recorded before there were any
}

func (MessageReplied) EventType() string { return "message.replied.v2" }

// MessageAutoReplied is an answer by a machine (RFC 3834). It isn't a reply.
type MessageAutoReplied struct {
	SentMessageRef
	Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"` // "2006-01-02", if it says one
	ForGood     string `json:"for_good,omitzero"`    // why nobody will answer there any more: a Stop... that it brings
}

func (MessageAutoReplied) EventType() string { return "message.auto_replied.v2" }
