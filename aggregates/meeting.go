package aggregates

import (
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Meetings are the booking hours of an organisation and what is booked.
type Meetings struct {
	Hours  events.BookingHours
	Set    bool
	window Window
	byID   map[uuid.UUID]*Meeting
	off    map[uuid.UUID]*Meeting // cancelled ones, until somebody has claimed to tell the guest, or they would be over
	booked []*Meeting             // by start; those that ended before the newest booking are dropped
}

// Meeting is an appointment. It is kept until it is over.
type Meeting struct {
	ID         uuid.UUID
	LeadID     uuid.UUID
	Confirmed  bool // somebody has claimed to write to the guest
	start, end int64
}

// Is reports whether exactly these hours are set.
func (b *Meetings) Is(h events.BookingHours) bool { return b.Set && digestOf(b.Hours) == digestOf(h) }

// Get returns a meeting, or nil.
func (b *Meetings) Get(id uuid.UUID) *Meeting { return b.byID[id] }

// Cancelled returns a cancelled meeting of which nobody has claimed to tell the guest yet, or nil.
func (b *Meetings) Cancelled(id uuid.UUID) *Meeting { return b.off[id] }

// Ends returns when it is over.
func (m *Meeting) Ends() time.Time { return toTime(m.end) }

// Starts returns when it begins.
func (m *Meeting) Starts() time.Time { return toTime(m.start) }

// Overlaps reports whether something is booked between two times.
func (b *Meetings) Overlaps(from, to time.Time) bool {
	for _, m := range b.booked {
		if m.start < toMicros(to) && m.end > toMicros(from) {
			return true
		}
	}
	return false
}

// InHours reports whether a slot lies in the hours and begins where slots begin.
func (o *Organization) InHours(from, to time.Time) bool {
	b := &o.Meetings
	return b.Set && b.window.holdsSlot(from, to, b.Hours.SlotMinutes, o.zones.firstLocation(o.zones.byName[b.Hours.Zone], o.zones.home))
}

// holdsSlot reports whether a slot lies in the window of one day and begins where slots begin.
func (w *Window) holdsSlot(from, to time.Time, minutes int, loc *time.Location) bool {
	h, m, s := from.In(loc).Clock()
	last := to.Add(-time.Microsecond)
	return w.Open(from, loc) && w.Open(last, loc) && dayNumber(from.In(loc)) == dayNumber(last.In(loc)) && s == 0 && from.Nanosecond() == 0 && (h*60+m-w.from)%minutes == 0
}

// Slots returns when the slots in [from, to] begin that BookMeeting would give if nothing were booked; loc is the zone of the
// hours. An hour that comes twice (the clock is put back) is returned once.
func Slots(hours events.BookingHours, loc *time.Location, from, to time.Time) (out []time.Time) {
	w := NewWindow(hours.Window, nil)
	length := time.Duration(hours.SlotMinutes) * time.Minute
	if length <= 0 {
		return nil
	}
	y, mo, d := from.In(loc).Date()
	for day := time.Date(y, mo, d, 0, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
		y, mo, d = day.Date()
		for m := w.from; m+hours.SlotMinutes <= w.to; m += hours.SlotMinutes {
			at := time.Date(y, mo, d, 0, m, 0, 0, loc)
			if at.After(to) {
				return out
			}
			if !at.Before(from) && w.holdsSlot(at, at.Add(length), hours.SlotMinutes, loc) {
				out = append(out, at.UTC())
			}
		}
		if day.After(to.AddDate(0, 0, 2)) { // a window that is never open
			return out
		}
	}
}

func (o *Organization) applyBookingHours(event events.OrganizationEvent) {
	if e, ok := event.(events.BookingHoursSet); ok {
		b := &o.Meetings
		b.Hours, b.Set, b.window = e.BookingHours, true, NewWindow(e.Window, nil)
		o.zones.refOf(e.Zone)
	}
}

func (b *Meetings) applyEvent(event events.MeetingEvent) {
	switch e := event.(type) {
	case events.MeetingBooked:
		if b.byID == nil {
			b.byID = map[uuid.UUID]*Meeting{}
		}
		m := &Meeting{ID: e.MeetingID, LeadID: e.LeadID, start: toMicros(e.StartsAt), end: toMicros(e.EndsAt)}
		b.byID[m.ID] = m
		i := sort.Search(len(b.booked), func(i int) bool { return b.booked[i].start > m.start })
		b.booked = slices.Insert(b.booked, i, m)
		for len(b.booked) > 0 && b.booked[0].end < toMicros(e.BookedAt) {
			delete(b.byID, b.booked[0].ID)
			b.booked = b.booked[1:]
		}
		maps.DeleteFunc(b.off, func(_ uuid.UUID, x *Meeting) bool { return x.end < toMicros(e.BookedAt) })
	case events.MeetingConfirmationClaimed:
		if m := b.byID[e.MeetingID]; m != nil {
			m.Confirmed = true
		}
	case events.MeetingCancelled:
		if m := b.byID[e.MeetingID]; m != nil {
			delete(b.byID, m.ID)
			b.booked = slices.DeleteFunc(b.booked, func(x *Meeting) bool { return x == m })
			putInMap(&b.off, m.ID, m)
		}
	case events.MeetingCancellationClaimed:
		delete(b.off, e.MeetingID)
	}
}
