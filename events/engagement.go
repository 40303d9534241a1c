package events

import (
	"time"

	"github.com/google/uuid"
)

// Who caused a hit.
const (
	ClassHuman   = "human"
	ClassProxy   = "proxy"   // a mail provider's image proxy
	ClassScanner = "scanner" // a security scanner
)

// MessageOpened is a fetch of the tracking pixel.
type MessageOpened struct {
	SentMessageRef
	HitID  uuid.UUID `json:"hit_id"`
	Class  string    `json:"class"`
	At     time.Time `json:"at"`
	Client Sealed    `json:"client,omitzero"` // address and user agent
}

func (MessageOpened) EventType() string { return "message.opened.v1" }

// MessageClicked is a fetch of a tracked link.
type MessageClicked struct {
	SentMessageRef
	HitID  uuid.UUID `json:"hit_id"`
	Link   int       `json:"link"` // its number in the message, from 0
	Class  string    `json:"class"`
	At     time.Time `json:"at"`
	Client Sealed    `json:"client,omitzero"`
}

func (MessageClicked) EventType() string { return "message.clicked.v1" }

// HitReclassified corrects who caused a hit, once more is known.
type HitReclassified struct {
	SentMessageRef
	HitID  uuid.UUID `json:"hit_id"`
	Class  string    `json:"class"`
	Reason string    `json:"reason"`
}

func (HitReclassified) EventType() string { return "message.hit_reclassified.v1" }

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

// Kinds of bounce.
const (
	BounceHard  = "hard"  // the address is no good: 5.1.x, 5.2.1
	BounceSoft  = "soft"  // it may work another time: 5.2.2
	BounceBlock = "block" // our reputation: 5.7.x
	BounceOther = "other"
)

// MessageBounced says that a message came back, at RCPT or as a report (RFC 3464).
type MessageBounced struct {
	SentMessageRef
	Kind       string    `json:"kind"`
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"` // RFC 3463
	AtRCPT     bool      `json:"at_rcpt"`           // refused at once, so it never was sent
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageBounced) EventType() string { return "message.bounced.v1" }

// MessageComplained is a complaint (RFC 5965).
type MessageComplained struct {
	SentMessageRef
	Kind       string    `json:"kind"` // abuse | fraud | ...
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageComplained) EventType() string { return "message.complained.v1" }

// How somebody unsubscribed.
const (
	UnsubscribeOneClick = "one_click" // RFC 8058
	UnsubscribePage     = "page"
	UnsubscribeMailto   = "mailto"
	UnsubscribeReply    = "reply"
)

// LeadUnsubscribed says that somebody wants no more.
type LeadUnsubscribed struct {
	SentMessageRef
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (LeadUnsubscribed) EventType() string { return "lead.unsubscribed.v1" }
