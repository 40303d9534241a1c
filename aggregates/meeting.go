package aggregates

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Meetings are the booking hours of an organisation and what is booked.
type Meetings struct {
	Hours   events.BookingHours
	Set     bool
	windows []Window
	byID    map[uuid.UUID]*Meeting
	off     map[uuid.UUID]*Meeting // cancelled ones, until somebody has claimed to tell the guest, or they would be over
	booked  []*Meeting             // by start; those that ended before the newest booking are over
	over    map[uuid.UUID]*Meeting // until nobody may say any more what came of them
	oldest  []*Meeting             // those of over, in the order in which they came to be there
	outside map[uuid.UUID]OutsideMeeting
	held    map[uuid.UUID]*heldSlot // by the meeting that may come of it
	given   map[uuid.UUID]int64     // host: number of the meeting that they were given last
	gives   int64
}

// outcomeWithin is how long it may be said what came of a meeting.
const outcomeWithin = 90 * 24 * time.Hour

// Meeting is an appointment.
type Meeting struct {
	ID         uuid.UUID
	LeadID     uuid.UUID
	Confirmed  bool // somebody has claimed to write to the guest
	Moves      int  // how often it was moved
	MoveTold   int  // of which move somebody has claimed to tell the guest
	Outcome    string
	Outside    bool      // it was booked on somebody else's page, and is changed there only
	Host       uuid.UUID // connection to the calendar of who is met; zero = the organisation as a whole
	Placed     Placing
	start, end int64
}

// Is reports whether exactly these hours are set.
func (b *Meetings) Is(h events.BookingHours) bool { return b.Set && digestOf(b.Hours) == digestOf(h) }

// Get returns a meeting, or nil.
func (b *Meetings) Get(id uuid.UUID) *Meeting { return b.byID[id] }

// Past returns a meeting that is over, or nil. The time until which a meeting lasts may have come before it is one of these.
func (b *Meetings) Past(id uuid.UUID) *Meeting { return b.over[id] }

// Cancelled returns a cancelled meeting of which nobody has claimed to tell the guest yet, or nil.
func (b *Meetings) Cancelled(id uuid.UUID) *Meeting { return b.off[id] }

// Ends returns when it is over.
func (m *Meeting) Ends() time.Time { return toTime(m.end) }

// Starts returns when it begins.
func (m *Meeting) Starts() time.Time { return toTime(m.start) }

// Gap is how long nothing is booked between two meetings: what is kept free after one is also before the next.
func Gap(hours events.BookingHours) time.Duration {
	return time.Duration(max(hours.BufferBefore, hours.BufferAfter)) * time.Minute
}

// InHours reports whether a slot lies in the hours and begins where slots begin.
func (o *Organization) InHours(from, to time.Time) bool {
	b := &o.Meetings
	loc := o.zones.firstLocation(o.zones.byName[b.Hours.Zone], o.zones.home)
	return b.Set && slices.ContainsFunc(b.windows, func(w Window) bool { return w.holdsSlot(from, to, b.Hours.SlotMinutes, loc) })
}

// windowsOf reads the windows of hours that Decide has checked.
func windowsOf(hours events.BookingHours) []Window {
	out := make([]Window, len(hours.Windows))
	for i, w := range hours.Windows {
		out[i] = NewWindow(w, hours.DaysOff)
	}
	return out
}

// holdsSlot reports whether a slot lies in the window of one day and begins where slots begin.
func (w *Window) holdsSlot(from, to time.Time, minutes int, loc *time.Location) bool {
	h, m, s := from.In(loc).Clock()
	last := to.Add(-time.Microsecond)
	return w.Open(from, loc) && w.Open(last, loc) && dayNumber(from.In(loc)) == dayNumber(last.In(loc)) && s == 0 && from.Nanosecond() == 0 && (h*60+m-w.from)%minutes == 0
}

// Slots returns when the slots in [from, to] begin that BookMeeting would give if nothing were booked; loc is the zone of the
// hours. An hour that comes twice (the clock is put back) is returned once.
func Slots(hours events.BookingHours, loc *time.Location, from, to time.Time) []time.Time {
	return SlotsOf(hours, time.Duration(hours.SlotMinutes)*time.Minute, loc, from, to)
}

// SlotsOf returns those for meetings of another length, which begin where slots begin.
func SlotsOf(hours events.BookingHours, length time.Duration, loc *time.Location, from, to time.Time) (out []time.Time) {
	windows := windowsOf(hours)
	if length <= 0 || hours.SlotMinutes <= 0 {
		return nil
	}
	y, mo, d := from.In(loc).Date()
	for day := time.Date(y, mo, d, 0, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
		y, mo, d = day.Date()
		for _, w := range windows {
			for m := w.from; m+hours.SlotMinutes <= w.to; m += hours.SlotMinutes {
				at := time.Date(y, mo, d, 0, m, 0, 0, loc)
				if at.After(to) {
					break
				}
				if !at.Before(from) && w.holdsSlot(at, at.Add(length), hours.SlotMinutes, loc) {
					out = append(out, at.UTC())
				}
			}
		}
		if day.After(to.AddDate(0, 0, 2)) { // whatever the zone
			slices.SortFunc(out, time.Time.Compare)
			return out
		}
	}
}

func (o *Organization) applyBookingHours(event events.OrganizationEvent) {
	if e, ok := event.(events.BookingHoursSet); ok {
		b := &o.Meetings
		b.Hours, b.Set, b.windows = e.BookingHours, true, windowsOf(e.BookingHours)
		o.zones.refOf(e.Zone)
	}
}

func (b *Meetings) applyEvent(event events.MeetingEvent) {
	switch e := event.(type) {
	case events.MeetingBooked:
		if b.byID == nil {
			b.byID = map[uuid.UUID]*Meeting{}
		}
		m := &Meeting{ID: e.MeetingID, LeadID: e.LeadID, Outside: e.Service != "", Host: e.HostID, start: toMicros(e.StartsAt), end: toMicros(e.EndsAt)}
		b.byID[m.ID] = m
		b.insert(m)
		b.noteHost(m)
		b.endOld(toMicros(e.BookedAt))
		b.noteOutside(m, toMicros(e.BookedAt))
		maps.DeleteFunc(b.off, func(_ uuid.UUID, x *Meeting) bool { return x.end < toMicros(e.BookedAt) })
	case events.MeetingConfirmationClaimed:
		if m := b.byID[e.MeetingID]; m != nil {
			m.Confirmed = true
		}
	case events.MeetingCancelled:
		if m := b.byID[e.MeetingID]; m != nil {
			delete(b.byID, m.ID)
			b.remove(m)
			if !m.Outside { // their guests are told by who took the booking
				putInMap(&b.off, m.ID, m)
			}
		}
		b.changeOutside(e.MeetingID, func(m *OutsideMeeting) { m.State = events.ReplacedCancelled })
	case events.MeetingReplaced:
		if m := b.byID[e.MeetingID]; m != nil {
			delete(b.byID, m.ID)
			b.remove(m)
		}
		b.replaceOutside(e)
	case events.MeetingRescheduled:
		if m := b.byID[e.MeetingID]; m != nil {
			b.remove(m)
			m.Moves, m.Outcome, m.start, m.end = e.Move, "", toMicros(e.StartsAt), toMicros(e.EndsAt)
			b.insert(m)
		}
	case events.MeetingMoveClaimed:
		if m := b.byID[e.MeetingID]; m != nil {
			m.MoveTold = e.Move
		}
	case events.MeetingOutcomeSet:
		if m := cmp.Or(b.byID[e.MeetingID], b.over[e.MeetingID]); m != nil {
			m.Outcome = e.Outcome
		}
	case events.MeetingCancellationClaimed:
		delete(b.off, e.MeetingID)
	case events.MeetingPlaced:
		if m := b.byID[e.MeetingID]; m != nil {
			m.Placed = placingOf(e)
		}
	case events.MeetingSlotHeld:
		b.hold(e)
	}
}

func (b *Meetings) insert(m *Meeting) {
	i := sort.Search(len(b.booked), func(i int) bool { return b.booked[i].start > m.start })
	b.booked = slices.Insert(b.booked, i, m)
}

func (b *Meetings) remove(m *Meeting) {
	b.booked = slices.DeleteFunc(b.booked, func(x *Meeting) bool { return x == m })
}

// endOld puts meetings that have ended where they are in nobody's way, and forgets those of which nobody may say any more what came of them.
func (b *Meetings) endOld(now int64) {
	gap := Gap(b.Hours).Microseconds()
	for len(b.booked) > 0 && b.booked[0].end+gap < now {
		m := b.booked[0]
		delete(b.byID, m.ID)
		putInMap(&b.over, m.ID, m)
		b.oldest = append(b.oldest, m)
		b.booked = b.booked[1:]
	}
	for len(b.oldest) > 0 && b.oldest[0].end+outcomeWithin.Microseconds() < now {
		delete(b.over, b.oldest[0].ID)
		b.oldest = b.oldest[1:]
	}
}
