package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// ArchiveCampaign puts a campaign away: nothing of it changes until it is taken out again.
type ArchiveCampaign struct {
	events.CampaignRef
}

func (ArchiveCampaign) CommandType() string { return "campaign.archive.v1" }

// Decide refuses a campaign that is live: somebody must complete it first.
func (c ArchiveCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Archived:
		return nil, nil
	case is.Live():
		return nil, refuseStatus(is)
	}
	return oneEvent(events.CampaignArchived(c))
}

// UnarchiveCampaign takes a campaign out of the archive.
type UnarchiveCampaign struct {
	events.CampaignRef
}

func (UnarchiveCampaign) CommandType() string { return "campaign.unarchive.v1" }

// Decide has nothing to do for one that isn't archived.
func (c UnarchiveCampaign) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case !is.Archived:
		return nil, nil
	}
	return oneEvent(events.CampaignUnarchived(c))
}

// refuseArchived refuses to change what is archived.
func refuseArchived(is *aggregates.Campaign) error {
	if is == nil || !is.Archived {
		return nil
	}
	return refuseAbout(is.ID, CodeArchived, detailID{is.ID})
}
