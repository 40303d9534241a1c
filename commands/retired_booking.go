package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetBookingHoursV1 sets hours of one window.
type SetBookingHoursV1 struct {
	events.BookingHoursV1
}

func (SetBookingHoursV1) CommandType() string { return "booking.set_hours.v1" }

// Decide sets the window as the only one.
func (c SetBookingHoursV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return SetBookingHours{BookingHours: c.Newer()}.Decide(now, o)
}

// BookMeetingV1 takes a slot of the organisation as a whole.
type BookMeetingV1 struct {
	events.SentMessageRef
	MeetingID uuid.UUID     `json:"meeting_id"`
	StartsAt  time.Time     `json:"starts_at"`
	TimeZone  string        `json:"time_zone,omitzero"`
	Details   events.Sealed `json:"details,omitzero"`
}

func (BookMeetingV1) CommandType() string { return "meeting.book.v1" }

// Decide books without a host.
func (c BookMeetingV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return BookMeeting{SentMessageRef: c.SentMessageRef, MeetingID: c.MeetingID, StartsAt: c.StartsAt, TimeZone: c.TimeZone, Details: c.Details}.Decide(now, o)
}
