package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Shapes that nothing sends any more. The commands topic keeps what was sent for seven days, an older program beside this one
// may still send them, and their schemas are published: so their routes stay, and decide as they always did.

// CreateCampaignV1 is CreateCampaign without what is in the templates.
type CreateCampaignV1 struct {
	CampaignID   uuid.UUID     `json:"campaign_id"`
	Name         string        `json:"name"`
	CampaignType string        `json:"campaign_type"`
	TimeZone     string        `json:"time_zone,omitzero"`
	StartDate    string        `json:"start_date,omitzero"`
	EndDate      string        `json:"end_date,omitzero"`
	CreatedBy    string        `json:"created_by"`
	Approval     string        `json:"approval"`
	Steps        []events.Step `json:"steps"`
}

func (CreateCampaignV1) CommandType() string { return "campaign.create.v1" }

// Decide makes a draft that can be launched once its steps were set again.
func (c CreateCampaignV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Name: c.Name, CampaignType: c.CampaignType, TimeZone: c.TimeZone, StartDate: c.StartDate, EndDate: c.EndDate,
		CreatedBy: c.CreatedBy, Approval: c.Approval, Steps: c.Steps}.Decide(now, o)
}

// ChangeCampaignSteps replaces all steps of a draft; today SetCampaignSteps.
type ChangeCampaignSteps struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	IfVersion  *int          `json:"if_version,omitzero"`
}

func (ChangeCampaignSteps) CommandType() string { return "campaign.change_steps.v1" }

// Decide has nothing to do for the steps that it has.
func (c ChangeCampaignSteps) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, refuseStatus(is)
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkSteps(c.Steps)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Steps: c.Steps})
}

// ReviseCampaign replaces the steps of a live campaign; today SetCampaignSteps.
type ReviseCampaign struct {
	CampaignID uuid.UUID                 `json:"campaign_id"`
	Steps      []events.Step             `json:"steps"`
	Templates  []events.TemplateAnalysis `json:"templates"`
	IfVersion  *int                      `json:"if_version,omitzero"`
}

func (ReviseCampaign) CommandType() string { return "campaign.revise.v1" }

// Decide wants of the new steps what a launch wants.
func (c ReviseCampaign) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case !is.Live():
		return nil, refuseStatus(is)
	}
	return SetCampaignSteps(c).Decide(now, o)
}

// LaunchCampaignV1 brings along what is in the templates of one version.
type LaunchCampaignV1 struct {
	CampaignID uuid.UUID                 `json:"campaign_id"`
	Templates  []events.TemplateAnalysis `json:"templates"`
	IfVersion  *int                      `json:"if_version,omitzero"` // required
}

func (LaunchCampaignV1) CommandType() string { return "campaign.launch.v1" }

// Decide believes what it brings along rather than what the steps came with.
func (c LaunchCampaignV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	if is == nil || is.Status != events.CampaignIsDraft {
		return LaunchCampaign{CampaignID: c.CampaignID}.Decide(now, o)
	}
	if c.IfVersion == nil {
		return nil, errInvalid("if_version", "is required: the templates are those of a version")
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return launchDraft(o, is, c.Templates)
}
