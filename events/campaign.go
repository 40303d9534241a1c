package events

import "github.com/google/uuid"

// Types of campaign.
const (
	ColdOutreach = "cold_outreach"
	FollowUp     = "follow_up"
	Nurture      = "nurture"
)

// Which messages a person must approve.
const (
	ApproveNone  = "none"
	ApproveFirst = "first"
	ApproveAll   = "all"
)

// StepEmail is the kind of step that sends an e-mail.
const StepEmail = "email"

// Step of a sequence. Its id stays the same through every edit.
type Step struct {
	StepID    uuid.UUID `json:"step_id"`
	Kind      string    `json:"kind"`
	DelayDays int       `json:"delay_days"` // after the step before
	Variants  []Variant `json:"variants"`   // one at first
}

// Variant of a step's text; recipients are split by weight.
type Variant struct {
	VariantID uuid.UUID `json:"variant_id"`
	Name      string    `json:"name,omitzero"`
	Subject   string    `json:"subject"`
	Body      string    `json:"body"`
	Weight    int       `json:"weight"`
}

// CampaignCreated is a draft.
type CampaignCreated struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	Name         string    `json:"name"`
	CampaignType string    `json:"campaign_type"`
	TimeZone     string    `json:"time_zone,omitzero"`  // where a lead has none; empty = the organisation's
	StartDate    string    `json:"start_date,omitzero"` // local date
	EndDate      string    `json:"end_date,omitzero"`   // local date, included
	CreatedBy    string    `json:"created_by"`          // "kind:id" of the actor
	Approval     string    `json:"approval"`
	Steps        []Step    `json:"steps"`
}

func (CampaignCreated) EventType() string     { return "campaign.created.v1" }
func (e CampaignCreated) AggregateID() string { return e.CampaignID.String() }

// CampaignRenamed gives a campaign another name.
type CampaignRenamed struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Name       string    `json:"name"`
}

func (CampaignRenamed) EventType() string     { return "campaign.renamed.v1" }
func (e CampaignRenamed) AggregateID() string { return e.CampaignID.String() }

// CampaignStepsChanged holds all steps anew.
type CampaignStepsChanged struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Steps      []Step    `json:"steps"`
}

func (CampaignStepsChanged) EventType() string     { return "campaign.steps_changed.v1" }
func (e CampaignStepsChanged) AggregateID() string { return e.CampaignID.String() }

// CampaignDeleted takes a draft away.
type CampaignDeleted struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (CampaignDeleted) EventType() string     { return "campaign.deleted.v1" }
func (e CampaignDeleted) AggregateID() string { return e.CampaignID.String() }
