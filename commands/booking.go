package commands

import (
	"cmp"
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

func (SetBookingHours) CommandType() string { return "booking.set_hours.v2" }

// Most that booking hours can have.
const (
	maxBookingWindows = 20
	maxDaysOff        = 400
	maxBuffer         = 240
)

// Decide has nothing to do when these hours are set already.
func (c SetBookingHours) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.SlotMinutes < 5 || c.SlotMinutes > 480:
		return nil, errInvalid("slot_minutes", "must be 5 to 480")
	case c.NoticeMinutes < 0 || c.NoticeMinutes > 30*24*60:
		return nil, errInvalid("notice_minutes", "must be 0 to 43200")
	case c.DaysAhead < 1 || c.DaysAhead > 365:
		return nil, errInvalid("days_ahead", "must be 1 to 365")
	case c.BufferBefore < 0 || c.BufferBefore > maxBuffer:
		return nil, errInvalid("buffer_before_minutes", "must be 0 to 240")
	case c.BufferAfter < 0 || c.BufferAfter > maxBuffer:
		return nil, errInvalid("buffer_after_minutes", "must be 0 to 240")
	case len(c.DaysOff) > maxDaysOff || !areDates(c.DaysOff):
		return nil, errInvalid("days_off", "must be at most 400 dates like 2026-12-25")
	}
	if err := firstError(checkZone("time_zone", c.Zone), checkText("headline", c.Headline, 0, 200), c.checkWindows(), c.checkOffers()); err != nil {
		return nil, err
	}
	c.BookingHours = c.InOrder()
	if o.Meetings.Is(c.BookingHours) {
		return nil, nil
	}
	return oneEvent(events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, BookingHours: c.BookingHours})
}

func areDates(days []string) bool {
	return !slices.ContainsFunc(days, func(d string) bool {
		_, err := time.Parse(time.DateOnly, d)
		return err != nil
	})
}

// InOrder returns the hours as they are written: the same ones always the same way.
func (c SetBookingHours) InOrder() events.BookingHours {
	h := c.BookingHours
	h.Windows = slices.Clone(h.Windows)
	for i, w := range h.Windows {
		h.Windows[i].Days = slices.Compact(slices.Sorted(slices.Values(w.Days)))
	}
	slices.SortFunc(h.Windows, func(a, b events.Window) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), slices.Compare(a.Days, b.Days))
	})
	if h.DaysOff != nil {
		h.DaysOff = slices.Compact(slices.Sorted(slices.Values(h.DaysOff)))
	}
	return h
}

// checkWindows refuses windows of one day that overlap: a time would be offered twice, or beside the other's.
func (c SetBookingHours) checkWindows() error {
	if len(c.Windows) < 1 || len(c.Windows) > maxBookingWindows {
		return errInvalid("windows", "must be 1 to 20")
	}
	for i, w := range c.Windows {
		field := "windows[" + strconv.Itoa(i) + "]"
		if err := checkWindow(field, w); err != nil {
			return err
		}
		for _, before := range c.Windows[:i] {
			if shareDay(before, w) && clockBefore(before.From, w.To) && clockBefore(w.From, before.To) {
				return errInvalid(field, "overlaps another window of the same day")
			}
		}
	}
	return nil
}

func shareDay(a, b events.Window) bool {
	return slices.ContainsFunc(a.Days, func(d int) bool { return slices.Contains(b.Days, d) })
}

func clockBefore(a, b string) bool {
	x, _ := aggregates.ParseClock(a)
	y, _ := aggregates.ParseClock(b)
	return x < y
}

// checkOffers refuses hours that never offer a time on any day. The windows were checked before.
func (c SetBookingHours) checkOffers() error {
	longest := 0
	for _, w := range c.Windows {
		from, _ := aggregates.ParseClock(w.From)
		to, _ := aggregates.ParseClock(w.To)
		longest = max(longest, to-from)
	}
	switch {
	case c.SlotMinutes > longest:
		return errInvalid("slot_minutes", "must be at most the "+strconv.Itoa(longest)+" minutes of the longest window: no time would ever be offered")
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
	Hosts     []uuid.UUID   `json:"hosts,omitzero"` // connections to calendars of who has time then; none = the organisation as a whole
}

func (BookMeeting) CommandType() string { return "meeting.book.v2" }

// Decide gives a slot once with each host, in turn, and stops all sequences of whoever booked it.
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
	ends := c.StartsAt.Add(time.Duration(o.Meetings.Hours.SlotMinutes) * time.Minute)
	hosts, err := offeredHosts(o, c.LeadID, c.MeetingID, c.Hosts)
	if err != nil {
		return nil, err
	}
	host, err := findHost(now, o, slotAsked{c.LeadID, c.MeetingID, hosts, c.StartsAt, ends})
	if err != nil {
		return nil, err
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByBooking), events.MeetingBooked{SentMessageRef: c.SentMessageRef, MeetingID: c.MeetingID, StartsAt: c.StartsAt.UTC(), EndsAt: ends.UTC(), TimeZone: c.TimeZone, Details: c.Details, BookedAt: now, HostID: host})
	return append(out, o.StopLead(c.LeadID, events.StopMeetingBooked, &c.MessageID)...), nil
}
