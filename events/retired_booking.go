package events

import (
	"time"

	"github.com/google/uuid"
)

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

// MeetingBookedV1 was always booked on our own page.
type MeetingBookedV1 struct {
	MessageID  uuid.UUID `json:"message_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
	MailboxID  uuid.UUID `json:"mailbox_id,omitzero"`
	MeetingID  uuid.UUID `json:"meeting_id"`
	StartsAt   time.Time `json:"starts_at"`
	EndsAt     time.Time `json:"ends_at"`
	TimeZone   string    `json:"time_zone,omitzero"`
	Details    Sealed    `json:"details,omitzero"`
	BookedAt   time.Time `json:"booked_at"`
}

func (MeetingBookedV1) EventType() string     { return "meeting.booked.v1" }
func (e MeetingBookedV1) AggregateID() string { return e.LeadID.String() }

// Upcast gives it as it is said now.
func (e MeetingBookedV1) Upcast() Event {
	return MeetingBooked{SentMessageRef: SentMessageRef{e.MessageID, e.LeadID, e.CampaignID, e.MailboxID}, MeetingID: e.MeetingID, StartsAt: e.StartsAt, EndsAt: e.EndsAt, TimeZone: e.TimeZone,
		Details: e.Details, BookedAt: e.BookedAt}
}

// MeetingBookedV2 has no host.
type MeetingBookedV2 struct {
	MessageID  uuid.UUID `json:"message_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"`
	MailboxID  uuid.UUID `json:"mailbox_id,omitzero"`
	MeetingID  uuid.UUID `json:"meeting_id"`
	StartsAt   time.Time `json:"starts_at"`
	EndsAt     time.Time `json:"ends_at"`
	TimeZone   string    `json:"time_zone,omitzero"`
	Details    Sealed    `json:"details,omitzero"`
	BookedAt   time.Time `json:"booked_at"`
	BookedElsewhere
}

func (MeetingBookedV2) EventType() string     { return "meeting.booked.v2" }
func (e MeetingBookedV2) AggregateID() string { return e.LeadID.String() }

// Upcast gives it as it is said now.
func (e MeetingBookedV2) Upcast() Event {
	return MeetingBooked{SentMessageRef: SentMessageRef{e.MessageID, e.LeadID, e.CampaignID, e.MailboxID}, MeetingID: e.MeetingID, StartsAt: e.StartsAt, EndsAt: e.EndsAt, TimeZone: e.TimeZone, Details: e.Details, BookedAt: e.BookedAt,
		BookedElsewhere: e.BookedElsewhere}
}
