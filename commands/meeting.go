package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ConfirmMeeting claims the right to write the confirmation to the guest.
type ConfirmMeeting struct {
	MeetingID   uuid.UUID `json:"meeting_id"`
	AddressHash string    `json:"address_hash"` // of the address that is written to: the lead's own, or one of its domain
}

func (ConfirmMeeting) CommandType() string { return "meeting.confirm.v2" }

// Decide accepts the first claim. No meeting is confirmed that was cancelled or is over, or to a suppressed address or domain.
func (c ConfirmMeeting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MeetingID)
	case is.Confirmed:
		return nil, nil
	}
	if err := checkGuest(o, is.LeadID, c.AddressHash); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingConfirmationClaimed{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}})
}

// checkGuest refuses to write about a meeting to a suppressed address or domain; "" is the lead's own address.
func checkGuest(o *aggregates.Organization, leadID uuid.UUID, hash string) error {
	lead := o.Leads.Get(leadID)
	if lead == nil {
		return errNotFound(leadID)
	}
	to := lead.Address
	if hash != "" {
		var ok bool
		if to, ok = aggregates.ParseHash(hash); !ok {
			return errInvalid("address_hash", "is not a hash")
		}
	}
	if o.Suppression.Covers(lead) || o.Suppression.Has(aggregates.Suppression{Hash: to}) {
		return refuseAbout(leadID, CodeSuppressed, detailID{leadID})
	}
	return nil
}

// CancelMeeting cancels a meeting, which frees its slot.
type CancelMeeting struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Reason    string    `json:"reason,omitzero"`
}

func (CancelMeeting) CommandType() string { return "meeting.cancel.v1" }

// Decide finds neither a cancelled meeting nor one that is over, so the second cancellation is refused.
func (c CancelMeeting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Meetings.Get(c.MeetingID)
	if is == nil {
		return nil, errNotFound(c.MeetingID)
	}
	if err := firstError(checkText("reason", c.Reason, 0, 500), checkOurs(is)); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: is.LeadID}, Reason: c.Reason})
}

// TellMeetingCancelled claims the right to write to the guest that the meeting is cancelled.
type TellMeetingCancelled struct {
	MeetingID   uuid.UUID `json:"meeting_id"`
	AddressHash string    `json:"address_hash"` // of the address that is written to: the lead's own, or one of its domain
}

func (TellMeetingCancelled) CommandType() string { return "meeting.tell_cancelled.v1" }

// Decide accepts the first claim, and none once the meeting would be over: then nobody waits for it.
func (c TellMeetingCancelled) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	was := o.Meetings.Cancelled(c.MeetingID)
	if was == nil || was.Ends().Before(now) {
		return nil, errNotFound(c.MeetingID)
	}
	if err := checkGuest(o, was.LeadID, c.AddressHash); err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingCancellationClaimed{MeetingRef: events.MeetingRef{MeetingID: c.MeetingID, LeadID: was.LeadID}})
}
