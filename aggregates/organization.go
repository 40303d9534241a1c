package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Organization is all the state that the commands of one organisation decide on, and nothing else, in parts. Only Decide reads it,
// and only Apply writes it.
type Organization struct {
	ID uuid.UUID

	Account
	Quota
	Billing     Billing
	Keys        APIKeys
	Members     Members
	Identity    IdentityLinks
	Leads       Leads
	Suppression Suppressions
	Imports     Imports
	Campaigns   Campaigns // and the enrollments on them
	Mailboxes   Mailboxes
	Messages    Messages
	Meetings    Meetings
	Exports     Exports
	Bulks       Bulks
	Recipients  Recipients
	Heard       Heard // mails that were recorded
	Told        Told  // reports of providers
	Threads     Threads
	Responses   Responses // that aren't finished
	Experiments Experiments
	Webhooks    Webhooks
	Connections Connections // to services of others
	Known       Known       // facts about leads and companies
	Flags       Flags
	Reports     Reports
	Domains     SenderDomains
	AI          AI
	Scores      Scores
	Tests       TestSends
	Snippets    Named
	Segments    Named

	zones  Zones
	pacing pacing
}

// NewOrganization is the state before the first event.
func NewOrganization(id uuid.UUID) *Organization {
	return &Organization{ID: id, pacing: newPacing()}
}

// Apply takes an event. It never fails, and skips events that no decision depends on.
func (o *Organization) Apply(e events.Event) {
	// A command of an older program may just have been decided; events from the log come in their newest version.
	switch e := events.As[events.Fact](events.Newest(e)).(type) {
	case events.OrganizationDeleted:
		o.forgetAll()
	case events.OrganizationEvent:
		o.applyAccount(e)
		o.Quota.applyEvent(e)
		o.applyBookingHours(e)
		o.Exports.applyEvent(e)
		o.Bulks.applyEvent(e)
	case events.APIKeyEvent:
		o.Keys.applyEvent(e)
	case events.MemberEvent:
		o.Members.applyEvent(e)
		o.Keys.applyMember(e)
	case events.IdentityEvent:
		o.Identity.applyEvent(e)
	case events.LeadEvent:
		o.applyLead(e)
	case events.SuppressionEvent:
		o.Suppression.applyEvent(e)
		o.Imports.noteErased(e)
		o.Recipients.applySuppression(e)
	case events.ImportEvent:
		o.Imports.applyEvent(e)
	case events.CampaignEvent:
		o.applyCampaign(e)
	case events.EnrollmentEvent:
		o.Quota.countEnrollment(e)
		o.applyEnrollment(e)
	case events.MailboxEvent:
		o.applyMailbox(e)
	case events.MessageEvent:
		o.applyMessage(e)
	case events.MeetingEvent:
		o.Meetings.applyEvent(e)
		switch of := e.(type) {
		case events.MeetingBooked:
			o.endReceived(of.LeadID, events.StopMeetingBooked)
			o.observeEngagement(of, answerAs{})
		case events.MeetingCancelled:
			o.takeBackMeeting(of.LeadID)
		case events.MeetingConfirmationClaimed, events.MeetingCancellationClaimed, events.MeetingRescheduled, events.MeetingReplaced, events.MeetingMoveClaimed, events.MeetingPlaced, events.MeetingSlotHeld, events.MeetingOutcomeSet: // change nothing more
		}
	case events.EngagementEvent:
		was := o.understood(e) // before it is corrected
		o.applyHeard(e)
		o.hearInThread(e)
		o.applyEngagement(e, was)
		o.observeEngagement(e, was)
	case events.ThreadEvent:
		o.applyThread(e)
		o.applyResponse(e)
	case events.ExperimentEvent:
		o.applyExperiment(e)
	case events.WebhookEvent:
		o.Webhooks.applyEvent(e)
	case events.ConnectionEvent:
		o.Connections.applyEvent(e)
	case events.BillingEvent:
		o.applyBilling(e)
	case events.FactEvent:
		o.Known.applyFact(e)
	case events.EvidenceEvent:
		o.Known.applyEvidence(e)
	case events.ClaimEvent:
		o.Known.claims.applyEvent(e)
	case events.AnswerEvent:
		o.Known.answers.applyEvent(e)
	case events.ResearchEvent:
		o.applyResearch(e)
	case events.FlagEvent:
		o.Flags.applyEvent(e)
	case events.ReportEvent:
		o.Reports.applyEvent(e)
	case events.SenderDomainEvent:
		o.applySenderDomain(e)
	case events.AIEvent:
		o.countAICall(e)
		o.AI.applyEvent(e)
		if set, ok := e.(events.CampaignWritingSet); ok {
			o.onCampaign(set.CampaignID, func(c *Campaign) { c.writing = &set.CampaignWriting })
		}
	case events.ScoreEvent:
		o.applyScore(e)
	case events.TestSendEvent:
		o.Tests.applyEvent(e)
	case events.SnippetEvent:
		o.applySnippet(e)
	case events.SegmentEvent:
		o.applySegment(e)
	}
}

// forgetAll leaves of a deleted organisation only what is needed to refuse its next commands.
func (o *Organization) forgetAll() {
	*o = Organization{ID: o.ID, Account: Account{Created: true, Deleted: true, Version: o.Version + 1}, pacing: pacing{ticked: o.pacing.ticked}}
}

// Due returns when AdvanceClock must come next; zero = never. It is never the time of a past tick.
func (o *Organization) Due() time.Time {
	if at := o.Flags.due(); !at.IsZero() { // of the installation, which is no organisation
		return toTime(max(toMicros(at), o.pacing.ticked+1))
	}
	if !o.Created || o.Deleted {
		return time.Time{}
	}
	due := toMicros(o.PeriodTo)
	sooner := func(at int64) {
		if at != 0 && at < due {
			due = at
		}
	}
	if !o.EraseAt.IsZero() {
		sooner(toMicros(o.EraseAt))
	}
	if o.Trial.isRunning() {
		sooner(toMicros(o.Trial.EndsAt))
	}
	if next := o.Trial.nextReminder(); !next.IsZero() {
		sooner(toMicros(next))
	}
	if o.NextStatus.Status != "" {
		sooner(toMicros(o.NextStatus.At))
	}
	if o.warningIsDue() || o.excessIsDue() {
		sooner(o.pacing.ticked + 1)
	}
	for _, at := range o.pacing.dueTimes(o.maySend()) {
		sooner(at)
	}
	sooner(o.Responses.dueAt(o.maySend()))
	sooner(o.nextLook())
	if o.maySend() {
		sooner(o.Reports.dueAt())
		sooner(o.Scores.dueAt())
	}
	sooner(o.nextDomainCheck())
	sooner(o.Known.claims.end)
	if at := o.AI.due(); !at.IsZero() {
		sooner(toMicros(at))
	}
	return toTime(max(due, o.pacing.ticked+1))
}

func setIfGiven[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
