package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetCampaignBooking sets on whose page people of a campaign book. The edge has checked the page.
type SetCampaignBooking struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignBooking
}

func (SetCampaignBooking) CommandType() string { return "campaign.set_booking.v1" }

// Decide refuses a service that isn't connected: nobody would hear of its bookings, and people who have booked would be written to.
func (c SetCampaignBooking) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Booking == c.CampaignBooking:
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	case (c.Service == "") != (c.Page == ""):
		return nil, errInvalid("page", "is that of a service")
	case c.Service != "" && !o.Connections.Has(c.Service):
		return nil, errInvalid("service", "isn't connected: nobody would hear who has booked")
	}
	if err := firstError(checkText("service", c.Service, 0, 40), checkText("page", c.Page, 0, 500)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignBookingSet{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, CampaignBooking: c.CampaignBooking})
}
