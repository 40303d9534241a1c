package visitor

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/internal/app/calendars"
	"outrider/internal/googlecalendar"
)

// candidates are who could be met; the zero id is the organisation as a whole. A meeting that is moved stays with whom it is.
func (d *availability) candidates() []uuid.UUID {
	switch {
	case d.moving != nil && d.moving.HostID != nil:
		return []uuid.UUID{*d.moving.HostID}
	case d.moving != nil || !d.hosts.Hosted:
		return []uuid.UUID{uuid.Nil}
	}
	out := make([]uuid.UUID, 0, len(d.hosts.Hosts))
	for _, h := range d.hosts.Hosts {
		out = append(out, h.Connection)
	}
	return out
}

// isAway reports whether no time can be shown, as nobody who could be met has a calendar that can be read now.
func (d *availability) isAway() bool {
	if !d.set || d.hosts.Away {
		return d.set
	}
	if d.moving != nil && d.moving.HostID != nil {
		return !slices.ContainsFunc(d.hosts.Hosts, func(h calendars.Host) bool { return h.Connection == *d.moving.HostID })
	}
	return d.moving == nil && d.hosts.Hosted && len(d.hosts.Hosts) == 0
}

// freeHosts returns who could be met at a time: no meeting of theirs is then or too close to it, nothing is held for another guest, and their calendar says that they are free.
func (d *availability) freeHosts(at time.Time) []uuid.UUID {
	gap := aggregates.Gap(d.hours)
	from, to := at.Add(-gap), at.Add(d.slotLength()+gap)
	return slices.DeleteFunc(d.candidates(), func(host uuid.UUID) bool {
		return d.hasMeeting(host, at, from, to) || d.isHeld(host, from, to) || !d.hosts.IsFree(host, from, to, d.own())
	})
}

// own is the meeting that is moved, as it stands in its host's calendar.
func (d *availability) own() *googlecalendar.Span {
	if d.moving == nil {
		return nil
	}
	return &googlecalendar.Span{From: d.moving.StartsAt, To: d.moving.EndsAt}
}

// inWay reports whether what is with one host is in the way of another; what is with none is in everybody's, and everything in that of the organisation as a whole.
func inWay(of *uuid.UUID, host uuid.UUID) bool {
	return of == nil || host == uuid.Nil || *of == host
}

func (d *availability) hasMeeting(host uuid.UUID, at, from, to time.Time) bool {
	for _, m := range d.taken {
		if d.moving != nil && m.MeetingID == d.moving.MeetingID {
			if m.StartsAt.Equal(at) { // it is there already
				return true
			}
			continue
		}
		if m.StartsAt.Before(to) && m.EndsAt.After(from) && inWay(m.HostID, host) {
			return true
		}
	}
	return false
}

// isHeld reports whether a time is kept for another guest.
func (d *availability) isHeld(host uuid.UUID, from, to time.Time) bool {
	for _, h := range d.held {
		if h.MeetingID != d.next && h.StartsAt.Before(to) && h.EndsAt.After(from) && inWay(h.HostID, host) {
			return true
		}
	}
	return false
}

// isTaken reports whether nobody could be met at a time.
func (d *availability) isTaken(at time.Time) bool { return len(d.freeHosts(at)) == 0 }

// findHindrance is what stands against a time, as far as the read models know; "" = nothing.
func (d *availability) findHindrance(start time.Time) string {
	switch {
	case d.isAway():
		return sayAway
	case slices.ContainsFunc(d.freeSlots(), start.Equal):
		return ""
	case d.isTaken(start):
		return sayTaken
	}
	return sayClosed
}
