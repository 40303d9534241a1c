package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EnrollLeadsV1 is EnrollLeads that can't leave out leads on other campaigns.
type EnrollLeadsV1 struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (EnrollLeadsV1) CommandType() string { return "enrollment.start.v1" }

// Decide decides as EnrollLeads does.
func (c EnrollLeadsV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return EnrollLeads{CampaignID: c.CampaignID, LeadIDs: c.LeadIDs}.Decide(now, o)
}
