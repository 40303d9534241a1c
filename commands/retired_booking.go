package commands

import (
	"time"

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
