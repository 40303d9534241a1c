package events

import (
	"time"

	"github.com/google/uuid"
)

// MeetingConfirmationClaimed lets one process write to who booked. It comes before the mail: a crash between the two loses a
// confirmation, and never sends one twice.
type MeetingConfirmationClaimed struct {
	MeetingRef
}

func (MeetingConfirmationClaimed) EventType() string { return "meeting.confirmation_claimed.v1" }

// MeetingCancelled gives the slot back.
type MeetingCancelled struct {
	MeetingRef
	Reason string `json:"reason,omitzero"`
}

func (MeetingCancelled) EventType() string { return "meeting.cancelled.v1" }

// MeetingCancellationClaimed lets one process write to who booked that the meeting is off. It comes before the mail, as the claim of a
// confirmation does.
type MeetingCancellationClaimed struct {
	MeetingRef
}

func (MeetingCancellationClaimed) EventType() string { return "meeting.cancellation_claimed.v1" }

// MeetingRescheduled gives a meeting another time; the one that it had is free again.
type MeetingRescheduled struct {
	MeetingRef
	Move     int       `json:"move"` // its number, from 1
	WasAt    time.Time `json:"was_at"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

func (MeetingRescheduled) EventType() string { return "meeting.rescheduled.v1" }

// MeetingMoveClaimed lets one process write to who booked that the meeting has another time. It comes before the mail, as the claim of a
// confirmation does.
type MeetingMoveClaimed struct {
	MeetingRef
	Move int `json:"move"`
}

func (MeetingMoveClaimed) EventType() string { return "meeting.move_claimed.v1" }

// What a meeting was that another one replaces.
const (
	ReplacedBooked    = "booked"
	ReplacedCancelled = "cancelled"
	ReplacedBefore    = "replaced" // by one that wasn't known
	ReplacedUnknown   = "unknown"  // it is told of later than the one that replaces it
)

// MeetingReplaced says that a meeting which was booked on somebody else's page was moved there: it goes on as another meeting.
type MeetingReplaced struct {
	MeetingRef
	By  uuid.UUID `json:"by"` // that meeting; zero = it is told of later
	Was string    `json:"was"`
}

func (MeetingReplaced) EventType() string { return "meeting.replaced.v1" }

// What came of a meeting.
const (
	MeetingHeld   = "held"
	MeetingNoShow = "no_show"
)

// MeetingOutcomeSet says what came of a meeting.
type MeetingOutcomeSet struct {
	MeetingRef
	Outcome string `json:"outcome"` // held | no_show; empty = it isn't known after all
}

func (MeetingOutcomeSet) EventType() string { return "meeting.outcome_set.v1" }
