package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// PauseCampaign stops a campaign until it is resumed.
type PauseCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (PauseCampaign) CommandType() string { return "campaign.pause.v1" }

// Decide has nothing to do when that is so already.
func (c PauseCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsPaused:
		return nil, nil
	case !is.Live():
		return nil, refuseStatus(is)
	}
	return oneEvent(events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.PausedManual})
}

// ResumeCampaign ends a campaign's pause.
type ResumeCampaign struct {
	events.CampaignRef
}

func (ResumeCampaign) CommandType() string { return "campaign.resume.v1" }

// Decide has nothing to do when it runs already. It requires what a launch requires.
func (c ResumeCampaign) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive, is.Status == events.CampaignIsIdle:
		return nil, nil
	case is.Status != events.CampaignIsPaused:
		return nil, refuseStatus(is)
	}
	if err := refuseUnready(now, o, is, o.ReadinessOf(is)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignResumed(c))
}

// CompleteCampaign ends a campaign and every enrollment on it.
type CompleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (CompleteCampaign) CommandType() string { return "campaign.complete.v1" }

// Decide has nothing to do when that is so already.
func (c CompleteCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsCompleted:
		return nil, nil
	case !is.Live():
		return nil, refuseStatus(is)
	}
	return oneEvent(events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.CompletedManual})
}
