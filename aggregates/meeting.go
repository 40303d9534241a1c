package aggregates

import (
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Booking is when an organisation can be met, and what is booked.
type Booking struct {
	Hours  events.BookingHours
	Set    bool
	window Window
	byID   map[uuid.UUID]*Meeting
	booked []*Meeting // by start; those that ended before the newest was booked are gone
}

// Meeting is an appointment. It is remembered until it is over.
type Meeting struct {
	ID         uuid.UUID
	LeadID     uuid.UUID
	start, end int64
}

// Is says whether these are the hours that are set.
func (b *Booking) Is(h events.BookingHours) bool { return b.Set && digest(b.Hours) == digest(h) }

// Get gives a meeting, or nil.
func (b *Booking) Get(id uuid.UUID) *Meeting { return b.byID[id] }

// Starts is when it begins.
func (m *Meeting) Starts() time.Time { return instant(m.start) }

// Overlaps says whether something is booked between two times.
func (b *Booking) Overlaps(from, to time.Time) bool {
	for _, m := range b.booked {
		if m.start < micros(to) && m.end > micros(from) {
			return true
		}
	}
	return false
}

// InHours says whether a slot lies in the hours, on a slot's beginning.
func (o *Organization) InHours(from, to time.Time) bool {
	b := &o.Booking
	loc := o.zones.first(o.zones.byName[b.Hours.Zone], o.zone)
	h, m, s := from.In(loc).Clock()
	return b.Set && b.window.Open(from, loc) && b.window.Open(to.Add(-time.Microsecond), loc) && dayNumber(from.In(loc)) == dayNumber(to.Add(-time.Microsecond).In(loc)) &&
		s == 0 && from.Nanosecond() == 0 && (h*60+m-b.window.from)%b.Hours.SlotMinutes == 0
}

func (o *Organization) applyBooking(event events.Event) {
	b := &o.Booking
	switch e := event.(type) {
	case events.BookingHoursSet:
		b.Hours, b.Set, b.window = e.BookingHours, true, NewWindow(e.Window, nil)
		o.zones.ref(e.Zone)
	case events.MeetingBooked:
		if b.byID == nil {
			b.byID = map[uuid.UUID]*Meeting{}
		}
		m := &Meeting{ID: e.MeetingID, LeadID: e.LeadID, start: micros(e.StartsAt), end: micros(e.EndsAt)}
		b.byID[m.ID] = m
		i := sort.Search(len(b.booked), func(i int) bool { return b.booked[i].start > m.start })
		b.booked = slices.Insert(b.booked, i, m)
		for len(b.booked) > 0 && b.booked[0].end < micros(e.BookedAt) {
			delete(b.byID, b.booked[0].ID)
			b.booked = b.booked[1:]
		}
	case events.MeetingCancelled:
		if m := b.byID[e.MeetingID]; m != nil {
			delete(b.byID, m.ID)
			b.booked = slices.DeleteFunc(b.booked, func(x *Meeting) bool { return x == m })
		}
	}
}
