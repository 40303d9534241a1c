package api

import (
	"errors"

	"github.com/google/uuid"

	"outrider/commands"
)

// campaignUpdate is the command that a patch of a campaign asks for beside name and steps; nil = none.
func campaignUpdate(c *call, id uuid.UUID) (*commands.UpdateCampaign, error) {
	object, _ := c.json.(map[string]any)
	patched := func(name string) *string {
		v, ok := object[name]
		if !ok {
			return nil
		}
		text, _ := v.(string) // null takes it away
		return &text
	}
	u := commands.UpdateCampaign{CampaignID: id, CampaignType: patched("campaign_type"), TimeZone: patched("time_zone"), StartDate: patched("start_date"), EndDate: patched("end_date"),
		Approval: patched("approval")}
	if u == (commands.UpdateCampaign{CampaignID: id}) {
		return nil, nil //nolint:nilnil // there is none, and that is no mistake
	}
	return &u, errors.Join(checkZone(valueOrZero(u.TimeZone)), checkDate("start_date", valueOrZero(u.StartDate)), checkDate("end_date", valueOrZero(u.EndDate)))
}
