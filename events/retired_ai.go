package events

import "github.com/google/uuid"

// AISettingsV1 has no limit for one lead.
type AISettingsV1 struct {
	Provider    string             `json:"provider"`
	BaseURL     string             `json:"base_url,omitzero"`
	KeyID       uuid.UUID          `json:"key_id,omitzero"`
	Models      map[string]AIModel `json:"models,omitzero"`
	LimitMicros int64              `json:"limit_micros,omitzero"`
}

// AISettingsChangedV1 is from before there was one.
type AISettingsChangedV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	AISettingsV1
}

func (AISettingsChangedV1) EventType() string     { return "ai.settings_changed.v1" }
func (e AISettingsChangedV1) AggregateID() string { return e.OrganizationID.String() }

// Upcast leaves leads without a limit.
func (e AISettingsChangedV1) Upcast() Event {
	return AISettingsChanged{AIRef: AIRef{e.OrganizationID}, AISettings: AISettings{Provider: e.Provider, BaseURL: e.BaseURL, KeyID: e.KeyID, Models: e.Models, LimitMicros: e.LimitMicros}}
}

// CampaignWritingV1 has no limit of what models may cost.
type CampaignWritingV1 struct {
	Off          bool   `json:"off,omitzero"`
	Instructions string `json:"instructions,omitzero"`
	Refused      string `json:"refused"`
}

// CampaignWritingSetV1 is from before there was one.
type CampaignWritingSetV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	CampaignID     uuid.UUID `json:"campaign_id"`
	CampaignWritingV1
}

func (CampaignWritingSetV1) EventType() string     { return "ai_writing.set.v1" }
func (e CampaignWritingSetV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the campaign without a limit.
func (e CampaignWritingSetV1) Upcast() Event {
	return CampaignWritingSet{AIWritingRef: AIWritingRef{e.OrganizationID, e.CampaignID}, CampaignWriting: CampaignWriting{Off: e.Off, Instructions: e.Instructions, Refused: e.Refused}}
}
