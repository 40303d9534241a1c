package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// LaunchCampaign begins the sending.
type LaunchCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (LaunchCampaign) CommandType() string { return "campaign.launch.v2" }

// Decide refuses while something is missing, and names all of it. What is in the templates was found when the steps were
// written. Where it wasn't, as that was before events said it, each template is missing until the steps are set again.
func (c LaunchCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive:
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, refuseStatus(is)
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return launchDraft(o, is, is.Templates())
}

func launchDraft(o *aggregates.Organization, is *aggregates.Campaign, templates []events.TemplateAnalysis) ([]events.Event, error) {
	if lacks := lacksOf(o, is, is.Outline(), templates); len(lacks) > 0 {
		return nil, refuseNotReady(is, lacks)
	}
	return oneEvent(events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: is.ID}, StepsVersion: is.StepsVersion})
}

func refuseStatus(c *aggregates.Campaign) error {
	return refuseAbout(c.ID, CodeWrongStatus, detailStatus{c.ID, c.Status})
}

func refuseNotReady(c *aggregates.Campaign, lacks []Lack) error {
	return refuseAbout(c.ID, CodeNotReady, detailMissing{c.ID, lacks})
}
