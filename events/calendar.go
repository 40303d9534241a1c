package events

import (
	"time"

	"github.com/google/uuid"
)

// ConnectionCalendarsChosen says which calendars of an account, and of people that it may look at, show when somebody is busy, and into which one meetings are written. Calendars are called
// by addresses, so the choice is sealed under a key of the connection; its hash, under the organisation's, tells whether two are the same.
type ConnectionCalendarsChosen struct {
	ConnectionRef
	Calendars Sealed `json:"calendars"`
	Hash      string `json:"hash"`
	Writes    bool   `json:"writes"` // whose it is can be met: meetings are written into one of them
}

func (ConnectionCalendarsChosen) EventType() string { return "connection.calendars_chosen.v1" }

// MeetingPlaced says that a meeting stands in the calendar of its host, or that its guest isn't kept waiting for that any longer.
type MeetingPlaced struct {
	MeetingRef
	Link Sealed `json:"link,omitzero"` // where people meet, under the lead's key
	Late bool   `json:"late,omitzero"` // it doesn't stand there yet
}

func (MeetingPlaced) EventType() string { return "meeting.placed.v1" }

// MeetingSlotHeld keeps a time for a guest who is filling the form in. A meeting with the same id takes its place.
type MeetingSlotHeld struct {
	MeetingRef
	HostID   uuid.UUID `json:"host_id,omitzero"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	HeldAt   time.Time `json:"held_at"`
	Until    time.Time `json:"until"`
}

func (MeetingSlotHeld) EventType() string { return "meeting.slot_held.v1" }
