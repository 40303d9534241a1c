package api

import (
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// approvalOf is the command that says which messages a person must approve, where creating or updating a campaign can't say it; nil = none is needed.
func approvalOf(mode string, sample, below int) *commands.SetCampaignApproval {
	if mode != events.ApproveSample && mode != events.ApproveDoubtful && mode != events.ApproveLowScore && sample == 0 && below == 0 {
		return nil
	}
	return &commands.SetCampaignApproval{Approval: mode, Sample: sample, Below: below}
}

// answerNewCampaign shows a campaign that was created by several commands.
func (r *readSide) answerNewCampaign(c *call, id uuid.UUID) error {
	row, err := r.loadCampaign(c, id)
	if err != nil {
		return err
	}
	out, err := campaignOf(row)
	if err != nil {
		return err
	}
	return c.answerCreated(out, "/v1/campaigns/"+id.String(), out.Version)
}
