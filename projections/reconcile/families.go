package reconcile

import (
	"crypto/md5"
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// family is a kind of thing that is counted in the log and in a store.
type family struct {
	name, store string
	projection  string // that shows it
	// query returns key and state of each thing (Postgres), or org, state, number and sum of hashes (ClickHouse,
	// where {past} stands for the rows up to the position).
	query string
	begin func() any
	see   func(s *state, command []*es.Event)
}

const (
	inPostgres   = "postgres"
	inClickHouse = "clickhouse"
)

func allFamilies() []family {
	return append(outsideFamilies(), []family{
		{"members", inPostgres, "members", `select org_id, person_id::text as key, case when ended_at is null then role else 'ended' end as state from read.members`, nil, eachEvent(foldMember)},
		{"invitations", inPostgres, "members", `select org_id, invitation_id::text as key, status as state from read.member_invitations`, nil, eachEvent(foldInvitation)},
		{"roles", inPostgres, "members", `select org_id, role_id::text as key, case when removed_at is null then permissions else 'removed' end as state from read.roles`, nil, eachEvent(foldRole)},
		{"leads", inPostgres, "leads", `select org_id, lead_id::text as key, case when erased_at is null then 'there' else 'erased' end as state from read.leads`, nil, eachEvent(foldLead)},
		{"outreach", inPostgres, "leads", `select org_id, lead_id::text as key, outreach_status as state from read.leads`, func() any { return map[item]*standing{} }, eachEvent(foldOutreach)},
		{"suppressed", inPostgres, "leads", `select org_id, lead_id::text as key, suppressed_by || '/' || suppressed_reason as state from read.leads`, beginCovered, eachEvent(foldCovered)},
		{"scores", inPostgres, "leads", scoresShown, nil, eachEvent(foldScore)},
		{"suppressions", inPostgres, "suppressions", `select org_id, suppression_id::text as key, kind as state from read.suppressions`, nil, eachEvent(foldSuppression)},
		{"campaigns", inPostgres, "campaigns", `select org_id, campaign_id::text as key, status as state from read.campaigns`, nil, eachEvent(foldCampaign)},
		{"enrollments", inPostgres, "campaigns", `select org_id, enrollment_id::text as key, state from read.enrollments`, func() any { return map[item][]uuid.UUID{} }, eachEvent(foldEnrollment)},
		{"messages", inPostgres, "messages", `select org_id, message_id::text as key, state from read.messages`, nil, eachEvent(foldMessage)},
		{"outcomes", inPostgres, "messages", outcomesShown, beginOutcomes(false), foldOutcomes},
		{"hits", inPostgres, "messages", `select org_id, hit_id::text as key, kind || '/' || class as state from read.message_hits`, func() any { return map[item]string{} }, eachEvent(foldHit)},
		{"meetings", inPostgres, "meetings", `select org_id, meeting_id::text as key, status as state from read.meetings`, nil, eachEvent(foldMeeting)},
		{"exports", inPostgres, "exports", `select org_id, export_id::text as key, status as state from read.exports`, nil, eachEvent(foldExport)},
		{"ai_calls", inPostgres, "ai", `select org_id, call_id::text as key, task || '/' || provider || '/' || outcome || '/' || cost_micros as state from read.ai_usage`, nil, eachEvent(foldAICall)},
		{"bulk", inPostgres, "bulk", `select org_id, bulk_id::text as key, status || '/' || done || '/' || unchanged || '/' || refused as state from read.bulk_jobs`, beginBulk, eachEvent(foldBulk)},
		{"events", inClickHouse, "analytics_events", `SELECT org, 'events' AS state, toInt64(count()), sum(h) FROM (
			SELECT org, oseq, reinterpretAsUInt64(reverse(substring(MD5(concat(toString(oseq), ':', toString(id), ':', type, ':', subject, ':', hex(chain), ':', data)), 1, 8))) AS h
			FROM events WHERE {past} GROUP BY org, oseq, h) GROUP BY org`, nil, eachEvent(foldEvent)},
		{"engagement", inClickHouse, "analytics_engagement", `SELECT org, state, toInt64(count()), sum(reinterpretAsUInt64(reverse(substring(MD5(concat(toString(about), '/', toString(oseq), ':', state)), 1, 8)))) FROM (
			SELECT DISTINCT org, about, oseq, if(fact IN ('open', 'click'), concat(fact, '/', class), toString(fact)) AS state
			FROM engagement WHERE {past} AND fact NOT IN ('organization', 'campaign', 'settings', 'lead', 'arm')) GROUP BY org, state`, func() any { return &engagementBasis{map[item]bool{}, map[item]string{}} }, foldEngagement},
		{"figures", inClickHouse, "analytics_engagement", figuresShown(), beginOutcomes(true), foldOutcomes},
	}...)
}

func eachEvent(f func(*state, *es.Event)) func(*state, []*es.Event) {
	return func(s *state, command []*es.Event) {
		for _, e := range command {
			f(s, e)
		}
	}
}

func foldLead(s *state, e *es.Event) {
	switch p := events.As[events.LeadEvent](e.Payload).(type) {
	case events.LeadCreated:
		s.setState(e.Org, p.LeadID, "there")
	case events.LeadErased:
		s.changeState(e.Org, p.LeadID, "erased")
	case events.LeadRemoved:
		s.dropItem(e.Org, p.LeadID)
	case events.LeadUpdated, events.LeadSupplemented, events.LeadRetagged: // change nothing here
	}
}

func foldSuppression(s *state, e *es.Event) {
	switch p := events.As[events.SuppressionEvent](e.Payload).(type) {
	case events.SuppressionAdded:
		s.setState(e.Org, p.SuppressionID, p.Kind)
	case events.SuppressionRemoved:
		s.dropItem(e.Org, p.SuppressionID)
	case events.SubdomainKnown, events.SuppressionChunkRecorded: // change nothing here
	}
}

func foldCampaign(s *state, e *es.Event) {
	switch p := events.As[events.CampaignEvent](e.Payload).(type) {
	case events.CampaignCreated:
		s.setState(e.Org, p.CampaignID, "draft")
	case events.CampaignLaunched:
		s.changeState(e.Org, p.CampaignID, events.CampaignIsActive)
	case events.CampaignPaused:
		s.changeState(e.Org, p.CampaignID, events.CampaignIsPaused)
	case events.CampaignResumed:
		s.changeState(e.Org, p.CampaignID, events.CampaignIsActive)
	case events.CampaignCompleted:
		s.changeState(e.Org, p.CampaignID, events.CampaignIsCompleted)
	case events.CampaignIdled:
		s.changeState(e.Org, p.CampaignID, "idle")
	case events.CampaignReactivated:
		s.changeState(e.Org, p.CampaignID, events.CampaignIsActive)
	case events.CampaignDeleted:
		s.dropItem(e.Org, p.CampaignID)
	case events.CampaignRenamed, events.CampaignUpdated, events.CampaignApprovalSet, events.CampaignReadinessChanged, events.CampaignStepsChanged, events.CampaignSettingsChanged, events.CampaignMailboxesAssigned, events.CampaignPacingSet, events.CampaignBookingSet, events.CampaignArchived, events.CampaignUnarchived, events.CampaignLaunchRequested, events.CampaignLaunchRequestDropped, events.CampaignEntrySet,
		events.CampaignRevised, events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded: // change nothing here
	}
}

func foldEnrollment(s *state, e *es.Event) {
	byLead := s.also.(map[item][]uuid.UUID)
	gone := func(lead uuid.UUID) {
		for _, x := range byLead[item{e.Org, lead}] {
			s.dropItem(e.Org, x)
		}
		delete(byLead, item{e.Org, lead})
	}
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.EnrollmentStarted:
		s.setState(e.Org, p.EnrollmentID, "active")
		byLead[item{e.Org, p.LeadID}] = append(byLead[item{e.Org, p.LeadID}], p.EnrollmentID)
	case events.EnrollmentDeferred:
		s.changeState(e.Org, p.EnrollmentID, "deferred")
	case events.EnrollmentPaused:
		s.changeState(e.Org, p.EnrollmentID, "paused")
	case events.EnrollmentResumed:
		s.changeState(e.Org, p.EnrollmentID, "active")
	case events.EnrollmentStopped:
		s.changeState(e.Org, p.EnrollmentID, "stopped")
	case events.EnrollmentCompleted:
		s.changeState(e.Org, p.EnrollmentID, "completed")
	case events.MessageRequested:
		if s.of[item{e.Org, p.EnrollmentID}] == "deferred" {
			s.setState(e.Org, p.EnrollmentID, "active")
		}
	case events.LeadRemoved:
		gone(p.LeadID)
	case events.LeadErased:
		gone(p.LeadID)
	case events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadCreated, events.LeadUpdated, events.LeadSupplemented, events.LeadRetagged, events.SuppressionEvent, events.ImportEvent,
		events.CampaignEvent, events.MailboxEvent, events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed,
		events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageSent,
		events.MessageDeferred, events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled,
		events.EnrollmentContinued, events.EnrollmentHandedOver, events.EnrollmentMoved, events.EngagementEvent, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
	}
}

func foldMessage(s *state, e *es.Event) {
	switch p := events.As[events.MessageEvent](e.Payload).(type) {
	case events.MessageRequested:
		s.setState(e.Org, p.MessageID, "requested")
	case events.MessageDrafted:
		s.changeState(e.Org, p.MessageID, "drafted")
	case events.MessageHeld:
		s.changeState(e.Org, p.MessageID, "held")
	case events.MessageRedraftRequested:
		s.changeState(e.Org, p.MessageID, "requested")
	case events.MessageApproved:
		s.changeState(e.Org, p.MessageID, "approved")
	case events.MessageScheduled:
		s.changeState(e.Org, p.MessageID, "scheduled")
	case events.MessagePostponed:
		s.changeState(e.Org, p.MessageID, "approved")
	case events.MessageClaimed:
		s.changeState(e.Org, p.MessageID, "claimed")
	case events.MessageSent:
		s.changeState(e.Org, p.MessageID, "sent")
	case events.MessageDeferred:
		s.changeState(e.Org, p.MessageID, "deferred")
	case events.MessageFailed:
		s.changeState(e.Org, p.MessageID, "failed")
	case events.MessageInDoubt:
		s.changeState(e.Org, p.MessageID, "in_doubt")
	case events.MessageResolved:
		if !p.Sent {
			s.changeState(e.Org, p.MessageID, "failed")
		}
	case events.MessageCancelled:
		s.changeState(e.Org, p.MessageID, "cancelled")
	case events.MessageApprovalLapsed:
		s.changeState(e.Org, p.MessageID, "drafted")
	case events.MessageRejected: // what follows says what becomes of it
	}
}

// foldHit remembers the kind of a fetch, as a correction contains its class only.
func foldHit(s *state, e *es.Event) {
	kinds := s.also.(map[item]string)
	switch p := events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageOpened:
		kinds[item{e.Org, p.HitID}] = "open/"
		s.setState(e.Org, p.HitID, "open/"+p.Class)
	case events.MessageClicked:
		kinds[item{e.Org, p.HitID}] = "click/"
		s.setState(e.Org, p.HitID, "click/"+p.Class)
	case events.HitReclassified:
		s.changeState(e.Org, p.HitID, kinds[item{e.Org, p.HitID}]+p.Class)
	case events.MessageReplied, events.ReplyReclassified, events.MessageAutoReplied, events.MessageBounced, events.MessageComplained, events.LeadUnsubscribed,
		events.MeetingBooked, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // change nothing here
	}
}

func foldMeeting(s *state, e *es.Event) {
	switch p := events.As[events.MeetingEvent](e.Payload).(type) {
	case events.MeetingBooked:
		s.setState(e.Org, p.MeetingID, "booked")
	case events.MeetingCancelled:
		s.changeState(e.Org, p.MeetingID, "cancelled")
	case events.MeetingReplaced:
		s.changeState(e.Org, p.MeetingID, "moved")
	case events.MeetingConfirmationClaimed, events.MeetingCancellationClaimed, events.MeetingRescheduled, events.MeetingMoveClaimed, events.MeetingPlaced, events.MeetingSlotHeld, events.MeetingOutcomeSet: // change nothing here
	}
}

// foldEvent hashes what is stored of every event, its data included.
func foldEvent(s *state, e *es.Event) {
	h := md5.New()
	h.Write([]byte(strconv.FormatInt(e.Oseq, 10) + ":" + e.ID.String() + ":" + e.Type + ":" + e.Subject + ":" + upperHex(e.Chain[:]) + ":"))
	h.Write(e.Data)
	s.counted.addTally(e.Org, "events", 1, binary.BigEndian.Uint64(h.Sum(nil)[:8]))
}
