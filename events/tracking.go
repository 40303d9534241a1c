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
