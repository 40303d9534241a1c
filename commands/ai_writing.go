package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// maxInstructions bounds what a campaign tells a language model, in bytes.
const maxInstructions = 2000

// SetCampaignWriting says how a language model writes the messages of a campaign, also while it is live.
type SetCampaignWriting struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignWriting
}

func (SetCampaignWriting) CommandType() string { return "ai_writing.set.v2" }

// Decide has nothing to do where it is so already. What is written already stays.
func (c SetCampaignWriting) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Writing() == c.CampaignWriting:
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	}
	switch c.Refused {
	case events.RefusedWaits, events.RefusedDropped, events.RefusedReplaced:
	default:
		return nil, errInvalid("refused", "must be wait, drop or replace")
	}
	if c.LimitMicros < 0 {
		return nil, errInvalid("limit_micros", "must be 0 (none) or more")
	}
	if err := checkText("instructions", c.Instructions, 0, maxInstructions); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignWritingSet{AIWritingRef: events.AIWritingRef{OrganizationID: o.ID, CampaignID: c.CampaignID}, CampaignWriting: c.CampaignWriting})
}
