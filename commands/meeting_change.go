package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RescheduleMeeting gives a meeting another time. Its length stays.
type RescheduleMeeting struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at"`
}

func (RescheduleMeeting) CommandType() string { return "meeting.reschedule.v1" }

// Decide takes any time to come at which there is no other meeting: whoever moves it knows whether they have time.
func (c RescheduleMeeting) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MeetingID)
	case is.Starts().Equal(c.StartsAt):
		return nil, nil
	case is.Ends().Before(now):
		return nil, errNotFound(c.MeetingID)
	case !c.StartsAt.After(now) || c.StartsAt.After(now.AddDate(1, 0, 0)):
		return nil, errInvalid("starts_at", "must be in the year to come")
	}
	if err := checkOurs(is); err != nil {
		return nil, err
	}
	ends := c.StartsAt.Add(is.Ends().Sub(is.Starts()))
	if o.Meetings.Overlaps(now, c.MeetingID, is.Host, c.StartsAt, ends) {
		return nil, refuseAbout(is.LeadID, CodeSlotTaken, detailID{c.MeetingID})
	}
	return oneEvent(events.MeetingRescheduled{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Move: is.Moves + 1, WasAt: is.Starts(), StartsAt: c.StartsAt.UTC(), EndsAt: ends.UTC()})
}

// TellMeetingMoved claims the right to write to the guest that the meeting has another time.
type TellMeetingMoved struct {
	MeetingID   uuid.UUID `json:"meeting_id"`
	Move        int       `json:"move"`
	AddressHash string    `json:"address_hash"` // of the address that is written to: the lead's own, or one of its domain
}

func (TellMeetingMoved) CommandType() string { return "meeting.tell_moved.v1" }

// Decide accepts the first claim of the last move: of an earlier one nobody needs to hear any more.
func (c TellMeetingMoved) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	switch {
	case is == nil || is.Ends().Before(now) || c.Move < 1 || c.Move > is.Moves:
		return nil, errNotFound(c.MeetingID)
	case c.Move < is.Moves || c.Move <= is.MoveTold:
		return nil, nil
	}
	if err := checkGuest(o, is.LeadID, c.AddressHash); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingMoveClaimed{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Move: c.Move})
}

// SetMeetingOutcome says what came of a meeting.
type SetMeetingOutcome struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Outcome   string    `json:"outcome"` // held | no_show; empty takes it back
}

func (SetMeetingOutcome) CommandType() string { return "meeting.set_outcome.v1" }

// Decide takes it from the begin of the meeting on, for ninety days.
func (c SetMeetingOutcome) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	if is == nil {
		is = o.Meetings.Past(c.MeetingID)
	}
	switch {
	case c.Outcome != "" && c.Outcome != events.MeetingHeld && c.Outcome != events.MeetingNoShow:
		return nil, errInvalid("outcome", "must be held or no_show, or empty")
	case is == nil:
		return nil, errNotFound(c.MeetingID)
	case is.Outcome == c.Outcome:
		return nil, nil
	case is.Starts().After(now):
		return nil, refuseAbout(is.LeadID, CodeWrongStatus, detailStatus{c.MeetingID, "not begun"})
	}
	return oneEvent(events.MeetingOutcomeSet{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Outcome: c.Outcome})
}
