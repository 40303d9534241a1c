package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// CancelMeetingByGuest cancels a meeting for who booked it, by the link in the confirmation.
type CancelMeetingByGuest struct {
	MeetingID uuid.UUID `json:"meeting_id"`
}

func (CancelMeetingByGuest) CommandType() string { return "meeting.cancel_by_guest.v1" }

// Decide refuses it from the begin of the meeting on.
func (c CancelMeetingByGuest) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, err := meetingToCome(now, o, c.MeetingID)
	if err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}})
}

// meetingToCome returns a meeting that hasn't begun.
func meetingToCome(now time.Time, o *aggregates.Organization, id uuid.UUID) (*aggregates.Meeting, error) {
	is := o.Meetings.Get(id)
	switch {
	case is == nil:
		return nil, errNotFound(id)
	case !is.Starts().After(now):
		return nil, refuseAbout(is.LeadID, CodeWrongStatus, detailStatus{id, "begun"})
	}
	return is, checkOurs(is)
}

// checkOurs refuses to change what was booked on somebody else's page: it would still stand there.
func checkOurs(is *aggregates.Meeting) error {
	if is.Outside {
		return refuseAbout(is.LeadID, CodeWrongStatus, detailStatus{is.ID, "booked elsewhere"})
	}
	return nil
}

// MoveMeetingByGuest gives a meeting another time for who booked it, by the link in the confirmation. Its length stays.
type MoveMeetingByGuest struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at"`
}

func (MoveMeetingByGuest) CommandType() string { return "meeting.move_by_guest.v1" }

// Decide takes times that the booking page offers, and the meeting's own is no hindrance. It refuses any from the begin of the meeting on.
func (c MoveMeetingByGuest) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, err := meetingToCome(now, o, c.MeetingID)
	if err != nil {
		return nil, err
	}
	if is.Starts().Equal(c.StartsAt) {
		return nil, nil
	}
	ends := c.StartsAt.Add(is.Ends().Sub(is.Starts()))
	if _, err := findHost(now, o, slotAsked{is.LeadID, c.MeetingID, hostOf(is), c.StartsAt, ends}); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingRescheduled{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Move: is.Moves + 1, WasAt: is.Starts(), StartsAt: c.StartsAt.UTC(), EndsAt: ends.UTC()})
}
