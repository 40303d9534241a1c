package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// LaunchCampaign starts the sending.
type LaunchCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (LaunchCampaign) CommandType() string { return "campaign.launch.v2" }

// Decide refuses while something is missing, and names all of it. The templates were analysed when the steps were
// written. Steps from before that was recorded have no analysis: each of their templates counts as missing until the steps are set again.
func (c LaunchCampaign) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive, is.Status == events.CampaignIsIdle:
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, refuseStatus(is)
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return launchDraft(now, o, is, o.ReadinessOf(is))
}

func launchDraft(now time.Time, o *aggregates.Organization, is *aggregates.Campaign, as aggregates.Readiness) ([]events.Event, error) {
	if err := refuseUnready(now, o, is, as); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: is.ID}, StepsVersion: is.StepsVersion})
}
