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

// WarmupStages is how many stages a warm-up has.
const WarmupStages = 4

// WarmupStage is one of them.
type WarmupStage struct {
	UpTo   int `json:"up_to"`   // its last cap
	PerDay int `json:"per_day"` // added for a day on which the mailbox has sent and nothing speaks against it
}

// Warmup is how a mailbox's cap rises: from Start, through its stages, to the full cap. What is measured raises it, holds it, and steps it back.
type Warmup struct {
	Start  int           `json:"start"` // cap of the first day
	Stages []WarmupStage `json:"stages"`
}

// MailboxWarmupSet lets a mailbox warm up by stages from now on, at a cap. Without stages its pace alone decides.
type MailboxWarmupSet struct {
	MailboxRef
	Warmup
	Cap   int `json:"cap,omitzero"`   // where it begins, or goes on
	Stage int `json:"stage,omitzero"` // of the cap, from 1
}

func (MailboxWarmupSet) EventType() string { return "mailbox.warmup_set.v1" }

// What becomes of a mailbox's cap.
const (
	WarmupRaised      = "raised"
	WarmupRaisedMore  = "raised_more" // by two days' worth, as people answer
	WarmupHeld        = "held"
	WarmupSteppedBack = "stepped_back"
)

// MailboxWarmupStepped is the cap of a local day, and why. Counts are those of the seven days before.
type MailboxWarmupStepped struct {
	MailboxRef
	Day    string `json:"day"` // in the mailbox's zone
	Cap    int    `json:"cap"`
	Stage  int    `json:"stage"`
	Change string `json:"change"`
	Reason string `json:"reason,omitzero"` // hard_bounces | complaints | blocks | deferrals | replies | not_used
	Count  int    `json:"count,omitzero"`  // of what Reason names
	Sent   int    `json:"sent,omitzero"`
}

func (MailboxWarmupStepped) EventType() string { return "mailbox.warmup_stepped.v1" }
