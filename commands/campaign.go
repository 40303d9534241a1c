package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// CreateCampaign creates a draft.
type CreateCampaign struct {
	events.CampaignRef
	Name         string        `json:"name"`
	CampaignType string        `json:"campaign_type"`
	TimeZone     string        `json:"time_zone,omitzero"`
	StartDate    string        `json:"start_date,omitzero"` // local, "2006-01-02"
	EndDate      string        `json:"end_date,omitzero"`
	CreatedBy    string        `json:"created_by"` // "kind:id" of the actor
	Approval     string        `json:"approval"`
	Steps        []events.Step `json:"steps"`

	Templates []events.TemplateAnalysis `json:"templates,omitzero"` // one per variant
}

func (CreateCampaign) CommandType() string { return "campaign.create.v2" }

// Decide identifies a campaign by its id.
func (c CreateCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	e := events.CampaignCreated(c)
	if is := o.Campaigns[c.CampaignID]; is != nil {
		if is.CreatedAs(e) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.CampaignID)
	}
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	return oneEvent(e)
}

func (c CreateCampaign) checkFields() error {
	if c.CampaignID == uuid.Nil {
		return errInvalid("campaign_id", "is missing")
	}
	return firstError(
		checkText("name", c.Name, 1, 200),
		checkCampaignFields(c.CampaignType, c.Approval, c.TimeZone, c.StartDate, c.EndDate),
		checkText("created_by", c.CreatedBy, 0, 200),
		checkSteps(c.Steps),
		checkTemplates(c.Steps, c.Templates),
	)
}

// RenameCampaign gives a campaign another name.
type RenameCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Name       string    `json:"name"`
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (RenameCampaign) CommandType() string { return "campaign.rename.v1" }

// Decide has nothing to do when it has that name already.
func (c RenameCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Name == c.Name:
		return nil, nil
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkText("name", c.Name, 1, 200)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Name: c.Name})
}

// DeleteCampaign removes a draft that nobody is enrolled in.
type DeleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (DeleteCampaign) CommandType() string { return "campaign.delete.v1" }

// Decide doesn't find a deleted draft, so the second deletion is refused.
func (c DeleteCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	if is == nil {
		return nil, errNotFound(c.CampaignID)
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	if is.Status != events.CampaignIsDraft {
		return nil, refuseStatus(is)
	}
	if n := is.Enrolled(); n > 0 {
		return nil, refuseAbout(c.CampaignID, CodeInUse, detailInUse{c.CampaignID, n})
	}
	return oneEvent(events.CampaignDeleted{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}})
}
