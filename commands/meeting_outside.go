package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordOutsideMeeting records what a service tells of a booking on its page. It is told in any order, and more than once: the same things told lead to the
// same meetings. The message, its campaign and its lead are those that the booking is put down to; there may be a lead only.
type RecordOutsideMeeting struct {
	events.SentMessageRef
	events.BookedElsewhere
	StartsAt   time.Time     `json:"starts_at"`
	EndsAt     time.Time     `json:"ends_at"`
	TimeZone   string        `json:"time_zone,omitzero"`
	Details    events.Sealed `json:"details,omitzero"`
	Replaces   string        `json:"replaces,omitzero"` // id of the booking that was moved to be this one
	Off        bool          `json:"off,omitzero"`      // it doesn't take place
	Moved      bool          `json:"moved,omitzero"`    // as it was moved
	ReplacedBy string        `json:"replaced_by,omitzero"`
	Reason     string        `json:"reason,omitzero"`
}

func (RecordOutsideMeeting) CommandType() string { return "meeting.record_outside.v1" }

// Decide stops all sequences of whoever booked, also when the first that is told of it is that it is off. A booking that was moved is never cancelled.
func (c RecordOutsideMeeting) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.ConnectionID == uuid.Nil || c.LeadID == uuid.Nil:
		return nil, errInvalid("connection_id", "and lead_id are required")
	case !slices.Contains([]string{"calendly", "calcom"}, c.Service):
		return nil, errInvalid("service", "is unknown")
	case c.StartsAt.IsZero() || !c.EndsAt.After(c.StartsAt):
		return nil, errInvalid("ends_at", "must be after starts_at")
	}
	if err := firstError(checkText("external_id", c.ExternalID, 1, 200), checkText("replaces", c.Replaces, 0, 200), checkText("replaced_by", c.ReplacedBy, 0, 200), checkText("reason", c.Reason, 0, 500),
		checkZone("time_zone", c.TimeZone)); err != nil {
		return nil, err
	}
	is := o.Meetings.OutsideMeeting(c.meetingID(c.ExternalID))
	var out []events.Event
	if is.State == "" || is.State == events.ReplacedUnknown {
		if o.Leads.Get(c.LeadID) == nil {
			return nil, errNotFound(c.LeadID)
		}
		out, is = c.book(now, o, is)
	}
	if c.Off {
		out = append(out, c.endMeeting(is)...)
	}
	return append(out, c.replaceOld(o)...), nil
}

// meetingID returns that of a booking of the service; zero for none.
func (c RecordOutsideMeeting) meetingID(externalID string) uuid.UUID {
	if externalID == "" {
		return uuid.Nil
	}
	return aggregates.OutsideMeetingID(c.ConnectionID, externalID)
}

// book returns the booking and what it is from then on: one that is known to be replaced already is so at once.
func (c RecordOutsideMeeting) book(now time.Time, o *aggregates.Organization, was aggregates.OutsideMeeting) ([]events.Event, aggregates.OutsideMeeting) {
	id := c.meetingID(c.ExternalID)
	about := &c.MessageID
	if c.MessageID == uuid.Nil {
		about = nil
	}
	out := []events.Event{events.MeetingBooked{SentMessageRef: c.SentMessageRef, MeetingID: id, StartsAt: c.StartsAt.UTC(), EndsAt: c.EndsAt.UTC(), TimeZone: c.TimeZone, Details: c.Details, BookedAt: now,
		BookedElsewhere: c.BookedElsewhere}}
	out = append(out, o.StopLead(c.LeadID, events.StopMeetingBooked, about)...)
	is := aggregates.OutsideMeeting{State: events.ReplacedBooked, LeadID: c.LeadID}
	if was.State == events.ReplacedUnknown {
		out = append(out, events.MeetingReplaced{MeetingRef: events.MeetingRef{MeetingID: id, LeadID: c.LeadID}, By: was.By, Was: events.ReplacedBooked})
		is.State, is.By = events.ReplacedBefore, was.By
	}
	return out, is
}

func (c RecordOutsideMeeting) endMeeting(is aggregates.OutsideMeeting) []events.Event {
	ref := events.MeetingRef{MeetingID: c.meetingID(c.ExternalID), LeadID: is.LeadID}
	by := c.meetingID(c.ReplacedBy)
	switch {
	case c.Moved && (is.State != events.ReplacedBefore || is.By == uuid.Nil && by != uuid.Nil):
		return []events.Event{events.MeetingReplaced{MeetingRef: ref, By: by, Was: is.State}}
	case !c.Moved && is.State == events.ReplacedBooked:
		return []events.Event{events.MeetingCancelled{MeetingRef: ref, Reason: c.Reason}}
	}
	return nil
}

// replaceOld says of the booking that was moved what this one says of it.
func (c RecordOutsideMeeting) replaceOld(o *aggregates.Organization) []events.Event {
	if c.Replaces == "" {
		return nil
	}
	id, by := c.meetingID(c.Replaces), c.meetingID(c.ExternalID)
	old := o.Meetings.OutsideMeeting(id)
	switch {
	case old.State == "":
		old.State, old.LeadID = events.ReplacedUnknown, c.LeadID
	case old.By != uuid.Nil:
		return nil
	}
	return []events.Event{events.MeetingReplaced{MeetingRef: events.MeetingRef{MeetingID: id, LeadID: old.LeadID}, By: by, Was: old.State}}
}
