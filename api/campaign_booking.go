package api

import (
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/scheduling"
	"outrider/projections"
)

// setCampaignBooking sets on whose page people book.
func setCampaignBooking(_ *call, id uuid.UUID, body gen.CampaignBooking) (commands.Command, error) {
	b := events.CampaignBooking{Service: string(body.Service), Page: body.Page}
	if b.Service != "" {
		if err := scheduling.CheckPage(b.Service, b.Page); err != nil {
			return nil, invalidField("page", err.Error())
		}
	}
	return commands.SetCampaignBooking{CampaignID: id, CampaignBooking: b}, nil
}

func bookingOf(r *projections.Campaign) gen.CampaignBooking {
	return gen.CampaignBooking{Service: gen.BookingService(r.BookingService), Page: r.BookingPage}
}
