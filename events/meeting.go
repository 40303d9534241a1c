package events

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
