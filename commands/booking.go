package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetBookingHours sets when the organisation can be met.
type SetBookingHours struct {
	events.BookingHours
}

func (SetBookingHours) CommandType() string { return "booking.set_hours.v1" }

// Decide has nothing to do when these hours are set already.
func (c SetBookingHours) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.SlotMinutes < 5 || c.SlotMinutes > 480:
		return nil, errInvalid("slot_minutes", "must be 5 to 480")
	case c.NoticeMinutes < 0 || c.NoticeMinutes > 30*24*60:
		return nil, errInvalid("notice_minutes", "must be 0 to 43200")
	case c.DaysAhead < 1 || c.DaysAhead > 365:
		return nil, errInvalid("days_ahead", "must be 1 to 365")
	}
	if err := firstError(checkWindow("window", c.Window), checkZone("time_zone", c.Zone), c.checkOffers()); err != nil {
		return nil, err
	}
	c.Window.Days = slices.Compact(slices.Sorted(slices.Values(c.Window.Days)))
	e := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, BookingHours: c.BookingHours}
	if o.Meetings.Is(c.BookingHours) {
		return nil, nil
	}
	return oneEvent(e)
}

// checkOffers refuses hours that never offer a time on any day. The window was checked before.
func (c SetBookingHours) checkOffers() error {
	from, _ := aggregates.ParseClock(c.Window.From)
	to, _ := aggregates.ParseClock(c.Window.To)
	switch {
	case c.SlotMinutes > to-from:
		return errInvalid("slot_minutes", "must be at most the "+strconv.Itoa(to-from)+" minutes of the window: no time would ever be offered")
	case c.NoticeMinutes >= c.DaysAhead*24*60:
		return errInvalid("notice_minutes", "must be less than days_ahead, which are "+strconv.Itoa(c.DaysAhead*24*60)+" minutes: no time would ever be offered")
	}
	return nil
}

// BookMeeting takes a slot.
type BookMeeting struct {
	events.SentMessageRef
	MeetingID uuid.UUID     `json:"meeting_id"`
	StartsAt  time.Time     `json:"starts_at"`
	TimeZone  string        `json:"time_zone,omitzero"`
	Details   events.Sealed `json:"details,omitzero"`
}

func (BookMeeting) CommandType() string { return "meeting.book.v1" }

// Decide gives a slot once, and stops all sequences of whoever booked it.
func (c BookMeeting) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.MeetingID == uuid.Nil {
		return nil, errInvalid("meeting_id", "is missing")
	}
	if is := o.Meetings.Get(c.MeetingID); is != nil {
		if is.LeadID == c.LeadID && is.Starts().Equal(c.StartsAt) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.MeetingID)
	}
	if err := firstError(checkAnswered("meeting", c.SentMessageRef), checkZone("time_zone", c.TimeZone)); err != nil {
		return nil, err
	}
	hours := o.Meetings.Hours
	ends := c.StartsAt.Add(time.Duration(hours.SlotMinutes) * time.Minute)
	first, last := now.Add(time.Duration(hours.NoticeMinutes)*time.Minute), now.AddDate(0, 0, hours.DaysAhead)
	switch {
	case c.StartsAt.Before(first) || c.StartsAt.After(last) || !o.InHours(c.StartsAt, ends):
		return nil, refuseAbout(c.LeadID, CodeSlotClosed, detailID{c.MeetingID})
	case o.Meetings.Overlaps(c.StartsAt, ends):
		return nil, refuseAbout(c.LeadID, CodeSlotTaken, detailID{c.MeetingID})
	}
	out := []events.Event{events.MeetingBooked{SentMessageRef: c.SentMessageRef, MeetingID: c.MeetingID, StartsAt: c.StartsAt.UTC(), EndsAt: ends.UTC(), TimeZone: c.TimeZone, Details: c.Details, BookedAt: now}}
	return append(out, o.StopLead(c.LeadID, events.StopMeetingBooked, &c.MessageID)...), nil
}
