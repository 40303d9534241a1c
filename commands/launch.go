package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// LaunchCampaign begins the sending. The templates are those of the version named.
type LaunchCampaign struct {
	CampaignID uuid.UUID  `json:"campaign_id"`
	Templates  []Template `json:"templates"`
	IfVersion  *int       `json:"if_version,omitzero"` // must be there
}

func (LaunchCampaign) CommandType() string { return "campaign.launch.v1" }

// Decide lets nothing begin that lacks something, and names all that it lacks.
func (c LaunchCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive:
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	case c.IfVersion == nil:
		return nil, errInvalid("if_version", "must be there: the templates are those of a version")
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	if missing := missing(o, is, is.Outline(), c.Templates); len(missing) > 0 {
		return nil, about(c.CampaignID, CodeNotReady, detailMissing{c.CampaignID, missing})
	}
	return one(events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, StepsVersion: is.StepsVersion})
}

// ReviseCampaign replaces the steps of a campaign that is live, for who is enrolled from then on.
type ReviseCampaign struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	Templates  []Template    `json:"templates"`
	IfVersion  *int          `json:"if_version,omitzero"`
}

func (ReviseCampaign) CommandType() string { return "campaign.revise.v1" }

// Decide wants of the new steps what a launch wants.
func (c ReviseCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case !is.Live():
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkSteps(c.Steps)); err != nil {
		return nil, err
	}
	if missing := missing(o, is, aggregates.Outline(c.Steps), c.Templates); len(missing) > 0 {
		return nil, about(c.CampaignID, CodeNotReady, detailMissing{c.CampaignID, missing})
	}
	return one(events.CampaignRevised{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, StepsVersion: is.StepsVersion + 1, Steps: c.Steps})
}
