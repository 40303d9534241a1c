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
