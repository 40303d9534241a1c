package projections

import (
	"github.com/google/uuid"

	"outrider/events"
)

// organizationTexts are of an organisation, its keys and its imports.
func organizationTexts() []timelineText {
	return []timelineText{
		tellType[events.OrganizationCreated](),
		tellType[events.OrganizationUpdated](),
		tellType[events.OrganizationPlanChanged](),
		tellType[events.OrganizationTrialEnded](),
		tellType[events.OrganizationStatusChanged](),
		tellType[events.OrganizationDeleted](),
		tellType[events.UsagePeriodStarted](),
		tellDetail(func(e events.QuotaRefused) events.QuotaDetail { return e.QuotaDetail }),
		tellDetail(func(e events.BookingHoursSet) events.BookingHours { return e.BookingHours }),
		tellType[events.APIKeyIssued](),
		tellType[events.APIKeyRevoked](),
		tellType[events.ImportRequested](),
		tellType[events.ImportChunkRecorded](),
		tellType[events.ImportCompleted](),
		tellType[events.ImportFailed](),
		tellType[events.ImportUndoRequested](),
		tellType[events.ImportUndoChunkRecorded](),
		tellType[events.ImportUndone](),
	}
}

type campaignRenamedDetail struct {
	Name string `json:"name"`
}

type campaignLaunchedDetail struct {
	StepsVersion int `json:"steps_version"`
}

type campaignRevisedDetail struct {
	StepsVersion int `json:"steps_version"`
	Steps        int `json:"steps"` // how many
}

type campaignMailboxesDetail struct {
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
}

// pausedDetail is of a campaign or mailbox that a rule or a person has paused.
type pausedDetail struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Sent   int    `json:"sent"`
}

func campaignTexts() []timelineText {
	return []timelineText{
		tellType[events.CampaignCreated](),
		tellDetail(func(e events.CampaignRenamed) campaignRenamedDetail { return campaignRenamedDetail{e.Name} }),
		tellType[events.CampaignStepsChanged](),
		tellType[events.CampaignDeleted](),
		tellDetail(func(e events.CampaignSettingsChanged) events.CampaignSettings { return e.CampaignSettings }),
		tellDetail(func(e events.CampaignMailboxesAssigned) campaignMailboxesDetail {
			return campaignMailboxesDetail{e.MailboxIDs}
		}),
		tellDetail(func(e events.CampaignLaunched) campaignLaunchedDetail { return campaignLaunchedDetail{e.StepsVersion} }),
		tellDetail(func(e events.CampaignRevised) campaignRevisedDetail {
			return campaignRevisedDetail{e.StepsVersion, len(e.Steps)}
		}),
		tellDetail(func(e events.CampaignPaused) pausedDetail { return pausedDetail{e.Reason, e.Count, e.Sent} }),
		tellType[events.CampaignResumed](),
		tellDetail(func(e events.CampaignCompleted) reasonDetail { return reasonDetail{e.Reason} }),
	}
}

type mailboxAddedDetail struct {
	Transport string `json:"transport"`
}

type mailboxConnectedDetail struct {
	SMTP bool `json:"smtp"`
	IMAP bool `json:"imap"`
}

type mailboxCheckedDetail struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail"`
}

type mailboxVerifiedDetail struct {
	Status string `json:"status"`
}

type mailboxHealthDetail struct {
	Health int    `json:"health"`
	Reason string `json:"reason"`
}

func mailboxTexts() []timelineText {
	return []timelineText{
		tellDetail(func(e events.MailboxAdded) mailboxAddedDetail { return mailboxAddedDetail{e.Transport} }),
		tellType[events.MailboxRemoved](),
		tellDetail(func(e events.MailboxConnected) mailboxConnectedDetail {
			return mailboxConnectedDetail{e.SMTP.Host != "", e.IMAP.Host != ""}
		}),
		tellDetail(func(e events.MailboxPaceSet) events.MailboxPace { return e.MailboxPace }),
		tellType[events.MailboxChecksRequested](),
		tellDetail(func(e events.MailboxChecked) mailboxCheckedDetail {
			return mailboxCheckedDetail{e.Check, e.Outcome, e.Detail}
		}),
		tellDetail(func(e events.MailboxVerified) mailboxVerifiedDetail { return mailboxVerifiedDetail{e.Status} }),
		tellType[events.MailboxWarmedUp](),
		tellDetail(func(e events.MailboxPaused) pausedDetail { return pausedDetail{e.Reason, e.Count, e.Sent} }),
		tellType[events.MailboxResumed](),
		tellDetail(func(e events.MailboxHealthChanged) mailboxHealthDetail {
			return mailboxHealthDetail{e.Health, e.Reason}
		}),
		tellNothing[events.MailboxRead](),
		tellNothing[events.MailboxWaited](),
		tellNothing[events.ClaimRecorded](),
	}
}
