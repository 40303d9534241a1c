package events

import "github.com/google/uuid"

// AIWritingRef names a campaign whose messages a language model writes.
type AIWritingRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	CampaignID     uuid.UUID `json:"campaign_id"`
}

// AggregateID is the campaign: on its timeline it stands.
func (r AIWritingRef) AggregateID() string { return r.CampaignID.String() }

// What becomes of a sentence of a model that nothing carries.
const (
	RefusedWaits    = "wait"    // the message waits for a person
	RefusedDropped  = "drop"    // it is left out
	RefusedReplaced = "replace" // the fact that it cites is said in its own words; without one it is left out
)

// CampaignWriting is how a language model writes the messages of a campaign.
type CampaignWriting struct {
	Off          bool   `json:"off,omitzero"`          // it doesn't: the templates do
	Instructions string `json:"instructions,omitzero"` // what is to be said, and in which tone
	Refused      string `json:"refused"`               // one of Refused...
	// LimitMicros is what language models may cost for the campaign, whatever they do and whatever the period, in USD micro-units; 0 = no limit.
	LimitMicros int64 `json:"limit_micros,omitzero"`
}

// CampaignWritingSet replaces it.
type CampaignWritingSet struct {
	AIWritingRef
	CampaignWriting
}

func (CampaignWritingSet) EventType() string { return "ai_writing.set.v2" }

// DefaultCampaignWriting is how a language model writes where a campaign says nothing of it.
func DefaultCampaignWriting() CampaignWriting { return CampaignWriting{Refused: RefusedWaits} }
