package events

import "github.com/google/uuid"

// BookingHoursV1 are of one window, without days off and time between meetings.
type BookingHoursV1 struct {
	Window        Window `json:"window"`
	Zone          string `json:"zone,omitzero"`
	SlotMinutes   int    `json:"slot_minutes"`
	NoticeMinutes int    `json:"notice_minutes"`
	DaysAhead     int    `json:"days_ahead"`
}

// Newer returns them as they are said now.
func (h BookingHoursV1) Newer() BookingHours {
	return BookingHours{Windows: []Window{h.Window}, Zone: h.Zone, SlotMinutes: h.SlotMinutes, NoticeMinutes: h.NoticeMinutes, DaysAhead: h.DaysAhead}
}

// BookingHoursSetV1 sets hours of one window.
type BookingHoursSetV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	BookingHoursV1
}

func (BookingHoursSetV1) EventType() string     { return "booking.hours_set.v1" }
func (e BookingHoursSetV1) AggregateID() string { return e.OrganizationID.String() }

// Upcast gives the window as the only one.
func (e BookingHoursSetV1) Upcast() Event {
	return BookingHoursSet{OrganizationRef: OrganizationRef{e.OrganizationID}, BookingHours: e.Newer()}
}
