package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// maxLaunchNote bounds what somebody says who asks for a launch, in characters.
const maxLaunchNote = 500

// RequestLaunch asks those who may launch a campaign to do so.
type RequestLaunch struct {
	events.CampaignRef
	By   string `json:"by"` // "kind:id" of the actor
	Note string `json:"note,omitzero"`
}

func (RequestLaunch) CommandType() string { return "campaign.request_launch.v1" }

// Decide has nothing to do while somebody has asked already. What a launch would lack is for those to see who launch.
func (c RequestLaunch) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.LaunchRequestedBy != "":
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, refuseStatus(is)
	}
	if err := firstError(checkText("by", c.By, 1, 200), checkText("note", c.Note, 0, maxLaunchNote)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignLaunchRequested(c))
}

// DropLaunchRequest ends a request without a launch. Whose it may be is checked by the edge.
type DropLaunchRequest struct {
	events.CampaignRef
	Declined bool `json:"declined"`
}

func (DropLaunchRequest) CommandType() string { return "campaign.drop_launch_request.v1" }

// Decide has nothing to do where nobody has asked.
func (c DropLaunchRequest) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.LaunchRequestedBy == "":
		return nil, nil
	}
	return oneEvent(events.CampaignLaunchRequestDropped(c))
}
