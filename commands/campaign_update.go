package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// UpdateCampaign changes those fields of a campaign that aren't nil, also while it is live.
type UpdateCampaign struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	CampaignType *string   `json:"campaign_type,omitzero"`
	TimeZone     *string   `json:"time_zone,omitzero"`  // empty = the organisation's
	StartDate    *string   `json:"start_date,omitzero"` // empty = none
	EndDate      *string   `json:"end_date,omitzero"`   // empty = none
	Approval     *string   `json:"approval,omitzero"`   // for messages that are requested from now on
	IfVersion    *int      `json:"if_version,omitzero"`
}

func (UpdateCampaign) CommandType() string { return "campaign.update.v1" }

// Decide records only what differs. A live campaign may lack nothing by it, so its last day can't be past.
func (c UpdateCampaign) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	if is == nil {
		return nil, errNotFound(c.CampaignID)
	}
	e := events.CampaignUpdated{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, CampaignType: ifDifferent(c.CampaignType, is.Type), TimeZone: ifDifferent(c.TimeZone, is.TimeZone),
		StartDate: ifDifferent(c.StartDate, is.StartDate), EndDate: ifDifferent(c.EndDate, is.EndDate), Approval: ifDifferent(c.Approval, is.Approval)}
	switch {
	case e == (events.CampaignUpdated{CampaignRef: e.CampaignRef}):
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	if err := checkCampaignFields(valueOr(c.CampaignType, is.Type), valueOr(c.Approval, events.ApproveNone), valueOr(c.TimeZone, is.TimeZone), valueOr(c.StartDate, is.StartDate), valueOr(c.EndDate, is.EndDate)); err != nil {
		return nil, err
	}
	if err := keepReady(now, o, is, func(r *aggregates.Readiness) {
		r.TimeZone, r.EndDate = valueOr(c.TimeZone, r.TimeZone), valueOr(c.EndDate, r.EndDate)
	}); err != nil {
		return nil, err
	}
	return oneEvent(e)
}

// checkCampaignFields checks the fields that a campaign is created with, other than its name and steps.
func checkCampaignFields(campaignType, approval, timeZone, start, end string) error {
	switch {
	case campaignType != events.ColdOutreach && campaignType != events.FollowUp && campaignType != events.Nurture:
		return errInvalid("campaign_type", "must be cold_outreach, follow_up or nurture")
	case approval != events.ApproveNone && approval != events.ApproveFirst && approval != events.ApproveAll:
		return errInvalid("approval", "must be none, first or all")
	case !validDate(start):
		return errInvalid("start_date", reasonDate)
	case !validDate(end):
		return errInvalid("end_date", reasonDate)
	case start != "" && end != "" && end < start:
		return errInvalid("end_date", "is before start_date")
	}
	return checkZone("time_zone", timeZone)
}
