package events

import (
	"errors"
	"fmt"

	"outrider/internal/es"
)

// ErrUnknown says that this version of the program doesn't know an event's type.
var ErrUnknown = errors.New("unknown event type")

// Entry of the catalogue.
type Entry struct {
	Zero    Event // the stored struct's zero value: its type string and its shape
	Retired bool  // no longer written; decodes to a newer type
	decode  func([]byte) (Event, error)
}

// Catalogue lists every event that a log may hold. The list is the reader's: add, never remove.
func Catalogue() []Entry {
	return []Entry{
		current[OrganizationCreated](),
		retired[OrganizationCreatedV1](),
		current[OrganizationUpdated](),
		current[OrganizationPersonGapSet](),
		current[OrganizationPacingSet](),
		current[OrganizationHolidaysSet](),
		current[OrganizationPlanChanged](),
		retired[OrganizationPlanChangedV1](),
		current[OrganizationTrialReminded](),
		current[OrganizationTrialEnded](),
		retired[OrganizationStatusChangedV1](),
		current[OrganizationStatusChanged](),
		current[OrganizationSlugChanged](),
		current[PersonalDataDownloaded](),
		current[OrganizationDeletionRequested](),
		current[OrganizationRestored](),
		current[OrganizationDeleted](),
		current[UsagePeriodStarted](),
		current[QuotaRefused](),
		current[QuotaWarned](),
		current[BillingCustomerLinked](),
		current[SubscriptionRecorded](),
		current[InvoiceRecorded](),
		current[PaymentFailed](),
		current[LimitsOverridden](),
		current[PlanExceeded](),
		current[ExtraLeadsAllowed](),
		current[ExtraLeadsCounted](),
		current[ExportRequested](),
		current[ExportCompleted](),
		current[ExportFailed](),
		current[ExportDiscarded](),
		current[ExportDownloaded](),
		current[BulkRequested](),
		current[BulkChunkRecorded](),
		current[BulkCompleted](),
		retired[APIKeyIssuedV1](),
		current[APIKeyIssued](),
		current[APIKeyRotated](),
		current[APIKeyRevoked](),
		current[APIKeyNetworksChanged](),
		current[MemberInvited](),
		current[MemberInvitationRenewed](),
		current[MemberInvitationWithdrawn](),
		current[MemberJoined](),
		current[MemberRoleChanged](),
		current[MemberLeft](),
		current[MemberRemoved](),
		current[MemberSeatPaused](),
		current[MemberSeatResumed](),
		current[OwnershipTransferred](),
		current[MemberSessionEnded](),
		current[MemberSecondFactorChanged](),
		current[MemberImpersonated](),
		current[MemberImpersonationUsed](),
		current[MemberErased](),
		current[MemberProvisioned](),
		current[IdentityLinked](),
		current[IdentityUnlinked](),
		current[IdentityJoiningSet](),
		current[RoleDefined](),
		current[RoleChanged](),
		current[RoleRemoved](),
		retired[LeadCreatedV1](),
		current[LeadCreated](),
		retired[LeadUpdatedV1](),
		current[LeadUpdated](),
		retired[LeadSupplementedV1](),
		current[LeadSupplemented](),
		current[LeadRetagged](),
		current[LeadRemoved](),
		current[LeadErased](),
		retired[SuppressionAddedV1](),
		current[SuppressionAdded](),
		retired[SuppressionRemovedV1](),
		current[SuppressionRemoved](),
		current[SubdomainKnown](),
		current[SuppressionChunkRecorded](),
		retired[ImportRequestedV1](),
		current[ImportRequested](),
		retired[ImportChunkRecordedV1](),
		retired[ImportChunkRecordedV2](),
		current[ImportChunkRecorded](),
		current[ImportCompleted](),
		current[ImportFailed](),
		current[ImportUndoRequested](),
		current[ImportUndoChunkRecorded](),
		current[ImportUndone](),
		current[CampaignCreated](),
		retired[CampaignCreatedV1](),
		current[CampaignRenamed](),
		current[CampaignStepsChanged](),
		retired[CampaignStepsChangedV1](),
		current[CampaignDeleted](),
		current[CampaignSettingsChanged](),
		current[CampaignMailboxesAssigned](),
		current[CampaignPacingSet](),
		current[CampaignLaunched](),
		retired[CampaignRevisedV1](),
		current[CampaignRevised](),
		current[CampaignUpdated](),
		current[CampaignApprovalSet](),
		current[CampaignIdled](),
		current[CampaignReactivated](),
		current[CampaignReadinessChanged](),
		current[CampaignPaused](),
		current[CampaignResumed](),
		current[CampaignCompleted](),
		current[EnrollmentStarted](),
		current[EnrollmentBatchRecorded](),
		current[EnrollmentPaused](),
		current[EnrollmentResumed](),
		current[EnrollmentStopped](),
		current[EnrollmentCompleted](),
		current[EnrollmentDeferred](),
		current[EnrollmentContinued](),
		current[EnrollmentHandedOver](),
		current[MailboxAdded](),
		current[MailboxRemoved](),
		current[MailboxConnected](),
		current[MailboxWebhookKeysSet](),
		current[MailboxLetterSet](),
		current[MailboxPaceSet](),
		current[MailboxChecksRequested](),
		current[MailboxChecked](),
		current[MailboxMailUnreadable](),
		current[MailboxVerified](),
		current[MailboxWarmedUp](),
		current[MailboxPaused](),
		current[MailboxResumed](),
		current[MailboxHealthChanged](),
		current[MailboxHoursSet](),
		current[MailboxWarmupSet](),
		current[MailboxWarmupStepped](),
		current[MailboxRead](),
		current[MailboxWaited](),
		current[MessageRequested](),
		retired[MessageRequestedV1](),
		current[MessageDrafted](),
		current[MessageHeld](),
		current[MessageRedraftRequested](),
		current[MessageRejected](),
		current[MessageApproved](),
		current[MessageApprovalLapsed](),
		current[MessageScheduled](),
		current[MessagePostponed](),
		current[MessageClaimed](),
		current[ClaimRecorded](),
		current[MessageSent](),
		retired[MessageSentV1](),
		retired[MessageSentV2](),
		current[MessageDeferred](),
		current[MessageFailed](),
		current[MessageInDoubt](),
		current[MessageResolved](),
		current[MessageCancelled](),
		current[MessageOpened](),
		current[MessageClicked](),
		current[HitReclassified](),
		current[MessageReplied](),
		retired[MessageRepliedV1](),
		retired[MessageRepliedV2](),
		current[ReplyReclassified](),
		current[MessageAutoReplied](),
		retired[MessageAutoRepliedV1](),
		current[MessageBounced](),
		retired[MessageBouncedV1](),
		current[MessageComplained](),
		retired[MessageComplainedV1](),
		current[MessageDelivered](),
		current[MessageDelayed](),
		current[MessageDropped](),
		current[LeadUnsubscribed](),
		retired[LeadUnsubscribedV1](),
		current[BookingHoursSet](),
		retired[BookingHoursSetV1](),
		current[MeetingBooked](),
		current[MeetingConfirmationClaimed](),
		current[MeetingCancelled](),
		current[MeetingCancellationClaimed](),
		current[MeetingRescheduled](),
		current[MeetingMoveClaimed](),
		current[MeetingOutcomeSet](),
		current[ThreadStatusSet](),
		current[ThreadAssigned](),
		current[ThreadMarked](),
		current[ThreadMailIdentified](),
		current[ReferralSettled](),
		current[ResponseWritten](),
		current[ResponseCancelled](),
		current[ResponseDue](),
		current[ResponseClaimed](),
		current[ResponseSent](),
		current[ResponseDeferred](),
		current[ResponseFailed](),
		current[ResponseInDoubt](),
		current[ResponseResolved](),
		current[ExperimentCreated](),
		current[ExperimentStarted](),
		current[ExperimentHeldOut](),
		current[ExperimentArmStopped](),
		current[ExperimentStopped](),
		current[ExperimentDecided](),
		current[ExperimentEvaluated](),
		current[WebhookAdded](),
		current[WebhookChanged](),
		current[WebhookSecretRotated](),
		current[WebhookDisabled](),
		current[WebhookEnabled](),
		current[WebhookRemoved](),
		current[WebhookTested](),
		current[WebhookReplayRequested](),
		current[WebhookRedeliveryRequested](),
		current[FactFound](),
		current[FactStale](),
		current[CompanyRecorded](),
		current[EvidenceRecorded](),
		current[EvidenceOverruled](),
		current[DraftEditMeasured](),
		current[ClaimApproved](),
		current[ClaimRetired](),
		current[AISettingsChanged](),
		current[AIStopped](),
		current[AIResumed](),
		current[AICallReserved](),
		current[AICallSettled](),
		current[AIFellBack](),
		current[ResearchRequested](),
		current[ResearchCompleted](),
		current[ResearchFailed](),
		current[ResearchSkipped](),
		current[ResearchSettingsSet](),
		current[CampaignResearchSet](),
		current[FlagCreated](),
		current[FlagChanged](),
		current[FlagKilled](),
		current[FlagRevived](),
		current[FlagScheduleReached](),
		current[FlagSwitched](),
		current[ReportCreated](),
		current[ReportChanged](),
		current[ReportRemoved](),
		current[ReportRunRequested](),
		current[ReportRunCompleted](),
		current[ReportRunFailed](),
		current[SenderDomainChecksRequested](),
		current[SenderDomainChecked](),
		current[SenderDomainSigningSet](),
		current[SenderDomainSigningRemoved](),
		current[SenderDomainTrackingSet](),
		current[es.CommandRefused](),
		current[es.CommandNoop](),
	}
}

var decoders = byType(Catalogue()) //nolint:gochecknoglobals // a constant table

func byType(entries []Entry) map[string]func([]byte) (Event, error) {
	m := make(map[string]func([]byte) (Event, error), len(entries))
	for _, e := range entries {
		m[e.Zero.EventType()] = e.decode
	}
	return m
}

// Decode turns stored bytes into the newest form of their event. Its result is a value, never a pointer.
func Decode(eventType string, data []byte) (Event, error) {
	d, ok := decoders[eventType]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, eventType)
	}
	e, err := d(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", eventType, err)
	}
	return e, nil
}

func current[E Event]() Entry {
	var zero E
	return Entry{Zero: zero, decode: func(data []byte) (Event, error) {
		var e E
		err := es.Unmarshal(data, &e)
		return e, err
	}}
}

// TypesOf returns the types under which logs hold an event: its own, and retired ones that decode to it.
func TypesOf(e Event) (types []string) {
	for _, entry := range Catalogue() {
		if Newest(entry.Zero).EventType() == e.EventType() {
			types = append(types, entry.Zero.EventType())
		}
	}
	return types
}
