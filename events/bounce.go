package events

import (
	"time"
)

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
