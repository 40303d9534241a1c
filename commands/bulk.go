package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Bounds of bulk operations.
const (
	MaxBulkLeads = 10_000 // leads of one
	MaxBulks     = 20     // that run at once
)

// RequestBulk asks for one action on many leads; see events.BulkRequested.
type RequestBulk struct {
	BulkID     uuid.UUID   `json:"bulk_id"`
	Action     string      `json:"action"`
	Tags       []string    `json:"tags,omitzero"`
	CampaignID uuid.UUID   `json:"campaign_id,omitzero"`
	LeadIDs    []uuid.UUID `json:"lead_ids"`
	Next       string      `json:"next,omitzero"`
}

func (RequestBulk) CommandType() string { return "bulk.request.v1" }

// Decide requires that the campaign takes leads now; each lead is checked in its chunk.
func (c RequestBulk) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.BulkID == uuid.Nil:
		return nil, errInvalid("bulk_id", "is missing")
	case o.Bulks.Get(c.BulkID) != nil:
		return nil, nil
	}
	if err := firstError(c.checkAction(), c.checkLeads()); err != nil {
		return nil, err
	}
	if c.Action == events.BulkEnroll {
		if _, err := openCampaign(o, c.CampaignID); err != nil {
			return nil, err
		}
	}
	if o.Bulks.Len() >= MaxBulks {
		return nil, errInvalid("action", strconv.Itoa(MaxBulks)+" bulk operations run now; wait until one is completed")
	}
	return oneEvent(events.BulkRequested{BulkRef: events.BulkRef{BulkID: c.BulkID}, Action: c.Action, Tags: c.Tags, CampaignID: c.CampaignID, LeadIDs: c.LeadIDs, Next: c.Next})
}

// checkAction requires the fields that the action needs, and no others.
func (c RequestBulk) checkAction() error {
	tags := c.Action == events.BulkTag || c.Action == events.BulkUntag
	switch c.Action {
	case events.BulkTag, events.BulkUntag, events.BulkEnroll, events.BulkRemove, events.BulkSuppress, events.BulkRestore:
	default:
		return errInvalid("action", "must be tag, untag, enroll, remove, restore or suppress")
	}
	switch {
	case tags && (len(c.Tags) == 0 || !validTags(c.Tags)):
		return errInvalid("tags", reasonTags+", and not nothing")
	case !tags && len(c.Tags) > 0:
		return errInvalid("tags", "come with tag and untag only")
	case (c.Action == events.BulkEnroll) != (c.CampaignID != uuid.Nil):
		return errInvalid("campaign_id", "comes with enroll, and only then")
	}
	return nil
}

func (c RequestBulk) checkLeads() error {
	if err := checkText("next", c.Next, 0, 100); err != nil {
		return err
	}
	if len(c.LeadIDs) == 0 {
		return errInvalid("lead_ids", "no lead was named or found")
	}
	if len(c.LeadIDs) > MaxBulkLeads {
		return errInvalid("lead_ids", "must be at most "+strconv.Itoa(MaxBulkLeads))
	}
	seen := make(map[uuid.UUID]bool, len(c.LeadIDs))
	for _, id := range c.LeadIDs {
		if seen[id] {
			return errInvalid("lead_ids", "names a lead twice")
		}
		seen[id] = true
	}
	return nil
}

// openCampaign returns a campaign if it takes leads, else a refusal.
func openCampaign(o *aggregates.Organization, id uuid.UUID) (*aggregates.Campaign, error) {
	campaign := o.Campaigns[id]
	switch {
	case campaign == nil:
		return nil, errNotFound(id)
	case campaign.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(campaign)
	}
	return campaign, refuseArchived(campaign)
}
