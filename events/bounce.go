package events

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Report says where the outcome of a sent message is known from, and which recipient it is about.
type Report struct {
	MailID      uuid.UUID `json:"mail_id,omitzero"`      // of the mail that says it (see Mail); zero = no mail does, but a link or the SMTP dialogue
	AddressHash string    `json:"address_hash,omitzero"` // that the message went to; empty in what was recorded before messages remembered it
}

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
	Report
	Kind       string    `json:"kind"`
	Class      string    `json:"class,omitzero"` // what is wrong, finer than the kind; empty = nobody has judged it
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"` // RFC 3463
	Detail     string    `json:"detail,omitzero"`   // the server's words; no address in it
	AtRCPT     bool      `json:"at_rcpt"`           // refused at once, so it never was sent
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageBounced) EventType() string { return "message.bounced.v2" }

// DroppedDetail begins the detail of a bounce that says no more than the MessageDropped before it.
const DroppedDetail = "dropped by the provider: "

// OfDrop reports whether the provider didn't try to deliver the message. What decides takes that for a bounce; figures count it apart.
func (e MessageBounced) OfDrop() bool { return strings.HasPrefix(e.Detail, DroppedDetail) }

// MessageComplained is a complaint (RFC 5965).
type MessageComplained struct {
	SentMessageRef
	Report
	Kind       string    `json:"kind"` // abuse | fraud | ...
	ReportedAt time.Time `json:"reported_at"`
}

func (MessageComplained) EventType() string { return "message.complained.v2" }
