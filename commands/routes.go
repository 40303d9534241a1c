package commands

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// Command is a request that knows when it must be refused. Commands are values, never pointers; CommandType works on
// the zero value. Decide is pure; now is the organisation's time and never goes back. No events and no error mean that
// there was nothing to do.
type Command interface {
	CommandType() string
	Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error)
}

// MaxItems bounds a bulk command.
const MaxItems = 500

// Route says how a command is decided.
type Route struct {
	Zero   Command // the zero value: its type and its shape
	decode func([]byte) (Command, error)
	gate   gate

	campaign func(Command) uuid.UUID // that it changes: an archived one isn't; nil = none
}

// Routes lists every command, with the state of the organisation that it needs.
func Routes() []Route {
	return []Route{
		routeTo[CreateOrganization](unlessDeleted),
		routeTo[FoundOrganization](unlessDeleted),
		routeTo[CreateOrganizationV1](unlessDeleted),
		routeTo[UpdateOrganization](whileActive),
		routeTo[SetPersonGap](whileActive),
		routeTo[SetReplyUndo](whileActive),
		routeTo[SetPacing](whileActive),
		routeTo[SetPublicHolidays](whileActive),
		routeTo[ChangeSlug](whileActive),
		routeTo[RecordPersonalDataDownload](whileThere), // data leaves whatever the bill says
		routeTo[ChangePlan](whileThere),
		routeTo[ChangePlanV1](whileThere),
		routeTo[ChangeStatus](whileThere),
		routeTo[ChangeStatusV1](whileThere),
		routeTo[DeleteOrganization](onceCreated),
		routeTo[RestoreOrganization](whileThere),
		routeTo[AdvanceClock](whileThereOrInstallation),
		routeTo[LinkBillingCustomer](whileThere), // who was stopped can pay
		routeTo[RecordSubscription](whileThere),
		routeTo[RecordInvoice](whileThere),
		routeTo[OverrideLimits](whileThere),
		routeTo[AllowExtraLeads](whileActive),

		routeTo[SetFlag](ofInstallation),
		routeTo[KillFlag](ofInstallation),
		routeTo[ReviveFlag](ofInstallation),
		routeTo[StartFlagTrial](ofInstallation),
		routeTo[EndFlagTrial](ofInstallation),
		routeTo[SwitchFlag](whileThere), // what the operator takes away or gives has nothing to do with the bill

		routeTo[IssueAPIKey](whileActive),
		routeTo[IssueAPIKeyV1](whileActive),
		routeTo[RotateAPIKey](whileThere),
		routeTo[ChangeAPIKeyNetworks](whileThere),
		routeTo[RevokeAPIKey](whileThere), // a lost key must die whatever the bill says

		routeTo[InviteMember](whileActive),
		routeTo[RenewInvitation](whileActive),
		routeTo[WithdrawInvitation](whileThere),
		routeTo[AcceptInvitation](whileActive),
		routeTo[ChangeMemberRole](whileThere), // who works there is no question of the bill
		routeTo[RemoveMember](whileThere),
		routeTo[LeaveOrganization](whileThere),
		routeTo[TransferOwnership](whileThere),
		routeTo[RecordSessionEnd](whileThere),
		routeTo[RecordSecondFactorChange](whileThere),
		routeTo[RecordImpersonation](whileThere),
		routeTo[RecordImpersonationUse](whileThere),
		routeTo[EraseMember](whileThere), // a person's right outlasts the subscription
		routeTo[DefineRole](whileActive),
		routeTo[ChangeRole](whileThere), // who may do what is no question of the bill
		routeTo[RemoveRole](whileThere),

		routeTo[LinkIdentityProvider](whileActive),
		routeTo[UnlinkIdentityProvider](whileThere),
		routeTo[SetIdentityJoining](whileActive),
		routeTo[JoinByIdentity](whileActive),

		routeTo[CreateLead](whileActive),
		routeTo[UpdateLead](whileActive),
		routeTo[RemoveLead](whileActive),
		routeTo[EraseLead](whileThere), // a person's right outlasts the subscription

		routeTo[RecordFacts](whileActive),
		routeTo[SetScoreRules](whileActive),
		routeTo[ApplyScores](whileThere),    // what isn't true any more isn't, whatever the bill says
		routeTo[MarkFactsStale](whileThere), // what isn't true any more isn't, whatever the bill says
		routeTo[ApproveClaims](whileActive),
		routeTo[EditClaim](whileActive),
		routeTo[RetireClaim](whileThere),
		routeTo[DraftAnswer](whileThere), // the text was paid for

		onCampaign(whileActive, func(c RequestTestSend) uuid.UUID { return c.CampaignID }),
		routeTo[ClaimTestSend](whileActive), // nothing leaves while suspended
		routeTo[FinishTestSend](whileThere),
		routeTo[SetAnswerAutomation](whileActive),
		routeTo[RequestResearch](whileActive),
		routeTo[CompleteResearch](whileThere), // what was under way ends
		routeTo[EndResearch](whileThere),
		routeTo[FinishWebSearch](whileThere),
		routeTo[SetResearch](whileActive),
		onCampaign(whileActive, func(c SetCampaignResearch) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignWriting) uuid.UUID { return c.CampaignID }),

		routeTo[AddSuppressions](whileThere), // so does an unsubscribe
		routeTo[AddSuppressionsV1](whileThere),
		routeTo[ImportSuppressions](whileThere),
		routeTo[KnowSubdomains](whileThere),
		routeTo[RemoveSuppression](whileActive),

		routeTo[RequestExport](whileActive),
		routeTo[CompleteExport](whileThere),
		routeTo[FailExport](whileThere),
		routeTo[DiscardExport](whileThere),
		routeTo[DownloadExport](whileThere), // data leaves whatever the bill says

		routeTo[CreateReport](whileActive),
		routeTo[ChangeReport](whileActive),
		routeTo[RemoveReport](whileThere),
		routeTo[RunReport](whileActive),
		routeTo[CompleteReportRun](whileThere),
		routeTo[FailReportRun](whileThere),

		routeTo[RequestBulk](whileActive),
		routeTo[RestoreBulkChunk](whileThere),
		routeTo[RecordBulkChunk](whileThere), // leads that can't be processed any more are refused one by one, so that the operation ends

		routeTo[RequestImport](whileActive),
		routeTo[RequestImportV1](whileActive),
		routeTo[ImportLeads](whileActive),
		routeTo[ImportLeadsV1](whileActive),
		routeTo[ImportLeadsV2](whileActive),
		routeTo[CompleteImport](whileActive),
		routeTo[FailImport](whileThere),
		routeTo[UndoImport](whileActive),
		routeTo[UndoImportChunk](whileActive),
		routeTo[CompleteUndo](whileActive),

		routeTo[CreateCampaign](whileActive),
		onCampaign(whileActive, func(c RenameCampaign) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c UpdateCampaign) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignApproval) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignSteps) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c DeleteCampaign) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignSettings) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c AssignMailboxes) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignPacing) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignBooking) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c SetCampaignEntry) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c LaunchCampaign) uuid.UUID { return c.CampaignID }),
		routeTo[PauseCampaign](whileThere), // stopping is allowed without paying
		routeTo[ResumeCampaign](whileActive),
		routeTo[CompleteCampaign](whileThere),
		routeTo[ArchiveCampaign](whileActive),
		routeTo[UnarchiveCampaign](whileActive),
		onCampaign(whileActive, func(c RequestLaunch) uuid.UUID { return c.CampaignID }),
		routeTo[DropLaunchRequest](whileThere),

		routeTo[CreateExperiment](whileActive),
		routeTo[StartExperiment](whileActive),
		routeTo[StopExperiment](whileThere),
		routeTo[DecideExperiment](whileActive),
		routeTo[RecordEvaluation](whileThere), // what was is judged whatever the bill says

		routeTo[EnrollLeads](whileActive),
		routeTo[EnrollLeadsV1](whileActive),
		onCampaign(whileActive, func(c MoveEnrollments) uuid.UUID { return c.CampaignID }),
		routeTo[PauseEnrollments](whileThere),
		routeTo[ResumeEnrollments](whileActive),
		routeTo[StopEnrollments](whileThere),

		routeTo[AddMailbox](whileActive),
		routeTo[ConnectMailbox](whileActive),
		routeTo[ChangeMailbox](whileActive),
		routeTo[SetMailboxPace](whileActive),
		routeTo[SetMailboxHours](whileActive),
		routeTo[SetMailboxWarmup](whileActive),
		routeTo[SetMailboxWebhookKeys](whileActive),
		routeTo[SetMailboxLetter](whileActive),
		routeTo[SetMailboxFolders](whileActive),
		routeTo[ListMailboxFolders](whileThere), // as far as it is read
		routeTo[RequestMailboxChecks](whileActive),
		routeTo[RecordMailboxChecks](whileActive),
		routeTo[RequestDomainChecks](whileActive),
		routeTo[RecordDomainChecks](whileActive),
		routeTo[SetDomainSigning](whileActive),
		routeTo[RemoveDomainSigning](whileActive),
		routeTo[SetDomainTracking](whileActive),
		routeTo[PauseMailbox](whileThere),
		routeTo[SuspendMailbox](whileThere),
		routeTo[EndMailboxPermission](whileThere),
		routeTo[ResumeMailbox](whileActive),
		routeTo[RemoveMailbox](whileActive),
		routeTo[RecordMailboxRead](whileThere),
		routeTo[RecordUnreadableMail](whileThere),
		routeTo[RecordReadingFailed](whileThere),
		routeTo[RecordReadingRecovered](whileThere),

		routeTo[DraftMessage](whileThere), // the text was paid for
		routeTo[DraftWithEvidence](whileThere),
		routeTo[HoldMessage](whileThere),
		routeTo[RedraftMessage](whileActive),
		routeTo[ApproveMessages](whileActive),
		routeTo[ApproveMessagesV1](whileActive),
		routeTo[EditDraft](whileActive),
		routeTo[EditDraftWithEvidence](whileActive),
		routeTo[OverruleEvidence](whileActive),
		routeTo[RejectDrafts](whileThere),
		routeTo[ClaimMessages](whileActive), // nothing leaves while suspended
		routeTo[RecordResults](whileThere),
		routeTo[ResolveMessage](whileThere),

		routeTo[RecordHits](whileThere), // what recipients do is always recorded
		routeTo[ReclassifyHits](whileThere),
		routeTo[RecordReply](whileThere),
		routeTo[ReclassifyReply](whileThere),
		routeTo[RecordAutoReply](whileThere),
		routeTo[RecordBounce](whileThere),
		routeTo[RecordComplaint](whileThere),
		routeTo[Unsubscribe](whileThere),
		routeTo[RecordDeliveries](whileThere),
		routeTo[RecordBlock](whileThere),
		routeTo[RecordDrop](whileThere),

		routeTo[SetBookingHours](whileActive),
		routeTo[BookMeeting](whileThere),
		routeTo[ConfirmMeeting](whileThere),
		routeTo[TellMeetingCancelled](whileThere),
		routeTo[RescheduleMeeting](whileActive),
		routeTo[TellMeetingMoved](whileThere),
		routeTo[SetMeetingOutcome](whileActive),

		routeTo[UpdateThread](whileActive),
		routeTo[WriteNote](whileActive),
		routeTo[RemoveNote](whileThere), // what was written of a person can be taken away
		routeTo[CreateSnippet](whileActive),
		routeTo[ChangeSnippet](whileActive),
		routeTo[RemoveSnippet](whileThere),
		routeTo[CreateSegment](whileActive),
		routeTo[ChangeSegment](whileActive),
		routeTo[RemoveSegment](whileThere),
		routeTo[IdentifyMail](whileThere),
		routeTo[SettleReferral](whileActive),
		routeTo[WriteResponse](whileActive),
		routeTo[CancelResponse](whileThere),
		routeTo[ClaimResponse](whileActive),
		routeTo[RecordResponseResult](whileThere),
		routeTo[ResolveResponse](whileThere),
		routeTo[CancelMeeting](whileThere),
		routeTo[RecordOutsideMeeting](whileThere),
		routeTo[CancelMeetingByGuest](whileThere),
		routeTo[MoveMeetingByGuest](whileThere),
		routeTo[HoldSlot](whileThere),
		routeTo[PlaceMeeting](whileThere),
		routeTo[RecordCalendarChange](whileThere),

		routeTo[AddWebhook](whileActive),
		routeTo[ChangeWebhook](whileActive),
		routeTo[RotateWebhookSecret](whileThere), // a secret that is known must go whatever the bill says
		routeTo[DisableWebhook](whileThere),
		routeTo[RemoveWebhook](whileThere),
		routeTo[TestWebhook](whileActive),
		routeTo[ReplayWebhook](whileActive),
		routeTo[RedeliverWebhook](whileActive),

		routeTo[MakeConnection](whileActive),
		routeTo[InterruptConnection](whileThere), // what doesn't work doesn't, whatever the bill says
		routeTo[RestoreConnection](whileThere),
		routeTo[PauseConnection](whileThere),
		routeTo[ResumeConnection](whileActive),
		routeTo[RemoveConnection](whileThere),
		routeTo[MapConnection](whileActive),
		routeTo[RequestConnectionImport](whileActive),
		routeTo[ResyncConnection](whileActive),
		routeTo[ResolveConnectionConflict](whileActive),
		routeTo[ChooseCalendars](whileActive),
		routeTo[SetAISettings](whileActive),
		routeTo[SetAISearch](whileActive),
		routeTo[StopAI](whileThere), // stopping is allowed without paying
		routeTo[ResumeAI](whileActive),
		routeTo[ReserveAICall](whileActive),
		routeTo[SettleAICall](whileThere), // what was asked costs, whatever the bill says
		routeTo[GiveUpAICall](whileThere),
		routeTo[RecordAIFallback](whileThere),

		routeTo[CreateCampaignV1](whileActive), // what nothing sends any more; see retired.go
		routeTo[RejectMessages](whileThere),
		routeTo[SetBookingHoursV1](whileActive),
		routeTo[BookMeetingV1](whileThere),
		routeTo[ConfirmMeetingV1](whileThere),
		routeTo[RecordReplyV1](whileThere),
		routeTo[RecordReplyV2](whileThere),
		routeTo[RecordAutoReplyV1](whileThere),
		routeTo[RecordBounceV1](whileThere),
		routeTo[RecordBounceV2](whileThere),
		routeTo[RecordComplaintV1](whileThere),
		routeTo[UnsubscribeV1](whileThere),
		routeTo[SetAISettingsV1](whileActive),
		onCampaign(whileActive, func(c SetCampaignWritingV1) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c ChangeCampaignSteps) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c ReviseCampaign) uuid.UUID { return c.CampaignID }),
		onCampaign(whileActive, func(c LaunchCampaignV1) uuid.UUID { return c.CampaignID }),
	}
}

var routes = byType(Routes()) //nolint:gochecknoglobals // a constant table

func byType(all []Route) map[string]Route {
	m := make(map[string]Route, len(all))
	for _, r := range all {
		m[r.Zero.CommandType()] = r
	}
	return m
}

func routeTo[C Command](g gate) Route {
	var zero C
	return Route{Zero: zero, gate: g, decode: func(data []byte) (Command, error) {
		var c C
		err := es.Unmarshal(data, &c)
		return c, err
	}}
}

// onCampaign is the route of a command that changes a campaign.
func onCampaign[C Command](g gate, of func(C) uuid.UUID) Route {
	r := routeTo[C](g)
	r.campaign = func(c Command) uuid.UUID { return of(c.(C)) }
	return r
}

// gate refuses commands by the status of the organisation, before they decide.
type gate func(o *aggregates.Organization) error

func unlessDeleted(o *aggregates.Organization) error {
	if o.Deleted {
		return es.Refuse(CodeOrganizationDeleted, nil)
	}
	return nil
}

func onceCreated(o *aggregates.Organization) error {
	if !o.Created {
		return es.Refuse(CodeOrganizationUnknown, nil)
	}
	return nil
}

func whileThere(o *aggregates.Organization) error {
	return firstError(onceCreated(o), unlessDeleted(o))
}

// ofInstallation is for what belongs to no organisation, but to the reserved one that stands for all.
func ofInstallation(o *aggregates.Organization) error {
	if o.ID != es.SystemOrg {
		return es.Refuse(CodeOrganizationUnknown, nil)
	}
	return nil
}

func whileThereOrInstallation(o *aggregates.Organization) error {
	if o.ID == es.SystemOrg {
		return nil
	}
	return whileThere(o)
}

func whileActive(o *aggregates.Organization) error {
	if err := whileThere(o); err != nil {
		return err
	}
	if !o.EraseAt.IsZero() {
		return es.Refuse(CodeOrganizationDeleted, nil)
	}
	if aggregates.IsStopped(o.Status) {
		return es.Refuse(CodeOrganizationSuspended, detailStatus{Status: o.Status})
	}
	return nil
}

// Encode returns a command's type and data, as es.Command carries them.
func Encode(c Command) (commandType string, data []byte, err error) {
	data, err = es.Marshal(c)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s: %w", c.CommandType(), err)
	}
	return c.CommandType(), data, nil
}

func (s state) Decide(c *es.Command) ([]es.Payload, error) {
	route, ok := routes[c.Type]
	if !ok {
		return nil, es.Refuse(es.CodeMalformed, detailField{"type", "is not a command of this version"})
	}
	command, err := route.decode(c.Data)
	if err != nil {
		return nil, es.Refuse(es.CodeMalformed, detailField{"data", "is not a " + c.Type})
	}
	if err := route.gate(s.Organization); err != nil {
		return nil, err
	}
	if route.campaign != nil {
		if err := refuseArchived(s.Campaigns[route.campaign(command)]); err != nil {
			return nil, err
		}
	}
	return command.Decide(c.Time, s.Organization)
}
