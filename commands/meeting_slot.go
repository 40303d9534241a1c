package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// slotAsked is a time that somebody wants for a meeting.
type slotAsked struct {
	lead, meeting uuid.UUID
	hosts         []uuid.UUID // who could be met; none = the organisation as a whole
	from, to      time.Time
}

// hostOf returns who is met.
func hostOf(is *aggregates.Meeting) []uuid.UUID {
	if is.Host == uuid.Nil {
		return nil
	}
	return []uuid.UUID{is.Host}
}

// findHost returns who has time at a slot, zero for the organisation as a whole. It refuses a time that isn't offered, or at which another meeting is, or too close to it.
func findHost(now time.Time, o *aggregates.Organization, a slotAsked) (uuid.UUID, error) {
	hours := o.Meetings.Hours
	first, last := now.Add(time.Duration(hours.NoticeMinutes)*time.Minute), now.AddDate(0, 0, hours.DaysAhead)
	if a.from.Before(first) || a.from.After(last) || !o.InHours(a.from, a.to) {
		return uuid.Nil, refuseAbout(a.lead, CodeSlotClosed, detailID{a.meeting})
	}
	gap := aggregates.Gap(hours)
	host, ok := o.Meetings.FreeHost(now, a.meeting, a.hosts, a.from.Add(-gap), a.to.Add(gap))
	if !ok {
		return uuid.Nil, refuseAbout(a.lead, CodeSlotTaken, detailID{a.meeting})
	}
	return host, nil
}

// HoldFor is how long a time is kept for who fills the form in.
const HoldFor = 5 * time.Minute

// HoldSlot keeps a time for a guest who is filling the form in.
type HoldSlot struct {
	events.MeetingRef
	StartsAt time.Time   `json:"starts_at"`
	Hosts    []uuid.UUID `json:"hosts,omitzero"` // as in BookMeeting
}

func (HoldSlot) CommandType() string { return "meeting.hold_slot.v1" }

// Decide keeps one time for each meeting that may come of it; another one takes its place. A time that is held isn't held for longer by asking again.
func (c HoldSlot) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.MeetingID == uuid.Nil || o.Leads.Get(c.LeadID) == nil {
		return nil, errInvalid("meeting_id", "and lead_id are required")
	}
	if o.Meetings.Get(c.MeetingID) != nil {
		return nil, errAlreadyExists(c.MeetingID)
	}
	if o.Meetings.HeldUntil(c.MeetingID, c.StartsAt).After(now) {
		return nil, nil
	}
	hosts, err := offeredHosts(o, c.LeadID, c.MeetingID, c.Hosts)
	if err != nil {
		return nil, err
	}
	ends := c.StartsAt.Add(time.Duration(o.Meetings.Hours.SlotMinutes) * time.Minute)
	host, err := findHost(now, o, slotAsked{c.LeadID, c.MeetingID, hosts, c.StartsAt, ends})
	if err != nil {
		return nil, err
	}
	return oneEvent(events.MeetingSlotHeld{MeetingRef: c.MeetingRef, HostID: host, StartsAt: c.StartsAt.UTC(), EndsAt: ends.UTC(), HeldAt: now, Until: now.Add(HoldFor)})
}

// offeredHosts leaves out who isn't met any more. It refuses a time for which nobody is left.
func offeredHosts(o *aggregates.Organization, lead, meeting uuid.UUID, hosts []uuid.UUID) ([]uuid.UUID, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	left := o.Connections.WhoWrite(hosts)
	if len(left) == 0 {
		return nil, refuseAbout(lead, CodeSlotClosed, detailID{meeting})
	}
	return left, nil
}
