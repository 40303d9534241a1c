package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ConfirmMeeting asks to be the one that writes to who booked.
type ConfirmMeeting struct {
	MeetingID uuid.UUID `json:"meeting_id"`
}

func (ConfirmMeeting) CommandType() string { return "meeting.confirm.v1" }

// Decide lets one through. A meeting that was cancelled, or is over, is confirmed to nobody.
func (c ConfirmMeeting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MeetingID)
	case is.Confirmed:
		return nil, nil
	}
	return oneEvent(events.MeetingConfirmationClaimed{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}})
}

// CancelMeeting gives it back.
type CancelMeeting struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Reason    string    `json:"reason,omitzero"`
}

func (CancelMeeting) CommandType() string { return "meeting.cancel.v1" }

// Decide forgets a cancelled meeting, and one that is over, so asking twice finds none.
func (c CancelMeeting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	if is == nil {
		return nil, errNotFound(c.MeetingID)
	}
	if err := checkText("reason", c.Reason, 0, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Reason: c.Reason})
}
