package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetAISettingsV1 is SetAISettings of who knows of no limit for one lead.
type SetAISettingsV1 struct {
	events.AISettingsV1
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetAISettingsV1) CommandType() string { return "ai.set_settings.v1" }

// Decide leaves that limit as it is.
func (c SetAISettingsV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return SetAISettings{AISettings: events.AISettings{Provider: c.Provider, BaseURL: c.BaseURL, KeyID: c.KeyID, Models: c.Models, LimitMicros: c.LimitMicros, LeadLimitMicros: o.AI.Settings.LeadLimitMicros},
		IfVersion: c.IfVersion}.Decide(now, o)
}

// SetCampaignWritingV1 is SetCampaignWriting of who knows of no limit of what models may cost.
type SetCampaignWritingV1 struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignWritingV1
}

func (SetCampaignWritingV1) CommandType() string { return "ai_writing.set.v1" }

// Decide leaves that limit as it is.
func (c SetCampaignWritingV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	set := events.CampaignWriting{Off: c.Off, Instructions: c.Instructions, Refused: c.Refused}
	if is := o.Campaigns[c.CampaignID]; is != nil {
		set.LimitMicros = is.Writing().LimitMicros
	}
	return SetCampaignWriting{CampaignID: c.CampaignID, CampaignWriting: set}.Decide(now, o)
}
