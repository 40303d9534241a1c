package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetCampaignApproval says which messages of a campaign a person must approve, also while it is live.
type SetCampaignApproval struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Approval   string    `json:"approval"`
	Sample     int       `json:"sample,omitzero"` // of sample: percent
	Below      int       `json:"below,omitzero"`  // of doubtful: percent; of low_score: the lead score
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (SetCampaignApproval) CommandType() string { return "campaign.set_approval.v1" }

// Decide has nothing to do where it is so already. Messages that are asked for already stay as they are.
func (c SetCampaignApproval) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Approval == c.Approval && is.Sample == c.Sample && is.Below == c.Below:
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), c.checkFields()); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignApprovalSet{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Approval: c.Approval, Sample: c.Sample, Below: c.Below})
}

func (c SetCampaignApproval) checkFields() error {
	switch c.Approval {
	case events.ApproveNone, events.ApproveFirst, events.ApproveAll, events.ApproveSample, events.ApproveDoubtful, events.ApproveLowScore:
	default:
		return errInvalid("approval", "must be none, first, all, sample, doubtful or low_score")
	}
	bounded := c.Approval == events.ApproveDoubtful || c.Approval == events.ApproveLowScore
	switch {
	case c.Approval == events.ApproveSample && (c.Sample < 1 || c.Sample > 99):
		return errInvalid("approval_sample", "must be 1 to 99")
	case c.Approval != events.ApproveSample && c.Sample != 0:
		return errInvalid("approval_sample", "is of sample only")
	case bounded && (c.Below < 1 || c.Below > 100):
		return errInvalid("approval_below", "must be 1 to 100")
	case !bounded && c.Below != 0:
		return errInvalid("approval_below", "is of doubtful and low_score only")
	}
	return nil
}
