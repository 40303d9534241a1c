package events

import (
	"time"

	"github.com/google/uuid"
)

// BookingHours are when an organisation can be met; its booking page shows the free slots in them.
type BookingHours struct {
	Window        Window `json:"window"`
	Zone          string `json:"zone,omitzero"` // IANA; empty = the organisation's
	SlotMinutes   int    `json:"slot_minutes"`
	NoticeMinutes int    `json:"notice_minutes"` // from now to the first slot
	DaysAhead     int    `json:"days_ahead"`
}

// BookingHoursSet replaces them.
type BookingHoursSet struct {
	OrganizationRef
	BookingHours
}

func (BookingHoursSet) EventType() string { return "booking.hours_set.v1" }

// MeetingBooked is an appointment. Its subject is the lead.
type MeetingBooked struct {
	SentMessageRef
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	TimeZone  string    `json:"time_zone,omitzero"` // of who booked
	Details   Sealed    `json:"details,omitzero"`   // name, address, note of who booked
	BookedAt  time.Time `json:"booked_at"`
}

func (MeetingBooked) EventType() string { return "meeting.booked.v1" }
