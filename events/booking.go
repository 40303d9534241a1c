package events

import (
	"time"

	"github.com/google/uuid"
)

// BookingHours are when an organisation can be met; its booking page shows the free slots in them.
type BookingHours struct {
	Windows       []Window `json:"windows"`           // by their begin; those of one day don't overlap
	Zone          string   `json:"zone,omitzero"`     // IANA; empty = the organisation's
	DaysOff       []string `json:"days_off,omitzero"` // dates in that zone
	SlotMinutes   int      `json:"slot_minutes"`
	NoticeMinutes int      `json:"notice_minutes"`                 // from now to the first slot
	BufferBefore  int      `json:"buffer_before_minutes,omitzero"` // that stays free before a meeting
	BufferAfter   int      `json:"buffer_after_minutes,omitzero"`
	DaysAhead     int      `json:"days_ahead"`
	Headline      string   `json:"headline,omitzero"` // of the booking page; empty = the usual one
}

// BookingHoursSet replaces them.
type BookingHoursSet struct {
	OrganizationRef
	BookingHours
}

func (BookingHoursSet) EventType() string { return "booking.hours_set.v2" }

// MeetingBooked is an appointment. Its subject is the lead.
type MeetingBooked struct {
	SentMessageRef
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	TimeZone  string    `json:"time_zone,omitzero"` // of who booked
	Details   Sealed    `json:"details,omitzero"`   // name, address, note of who booked
	BookedAt  time.Time `json:"booked_at"`
	BookedElsewhere
	HostID uuid.UUID `json:"host_id,omitzero"` // connection to the calendar of who is met; zero = the organisation as a whole
}

func (MeetingBooked) EventType() string { return "meeting.booked.v3" }

// BookedElsewhere says on whose page a meeting was booked; zero = on ours.
type BookedElsewhere struct {
	Service      string    `json:"service,omitzero"` // calendly | calcom
	ConnectionID uuid.UUID `json:"connection_id,omitzero"`
	ExternalID   string    `json:"external_id,omitzero"` // the service's
}
