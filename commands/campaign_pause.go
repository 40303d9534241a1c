package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// PauseCampaign stops it until it is resumed.
type PauseCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (PauseCampaign) CommandType() string { return "campaign.pause.v1" }

// Decide has nothing to do where it is so already.
func (c PauseCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsPaused:
		return nil, nil
	case is.Status != events.CampaignIsActive:
		return nil, refuseAbout(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return oneEvent(events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.PausedManual})
}

// ResumeCampaign lets it go on.
type ResumeCampaign struct {
	events.CampaignRef
}

func (ResumeCampaign) CommandType() string { return "campaign.resume.v1" }

// Decide has nothing to do where it is so already.
func (c ResumeCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive:
		return nil, nil
	case is.Status != events.CampaignIsPaused:
		return nil, refuseAbout(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return oneEvent(events.CampaignResumed(c))
}

// CompleteCampaign ends it, and every enrollment in it.
type CompleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (CompleteCampaign) CommandType() string { return "campaign.complete.v1" }

// Decide has nothing to do where it is so already.
func (c CompleteCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsCompleted:
		return nil, nil
	case !is.Live():
		return nil, refuseAbout(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return oneEvent(events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.CompletedManual})
}
