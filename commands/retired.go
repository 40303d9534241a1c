package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Commands that nothing sends any more. The commands topic keeps what was sent for seven days, an older program beside this one
// may still send them, and their schemas are published, so they are still routed and decide as they always did.

// CreateCampaignV1 is CreateCampaign without the analysis of the templates.
type CreateCampaignV1 struct {
	CampaignID   uuid.UUID     `json:"campaign_id"`
	Name         string        `json:"name"`
	CampaignType string        `json:"campaign_type"`
	TimeZone     string        `json:"time_zone,omitzero"`
	StartDate    string        `json:"start_date,omitzero"`
	EndDate      string        `json:"end_date,omitzero"`
	CreatedBy    string        `json:"created_by"`
	Approval     string        `json:"approval"`
	Steps        []events.Step `json:"steps"`
}

func (CreateCampaignV1) CommandType() string { return "campaign.create.v1" }

// Decide creates a draft that can be launched once its steps are set again.
func (c CreateCampaignV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Name: c.Name, CampaignType: c.CampaignType, TimeZone: c.TimeZone, StartDate: c.StartDate, EndDate: c.EndDate,
		CreatedBy: c.CreatedBy, Approval: c.Approval, Steps: c.Steps}.Decide(now, o)
}

// ChangeCampaignSteps replaces all steps of a draft; SetCampaignSteps has replaced it.
type ChangeCampaignSteps struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	IfVersion  *int          `json:"if_version,omitzero"`
}

func (ChangeCampaignSteps) CommandType() string { return "campaign.change_steps.v1" }

// Decide has nothing to do when it has these steps already.
func (c ChangeCampaignSteps) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, refuseStatus(is)
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkSteps(c.Steps)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Steps: c.Steps})
}

// ReviseCampaign replaces the steps of a live campaign; SetCampaignSteps has replaced it.
type ReviseCampaign struct {
	CampaignID uuid.UUID                 `json:"campaign_id"`
	Steps      []events.Step             `json:"steps"`
	Templates  []events.TemplateAnalysis `json:"templates"`
	IfVersion  *int                      `json:"if_version,omitzero"`
}

func (ReviseCampaign) CommandType() string { return "campaign.revise.v1" }

// Decide requires of the new steps what a launch requires.
func (c ReviseCampaign) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case !is.Live():
		return nil, refuseStatus(is)
	}
	return SetCampaignSteps(c).Decide(now, o)
}

// LaunchCampaignV1 carries the analysis of the templates of one version of the steps.
type LaunchCampaignV1 struct {
	CampaignID uuid.UUID                 `json:"campaign_id"`
	Templates  []events.TemplateAnalysis `json:"templates"`
	IfVersion  *int                      `json:"if_version,omitzero"` // required
}

func (LaunchCampaignV1) CommandType() string { return "campaign.launch.v1" }

// Decide uses the analysis that the command carries rather than the recorded one.
func (c LaunchCampaignV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	if is == nil || is.Status != events.CampaignIsDraft {
		return LaunchCampaign{CampaignID: c.CampaignID}.Decide(now, o)
	}
	if c.IfVersion == nil {
		return nil, errInvalid("if_version", "is required: the templates are those of a version")
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return launchDraft(now, o, is, o.ReadinessOf(is).WithTemplates(c.Templates))
}

// SetMailboxPace replaces the whole pace; ChangeMailbox has replaced it.
type SetMailboxPace struct {
	events.MailboxRef
	events.MailboxPace
}

func (SetMailboxPace) CommandType() string { return "mailbox.set_pace.v1" }

// Decide has nothing to do when it has this pace already.
func (c SetMailboxPace) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Pace == c.MailboxPace:
		return nil, nil
	}
	if err := checkPace(c.MailboxPace); err != nil {
		return nil, err
	}
	return oneEvent(events.MailboxPaceSet(c))
}

// ConfirmMeetingV1 doesn't name the recipient of the confirmation.
type ConfirmMeetingV1 struct {
	MeetingID uuid.UUID `json:"meeting_id"`
}

func (ConfirmMeetingV1) CommandType() string { return "meeting.confirm.v1" }

// Decide assumes the lead's own address.
func (c ConfirmMeetingV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ConfirmMeeting{MeetingID: c.MeetingID}.Decide(now, o)
}

// ApproveMessagesV1 is ApproveMessages without how much was changed.
type ApproveMessagesV1 struct {
	MessageIDs []uuid.UUID `json:"message_ids"`
}

func (ApproveMessagesV1) CommandType() string { return "message.approve.v1" }

// Decide approves them.
func (c ApproveMessagesV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ApproveMessages{MessageIDs: c.MessageIDs}.Decide(now, o)
}
