package events

import (
	"time"
)

// MailboxVerified says that it may send from now on: warming or active. A mailbox that was connected anew and is
// verified again keeps the day its warm-up began.
type MailboxVerified struct {
	MailboxRef
	Status     string    `json:"status"`      // warming | active
	WarmupFrom time.Time `json:"warmup_from"` // the first day of the warm-up
}

func (MailboxVerified) EventType() string { return "mailbox.verified.v1" }

// MailboxWarmedUp says that the cap of the day has come to the full one: warming becomes active.
type MailboxWarmedUp struct {
	MailboxRef
}

func (MailboxWarmedUp) EventType() string { return "mailbox.warmed_up.v1" }
