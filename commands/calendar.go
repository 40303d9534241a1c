package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ChooseCalendars says which calendars of a connection count. The edge has seen that they are there.
type ChooseCalendars struct {
	events.ConnectionRef
	Calendars events.Sealed `json:"calendars"`
	Hash      string        `json:"hash"`
	Writes    bool          `json:"writes"`
}

func (ChooseCalendars) CommandType() string { return "connection.choose_calendars.v1" }

// Decide has nothing to do for what was chosen already. A connection that needed somebody goes on: a calendar that can't be written to is one of the reasons.
func (c ChooseCalendars) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	hash, ok := aggregates.ParseHash(c.Hash)
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case !ok:
		return nil, errInvalid("hash", reasonHash)
	case c.Calendars.IsZero():
		return nil, errInvalid("calendars", "are missing")
	}
	var out []events.Event
	if is.Calendars != hash {
		out = append(out, events.ConnectionCalendarsChosen(c))
	}
	if is.Interrupted {
		out = append(out, events.ConnectionRestored{ConnectionRef: c.ConnectionRef})
	}
	return out, nil
}

// PlaceMeeting says that a meeting stands in its host's calendar, or that its guest isn't kept waiting for that.
type PlaceMeeting struct {
	MeetingID uuid.UUID     `json:"meeting_id"`
	Link      events.Sealed `json:"link,omitzero"`
	Late      bool          `json:"late,omitzero"`
}

func (PlaceMeeting) CommandType() string { return "meeting.place.v1" }

// Decide has nothing to do for a meeting that is off or over: it is the work on a calendar that asks.
func (c PlaceMeeting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	if is == nil || is.Host == uuid.Nil || is.Placed == aggregates.PlacedThere || c.Late && is.Placed == aggregates.PlacedLate {
		return nil, nil
	}
	return oneEvent(events.MeetingPlaced{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Link: c.Link, Late: c.Late})
}

// RecordCalendarChange records what became of a meeting in the calendar of its host. Who stands in it has said so: hours and other meetings are no hindrance.
type RecordCalendarChange struct {
	events.ConnectionRef
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at,omitzero"`
	EndsAt    time.Time `json:"ends_at,omitzero"`
	Off       bool      `json:"off,omitzero"` // it was deleted there
}

func (RecordCalendarChange) CommandType() string { return "meeting.record_calendar_change.v1" }

// Decide has nothing to do for a meeting that is off, or over and stays so, or that stands where it is said to be. A sequence that the meeting has stopped stays stopped, whatever becomes of it.
func (c RecordCalendarChange) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !c.Off && !c.EndsAt.After(c.StartsAt) {
		return nil, errInvalid("ends_at", "must be after starts_at")
	}
	is := o.Meetings.Get(c.MeetingID)
	if is == nil || is.Host != c.ConnectionID || c.ConnectionID == uuid.Nil || is.Ends().Before(now) && (c.Off || c.EndsAt.Before(now)) {
		return nil, nil
	}
	ref := events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}
	switch {
	case c.Off:
		return oneEvent(events.MeetingCancelled{MeetingRef: ref})
	case is.Starts().Equal(c.StartsAt) && is.Ends().Equal(c.EndsAt):
		return nil, nil
	}
	return oneEvent(events.MeetingRescheduled{MeetingRef: ref, Move: is.Moves + 1, WasAt: is.Starts(), StartsAt: c.StartsAt.UTC(), EndsAt: c.EndsAt.UTC()})
}
