package aggregates

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Placing is how a meeting stands in its host's calendar.
type Placing uint8

// How it stands there: nobody has said yet; its guest isn't kept waiting any longer; it is there.
const (
	NotPlaced Placing = iota
	PlacedLate
	PlacedThere
)

func placingOf(e events.MeetingPlaced) Placing {
	if e.Late {
		return PlacedLate
	}
	return PlacedThere
}

// heldSlot is a time that is kept for who fills the form in.
type heldSlot struct {
	host              uuid.UUID
	start, end, until int64
}

// hold keeps a time, and forgets those that are kept no longer.
func (b *Meetings) hold(e events.MeetingSlotHeld) {
	maps.DeleteFunc(b.held, func(_ uuid.UUID, h *heldSlot) bool { return h.until <= toMicros(e.HeldAt) })
	putInMap(&b.held, e.MeetingID, &heldSlot{e.HostID, toMicros(e.StartsAt), toMicros(e.EndsAt), toMicros(e.Until)})
}

// HeldUntil returns until when a time is kept for a meeting that may come; zero = it isn't.
func (b *Meetings) HeldUntil(meeting uuid.UUID, start time.Time) (until time.Time) {
	if h := b.held[meeting]; h != nil && h.start == toMicros(start) {
		return toTime(h.until)
	}
	return until
}

// noteHost remembers whose turn it was, and that nothing is held for the meeting any more.
func (b *Meetings) noteHost(m *Meeting) {
	delete(b.held, m.ID)
	if m.Host != uuid.Nil {
		b.gives++
		putInMap(&b.given, m.Host, b.gives)
	}
}

// Overlaps reports whether something else than a meeting is booked or held between two times with a host. What has no host is in everybody's way, and everything is in the way of the
// organisation as a whole.
func (b *Meetings) Overlaps(now time.Time, but, host uuid.UUID, from, to time.Time) bool {
	sameHost := func(other uuid.UUID) bool { return host == uuid.Nil || other == uuid.Nil || other == host }
	for _, m := range b.booked {
		if m.start < toMicros(to) && m.end > toMicros(from) && m.ID != but && sameHost(m.Host) {
			return true
		}
	}
	for id, h := range b.held {
		if id != but && h.until > toMicros(now) && h.start < toMicros(to) && h.end > toMicros(from) && sameHost(h.host) {
			return true
		}
	}
	return false
}

// FreeHost returns who of some hosts has time: for whom it is held, or else who was given a meeting longest ago. Without hosts it is the organisation as a whole.
func (b *Meetings) FreeHost(now time.Time, meeting uuid.UUID, hosts []uuid.UUID, from, to time.Time) (host uuid.UUID, ok bool) {
	if len(hosts) == 0 {
		return uuid.Nil, !b.Overlaps(now, meeting, uuid.Nil, from, to)
	}
	free := slices.DeleteFunc(slices.Clone(hosts), func(h uuid.UUID) bool { return b.Overlaps(now, meeting, h, from, to) })
	if len(free) == 0 {
		return uuid.Nil, false
	}
	if h := b.held[meeting]; h != nil && slices.Contains(free, h.host) {
		return h.host, true
	}
	return slices.MinFunc(free, func(x, y uuid.UUID) int {
		return cmp.Or(cmp.Compare(b.given[x], b.given[y]), slices.Compare(x[:], y[:]))
	}), true
}

// WhoWrite returns those of some connections into whose calendars meetings are written.
func (c Connections) WhoWrite(of []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(of), func(id uuid.UUID) bool { return c[id] == nil || !c[id].Writes })
}
