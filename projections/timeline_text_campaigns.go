package projections

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

type bulkRequestedDetail struct {
	Action string `json:"action"`
	Leads  int    `json:"leads"`
}

type bulkCountDetail struct {
	Done      int `json:"done"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
}

func (d bulkCountDetail) listCounts() string {
	return fmt.Sprintf("%d leads done, %d unchanged, %d refused.", d.Done, d.Unchanged, d.Refused)
}

type exportDetail struct {
	Kind   string `json:"kind,omitzero"`
	Rows   int    `json:"rows,omitzero"`
	Reason string `json:"reason,omitzero"`
}

type trialDetail struct {
	DaysLeft int `json:"days_left"`
}

type warnedDetail struct {
	Limit   string `json:"limit"`
	Used    int64  `json:"used"`
	Max     int64  `json:"max"`
	Percent int    `json:"percent"`
}

type slugDetail struct {
	Slug string `json:"slug"`
}

type downloadDetail struct {
	What string `json:"what"`
}

type keyNetworksDetail struct {
	Networks int `json:"networks"`
}

// organizationTexts are for organisations, their keys and their imports.
func organizationTexts() []timelineText {
	return []timelineText{
		tellType[events.OrganizationCreated](),
		tellType[events.OrganizationUpdated](),
		tellAs(func(e events.OrganizationPersonGapSet) personGapDetail { return personGapDetail{e.Minutes} }, func(d personGapDetail) sentence {
			if d.Minutes == 0 {
				return sentence{"none", "Campaigns may write to one person at the same time."}
			}
			return sentence{english: fmt.Sprintf("At least %d minutes lie between messages of two campaigns to one person.", d.Minutes)}
		}),
		tellAs(func(e events.OrganizationReplyUndoSet) replyUndoDetail { return replyUndoDetail{e.Seconds} }, func(d replyUndoDetail) sentence {
			if d.Seconds == 0 {
				return sentence{"none", "Answers from the inbox are sent at once."}
			}
			return sentence{english: fmt.Sprintf("Answers from the inbox can be taken back for %d seconds.", d.Seconds)}
		}),
		tellSentence[events.OrganizationPacingSet]("The limits that all mailboxes share were set."),
		tellAs(func(e events.OrganizationHolidaysSet) holidaysDetail { return holidaysDetail{e.Country, len(e.Days)} }, holidaysSentence),
		tellType[events.OrganizationPlanChanged](),
		tellAs(func(e events.OrganizationTrialReminded) trialDetail { return trialDetail{e.DaysLeft} }, func(d trialDetail) sentence {
			if d.DaysLeft == 1 {
				return sentence{"one", "The trial ends tomorrow, and no plan was chosen yet."}
			}
			return sentence{english: fmt.Sprintf("The trial ends in %d days, and no plan was chosen yet.", d.DaysLeft)}
		}),
		tellType[events.OrganizationTrialEnded](),
		tellType[events.OrganizationStatusChanged](),
		tellAs(func(e events.OrganizationSlugChanged) slugDetail { return slugDetail{e.Slug} }, func(d slugDetail) sentence {
			return sentence{english: "The organisation's short name is " + d.Slug + " now; the old one leads there for thirty days."}
		}),
		tellAs(func(e events.PersonalDataDownloaded) downloadDetail { return downloadDetail{e.What} }, func(d downloadDetail) sentence {
			if d.What == events.DownloadedImportErrors {
				return sentence{d.What, "The rows that an import refused were downloaded."}
			}
			return sentence{d.What, "The history was downloaded."}
		}),
		tellSentence[events.OrganizationDeletionRequested]("The organisation is deleted; for thirty days it can be restored."),
		tellSentence[events.OrganizationRestored]("The organisation was restored."),
		tellType[events.OrganizationDeleted](),
		tellType[events.UsagePeriodStarted](),
		tellDetail(func(e events.QuotaRefused) events.QuotaDetail { return e.QuotaDetail }),
		tellAs(func(e events.QuotaWarned) warnedDetail { return warnedDetail{e.Limit, e.Used, e.Max, e.Percent} }, func(d warnedDetail) sentence {
			what := map[string]string{events.LimitLeads: "leads that the plan has for a month", events.LimitLeadsStored: "leads that the plan lets one keep", events.LimitAIBudget: "micro-dollars that the plan has for language models"}[d.Limit]
			if d.Percent >= 100 {
				return sentence{"all", fmt.Sprintf("All %d %s are used.", d.Max, cmp.Or(what, d.Limit))}
			}
			return sentence{english: fmt.Sprintf("%d of %d %s are used.", d.Used, d.Max, cmp.Or(what, d.Limit))}
		}),
		tellAs(func(e events.ExportRequested) exportDetail { return exportDetail{Kind: e.Kind} }, func(d exportDetail) sentence {
			return sentence{english: "An export of " + cmp.Or(d.Kind, "data") + " was asked for."}
		}),
		tellAs(func(e events.ExportCompleted) exportDetail { return exportDetail{Rows: e.Rows} }, func(d exportDetail) sentence {
			return sentence{english: fmt.Sprintf("The export is ready, with %d rows.", d.Rows)}
		}),
		tellSentence[events.ExportFailed]("The export failed."),
		tellAs(func(e events.ExportDiscarded) exportDetail { return exportDetail{Reason: e.Reason} }, func(d exportDetail) sentence {
			if d.Reason == events.DiscardedPersonErased {
				return sentence{events.DiscardedPersonErased, "The export was deleted, as a person was erased."}
			}
			return sentence{english: "The export was deleted."}
		}),
		tellSentence[events.ExportDownloaded]("The export was downloaded."),
		tellAs(func(e events.BulkRequested) bulkRequestedDetail { return bulkRequestedDetail{e.Action, len(e.LeadIDs)} }, func(d bulkRequestedDetail) sentence {
			return sentence{english: fmt.Sprintf("A bulk operation (%s) on %d leads was asked for.", d.Action, d.Leads)}
		}),
		tellAs(func(e events.BulkChunkRecorded) bulkCountDetail {
			return bulkCountDetail{e.Done, e.Unchanged, len(e.Refused)}
		}, func(d bulkCountDetail) sentence {
			return sentence{english: "A part of the bulk operation is done: " + d.listCounts()}
		}),
		tellAs(func(e events.BulkCompleted) bulkCountDetail { return bulkCountDetail{e.Done, e.Unchanged, e.Refused} }, func(d bulkCountDetail) sentence {
			return sentence{english: "The bulk operation is completed: " + d.listCounts()}
		}),
		tellDetail(func(e events.BookingHoursSet) events.BookingHours { return e.BookingHours }),
		tellType[events.APIKeyIssued](),
		tellDetail(func(e events.APIKeyRotated) keyRotatedDetail { return keyRotatedDetail{e.OldUntil} }),
		tellAs(func(e events.APIKeyNetworksChanged) keyNetworksDetail { return keyNetworksDetail{e.Networks} }, func(d keyNetworksDetail) sentence {
			if d.Networks == 0 {
				return sentence{"anywhere", "The key may be used from anywhere."}
			}
			return sentence{english: fmt.Sprintf("The key may be used from %d networks.", d.Networks)}
		}),
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

type campaignUpdatedDetail struct {
	CampaignType *string `json:"campaign_type,omitzero"`
	TimeZone     *string `json:"time_zone,omitzero"`
	StartDate    *string `json:"start_date,omitzero"`
	EndDate      *string `json:"end_date,omitzero"`
	Approval     *string `json:"approval,omitzero"`
}

type campaignReadinessDetail struct {
	Missing []events.Lack `json:"missing"`
}

func readinessSentence(d campaignReadinessDetail) sentence {
	var names []string
	for _, l := range d.Missing {
		if name := spellOut(l.What); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return sentence{"ready", "The campaign lacks nothing any more."}
	}
	return sentence{english: "The campaign lacks what a launch asks for: " + strings.Join(names, ", ") + "."}
}

type personGapDetail struct {
	Minutes int `json:"minutes"`
}

type launchRequestDetail struct {
	By   string `json:"by"`
	Note string `json:"note,omitzero"`
}

type launchDroppedDetail struct {
	Declined bool `json:"declined"`
}

type replyUndoDetail struct {
	Seconds int `json:"seconds"`
}

type campaignMailboxesDetail struct {
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
}

// pausedDetail is for a campaign or mailbox that a rule or a person has paused.
type pausedDetail struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Sent   int    `json:"sent"`
}

type campaignApprovalDetail struct {
	Approval string `json:"approval"`
	Sample   int    `json:"sample,omitzero"`
	Below    int    `json:"below,omitzero"`
}

func campaignTexts() []timelineText {
	return []timelineText{
		tellType[events.CampaignCreated](),
		tellDetail(func(e events.CampaignRenamed) campaignRenamedDetail { return campaignRenamedDetail{e.Name} }),
		tellType[events.CampaignStepsChanged](),
		tellType[events.CampaignDeleted](),
		tellSentence[events.CampaignArchived]("The campaign was archived."),
		tellSentence[events.CampaignUnarchived]("The campaign was taken out of the archive."),
		tellAs(func(e events.CampaignLaunchRequested) launchRequestDetail { return launchRequestDetail{e.By, e.Note} }, func(d launchRequestDetail) sentence {
			if d.Note == "" {
				return sentence{english: "Somebody asks for the launch of the campaign."}
			}
			return sentence{"noted", "Somebody asks for the launch of the campaign: " + d.Note}
		}),
		tellAs(func(e events.CampaignLaunchRequestDropped) launchDroppedDetail {
			return launchDroppedDetail{e.Declined}
		}, func(d launchDroppedDetail) sentence {
			if d.Declined {
				return sentence{"declined", "The request to launch the campaign was declined."}
			}
			return sentence{english: "The request to launch the campaign was taken back."}
		}),
		tellDetail(func(e events.CampaignSettingsChanged) events.CampaignSettings { return e.CampaignSettings }),
		tellDetail(func(e events.CampaignMailboxesAssigned) campaignMailboxesDetail {
			return campaignMailboxesDetail{e.MailboxIDs}
		}),
		tellDetail(func(e events.CampaignBookingSet) events.CampaignBooking { return e.CampaignBooking }),
		tellDetail(func(e events.CampaignEntrySet) events.CampaignEntry { return e.CampaignEntry }),
		tellDetail(func(e events.CampaignPacingSet) events.CampaignPacing { return e.CampaignPacing }),
		tellDetail(func(e events.CampaignLaunched) campaignLaunchedDetail { return campaignLaunchedDetail{e.StepsVersion} }),
		tellDetail(func(e events.CampaignRevised) campaignRevisedDetail {
			return campaignRevisedDetail{e.StepsVersion, len(e.Steps)}
		}),
		tellDetail(func(e events.CampaignPaused) pausedDetail { return pausedDetail{e.Reason, e.Count, e.Sent} }),
		tellType[events.CampaignResumed](),
		tellDetail(func(e events.CampaignUpdated) campaignUpdatedDetail {
			return campaignUpdatedDetail{e.CampaignType, e.TimeZone, e.StartDate, e.EndDate, e.Approval}
		}),
		tellAs(func(e events.CampaignApprovalSet) campaignApprovalDetail {
			return campaignApprovalDetail{e.Approval, e.Sample, e.Below}
		}, func(d campaignApprovalDetail) sentence {
			switch d.Approval {
			case events.ApproveSample:
				return sentence{"sample", "From now on a person approves " + strconv.Itoa(d.Sample) + " % of the messages."}
			case events.ApproveLowScore:
				return sentence{"low_score", "From now on a person approves messages to leads whose lead score is below " + strconv.Itoa(d.Below) + "."}
			case events.ApproveDoubtful:
				return sentence{"doubtful", "From now on a person approves what has a sentence that nothing carries, or says a fact of less than " + strconv.Itoa(d.Below) + " % confidence."}
			}
			return sentence{english: "What a person must approve was changed: " + d.Approval + "."}
		}),
		tellSentence[events.CampaignIdled]("The campaign is idle: nobody is left in it."),
		tellSentence[events.CampaignReactivated]("The campaign is active again: somebody was enrolled."),
		tellAs(func(e events.CampaignReadinessChanged) campaignReadinessDetail {
			return campaignReadinessDetail{e.Missing}
		}, readinessSentence),
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

type mailboxLetterDetail struct {
	Signature  bool `json:"signature"`
	KeepCopies bool `json:"keep_copies"`
}

type webhookKeysDetail struct {
	Reports int `json:"reports"`
	Mail    int `json:"mail"`
}

type mailboxCheckedDetail struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail"`
}

type mailboxVerifiedDetail struct {
	Status string `json:"status"`
}

type mailUnreadableDetail struct {
	Folder string `json:"folder"`
	UID    int64  `json:"uid"`
	Reason string `json:"reason"`
}

type mailboxHealthDetail struct {
	Health int    `json:"health"`
	Reason string `json:"reason"`
}

type foldersDetail struct {
	Folders int `json:"folders"`
}

type readingFailedDetail struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

type readingRecoveredDetail struct {
	ReadAt time.Time `json:"read_at"`
}

// ReadingFailureInWords says why a mailbox can't be read.
func ReadingFailureInWords(reason string) string {
	switch reason {
	case events.ReadingUnreachable:
		return "nobody answers where its mail server should be"
	case events.ReadingSilent:
		return "its mail server doesn't answer in time"
	case events.ReadingHungUp:
		return "its mail server ends the connection"
	case events.ReadingInsecure:
		return "the connection to its mail server can't be secured"
	case events.ReadingNoServer:
		return "what answers is no IMAP server"
	case events.ReadingSignIn:
		return "its mail server refuses the sign-in"
	}
	return "its mail server refuses something else"
}

func mailboxTexts() []timelineText {
	return []timelineText{
		tellDetail(func(e events.MailboxAdded) mailboxAddedDetail { return mailboxAddedDetail{e.Transport} }),
		tellType[events.MailboxRemoved](),
		tellDetail(func(e events.MailboxConnected) mailboxConnectedDetail {
			return mailboxConnectedDetail{e.SMTP.Host != "", e.IMAP.Host != ""}
		}),
		tellDetail(func(e events.MailboxPaceSet) events.MailboxPace { return e.MailboxPace }),
		tellDetail(func(e events.MailboxWebhookKeysSet) webhookKeysDetail {
			return webhookKeysDetail{len(e.Reports), len(e.Mail)}
		}),
		tellAs(func(e events.MailboxLetterSet) mailboxLetterDetail {
			return mailboxLetterDetail{!e.Signature.IsZero(), e.KeepCopies}
		}, func(mailboxLetterDetail) sentence {
			return sentence{english: "Signature and copies of the mailbox set."}
		}),
		tellAs(func(e events.MailboxFoldersListed) foldersDetail { return foldersDetail{len(e.Folders)} }, func(d foldersDetail) sentence {
			return sentence{english: fmt.Sprintf("The mailbox has folders: %d.", d.Folders)}
		}),
		tellAs(func(e events.MailboxFoldersSet) foldersDetail { return foldersDetail{len(e.Folders)} }, func(d foldersDetail) sentence {
			if d.Folders == 0 {
				return sentence{"none", "No folders are read besides INBOX and those of unwanted mail."}
			}
			return sentence{english: fmt.Sprintf("Other folders of the mailbox are read, too: %d.", d.Folders)}
		}),
		tellType[events.MailboxChecksRequested](),
		tellDetail(func(e events.MailboxChecked) mailboxCheckedDetail {
			return mailboxCheckedDetail{e.Check, e.Outcome, e.Detail}
		}),
		tellAs(func(e events.MailboxMailUnreadable) mailUnreadableDetail {
			return mailUnreadableDetail{e.Folder, e.UID, e.Reason}
		}, func(mailUnreadableDetail) sentence {
			return sentence{english: "A mail could not be read and was passed over."}
		}),
		tellAs(func(e events.MailboxReadingFailed) readingFailedDetail { return readingFailedDetail{e.Reason, e.Since} }, func(d readingFailedDetail) sentence {
			return sentence{d.Reason, "The mailbox can't be read, so nothing is sent from it: " + ReadingFailureInWords(d.Reason) + "."}
		}),
		tellAs(func(e events.MailboxReadingRecovered) readingRecoveredDetail { return readingRecoveredDetail{e.ReadAt} }, func(readingRecoveredDetail) sentence {
			return sentence{english: "The mailbox can be read again."}
		}),
		tellDetail(func(e events.MailboxVerified) mailboxVerifiedDetail { return mailboxVerifiedDetail{e.Status} }),
		tellType[events.MailboxWarmedUp](),
		tellDetail(func(e events.MailboxPaused) pausedDetail { return pausedDetail{e.Reason, e.Count, e.Sent} }),
		tellType[events.MailboxResumed](),
		tellDetail(func(e events.MailboxHealthChanged) mailboxHealthDetail {
			return mailboxHealthDetail{e.Health, e.Reason}
		}),
		tellDetail(func(e events.MailboxHoursSet) mailboxHoursDetail { return mailboxHoursDetail{e.Windows} }),
		tellAs(func(e events.MailboxWarmupSet) warmupSetDetail { return warmupSetDetail{e.Warmup, e.Cap} }, warmupSetSentence),
		tellAs(func(e events.MailboxWarmupStepped) warmupSteppedDetail {
			return warmupSteppedDetail{e.Day, e.Cap, e.Stage, e.Change, e.Reason}
		}, warmupSteppedSentence),
		tellNothing[events.MailboxRead](),
		tellNothing[events.MailboxWaited](),
		tellNothing[events.ClaimRecorded](),
	}
}
