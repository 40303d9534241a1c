package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Template is what the edge found in the text of a variant by parsing it.
type Template struct {
	StepID          uuid.UUID  `json:"step_id"`
	VariantID       uuid.UUID  `json:"variant_id"`
	Variables       []Variable `json:"variables,omitzero"`
	UnsubscribeLink bool       `json:"unsubscribe_link"` // the body holds {{ unsubscribe_link }}
	Problem         string     `json:"problem,omitzero"` // what is wrong with it, if it can't be parsed
}

// Variable that a template uses.
type Variable struct {
	Name     string `json:"name"`
	Fallback bool   `json:"fallback"` // it has a default where a lead lacks it
}

// LaunchCampaign begins the sending. The templates are those of the version named.
type LaunchCampaign struct {
	CampaignID uuid.UUID  `json:"campaign_id"`
	Templates  []Template `json:"templates"`
	IfVersion  *int       `json:"if_version,omitzero"` // must be there
}

func (LaunchCampaign) CommandType() string { return "campaign.launch.v1" }

// ReviseCampaign replaces the steps of a campaign that is live, for who is enrolled from then on.
type ReviseCampaign struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	Templates  []Template    `json:"templates"`
	IfVersion  *int          `json:"if_version,omitzero"`
}

func (ReviseCampaign) CommandType() string { return "campaign.revise.v1" }

// SetCampaignSettings replaces them.
type SetCampaignSettings struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignSettings
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetCampaignSettings) CommandType() string { return "campaign.set_settings.v1" }

// AssignMailboxes names all mailboxes that write to new people.
type AssignMailboxes struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
	IfVersion  *int        `json:"if_version,omitzero"`
}

func (AssignMailboxes) CommandType() string { return "campaign.assign_mailboxes.v1" }

// PauseCampaign stops it until it is resumed.
type PauseCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (PauseCampaign) CommandType() string { return "campaign.pause.v1" }

// ResumeCampaign lets it go on.
type ResumeCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (ResumeCampaign) CommandType() string { return "campaign.resume.v1" }

// CompleteCampaign ends it, and every enrollment in it.
type CompleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (CompleteCampaign) CommandType() string { return "campaign.complete.v1" }
