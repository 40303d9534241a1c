package aggregates

import (
	"maps"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// OutsideMeeting is what is remembered of a booking on somebody else's page, as what is told of it comes in any order and more than once.
type OutsideMeeting struct {
	State  string // events.ReplacedBooked, ReplacedCancelled, ReplacedBefore; events.ReplacedUnknown: only that another one replaces it
	LeadID uuid.UUID
	By     uuid.UUID // that replaces it
	end    int64
}

// OutsideMeetingID returns the id of the meeting that is a booking of a connection's service.
func OutsideMeetingID(connection uuid.UUID, externalID string) uuid.UUID {
	return es.DeriveID(connection, "meeting", externalID)
}

// OutsideMeeting returns what is known of one; the zero value for nothing.
func (b *Meetings) OutsideMeeting(id uuid.UUID) OutsideMeeting { return b.outside[id] }

func (b *Meetings) noteOutside(m *Meeting, now int64) {
	maps.DeleteFunc(b.outside, func(_ uuid.UUID, x OutsideMeeting) bool { return x.end+outcomeWithin.Microseconds() < now })
	if m.Outside {
		putInMap(&b.outside, m.ID, OutsideMeeting{State: events.ReplacedBooked, LeadID: m.LeadID, By: b.outside[m.ID].By, end: m.end})
	}
}

func (b *Meetings) changeOutside(id uuid.UUID, change func(*OutsideMeeting)) {
	if m, ok := b.outside[id]; ok {
		change(&m)
		b.outside[id] = m
	}
}

func (b *Meetings) replaceOutside(e events.MeetingReplaced) {
	if e.Was == events.ReplacedUnknown {
		putInMap(&b.outside, e.MeetingID, OutsideMeeting{State: events.ReplacedUnknown, LeadID: e.LeadID, By: e.By, end: b.outside[e.By].end})
		return
	}
	b.changeOutside(e.MeetingID, func(m *OutsideMeeting) { m.State, m.By = events.ReplacedBefore, e.By })
}
