package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// CreateCampaign makes a draft.
type CreateCampaign struct {
	CampaignID   uuid.UUID     `json:"campaign_id"`
	Name         string        `json:"name"`
	CampaignType string        `json:"campaign_type"`
	TimeZone     string        `json:"time_zone,omitempty"`
	StartDate    string        `json:"start_date,omitempty"` // local, "2006-01-02"
	EndDate      string        `json:"end_date,omitempty"`
	CreatedBy    string        `json:"created_by"` // "kind:id" of the actor
	Approval     string        `json:"approval"`
	Steps        []events.Step `json:"steps"`
}

func (CreateCampaign) CommandType() string { return "campaign.create.v1" }

// RenameCampaign gives it another name.
type RenameCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Name       string    `json:"name"`
	IfVersion  *int      `json:"if_version,omitempty"`
}

func (RenameCampaign) CommandType() string { return "campaign.rename.v1" }

// ChangeCampaignSteps replaces all steps.
type ChangeCampaignSteps struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	IfVersion  *int          `json:"if_version,omitempty"`
}

func (ChangeCampaignSteps) CommandType() string { return "campaign.change_steps.v1" }

// DeleteCampaign takes away a draft that nobody is enrolled in.
type DeleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	IfVersion  *int      `json:"if_version,omitempty"`
}

func (DeleteCampaign) CommandType() string { return "campaign.delete.v1" }
