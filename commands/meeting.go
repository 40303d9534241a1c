package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// SetBookingHours says when the organisation can be met.
type SetBookingHours struct {
	events.BookingHours
}

func (SetBookingHours) CommandType() string { return "booking.set_hours.v1" }

// BookMeeting takes a slot.
type BookMeeting struct {
	events.Answered
	MeetingID uuid.UUID     `json:"meeting_id"`
	StartsAt  time.Time     `json:"starts_at"`
	TimeZone  string        `json:"time_zone,omitzero"`
	Details   events.Sealed `json:"details,omitzero"`
}

func (BookMeeting) CommandType() string { return "meeting.book.v1" }

// CancelMeeting gives it back.
type CancelMeeting struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Reason    string    `json:"reason,omitzero"`
}

func (CancelMeeting) CommandType() string { return "meeting.cancel.v1" }
