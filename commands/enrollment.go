package commands

import "github.com/google/uuid"

// EnrollLeads puts up to MaxItems leads on a campaign, in order, as far as the quota reaches.
type EnrollLeads struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
}

func (EnrollLeads) CommandType() string { return "enrollment.start.v1" }
