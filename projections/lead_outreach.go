package projections

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// How far outreach to a lead has come.
const (
	OutreachNew           = "new"         // has been on no campaign yet
	OutreachInProgress    = "in_progress" // is on a campaign, and nothing was sent yet
	OutreachContacted     = "contacted"   // was written to, and more may follow
	OutreachReplied       = "replied"
	OutreachMeetingBooked = "meeting_booked"
	OutreachClosed        = "closed" // is no longer on any campaign, and has not answered
)

// LeadOutreach is what a lead's outreach status follows from, and what lists filter by.
type LeadOutreach struct {
	AddressHash      string          `db:"address_hash"`
	DomainHash       string          `db:"domain_hash"`
	Search           string          `db:"search"`
	OpenEnrollments  int             `db:"open_enrollments"`
	EnrolledAt       *time.Time      `db:"enrolled_at"`       // the first time
	ContactedAt      *time.Time      `db:"contacted_at"`      // the last time that a message left
	RepliedAt        *time.Time      `db:"replied_at"`        // the first answer by a person
	Mails            json.RawMessage `db:"mails"`             // of mailHeard, by the mail: those that the one above follows from; nil = none came
	Meetings         int             `db:"meetings"`          // booked and not cancelled
	SuppressedBy     string          `db:"suppressed_by"`     // the kind of the suppression that covers the lead; empty = none does
	SuppressedReason string          `db:"suppressed_reason"` // why
	SuppressedAt     *time.Time      `db:"suppressed_at"`     // since when
}

// leadIn returns the lead whose row an event changes.
func leadIn(e *es.Event) (uuid.UUID, bool) {
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.LeadEvent:
		return p.Lead(), true
	case events.LeadScored:
		return p.LeadID, true
	case events.EnrollmentStarted:
		return p.LeadID, true
	case events.EnrollmentStopped:
		return p.LeadID, true
	case events.EnrollmentCompleted:
		return p.LeadID, true
	case events.MessageSent:
		return p.LeadID, true
	case events.MessageReplied:
		return p.LeadID, true
	case events.MessageAutoReplied:
		return p.LeadID, true
	case events.ReplyReclassified:
		return p.LeadID, true
	case events.MeetingBooked:
		return p.LeadID, true
	case events.MeetingCancelled:
		return p.LeadID, true
	case events.MeetingReplaced:
		return p.LeadID, true
	case nil, events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent, events.EnrollmentPaused,
		events.EnrollmentResumed, events.EnrollmentDeferred, events.EnrollmentContinued, events.EnrollmentHandedOver, events.EnrollmentMoved, events.MailboxEvent, events.MessageRequested, events.MessageDrafted, events.MessageHeld,
		events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed, events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageDeferred,
		events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled, events.MessageBounced,
		events.MessageComplained, events.LeadUnsubscribed, events.MessageDelivered, events.MessageDelayed, events.MessageDropped, events.MessageOpened, events.MessageClicked, events.HitReclassified,
		events.MeetingConfirmationClaimed, events.MeetingCancellationClaimed, events.MeetingRescheduled, events.MeetingMoveClaimed, events.MeetingPlaced, events.MeetingSlotHeld, events.MeetingOutcomeSet, events.ThreadEvent, events.BackOfficeEvent: // change nothing of it
	}
	return uuid.Nil, false
}

// applyOutreach applies what happened in campaigns; leadIn decides which events those are.
func (l *Lead) applyOutreach(e *es.Event) (err error) {
	switch p := e.Payload.(type) {
	case events.EnrollmentStarted:
		l.OpenEnrollments++
		l.EnrolledAt = earlierOf(l.EnrolledAt, e.Time)
	case events.EnrollmentStopped, events.EnrollmentCompleted:
		l.OpenEnrollments = max(0, l.OpenEnrollments-1)
	case events.MessageSent:
		l.ContactedAt = laterOf(l.ContactedAt, p.AcceptedAt.Truncate(time.Microsecond)) // as the database keeps it
	case events.MessageReplied, events.MessageAutoReplied, events.ReplyReclassified:
		l.Mails, l.RepliedAt, _, err = hearMail(l.Mails, e)
	case events.MeetingBooked:
		l.Meetings++
	case events.MeetingCancelled:
		l.Meetings = max(0, l.Meetings-1)
	case events.MeetingReplaced:
		if p.Was == events.ReplacedBooked {
			l.Meetings = max(0, l.Meetings-1)
		}
	}
	l.OutreachStatus = l.outreachStatus()
	return err
}

// endEnrollments records that the lead is no longer on any campaign.
func (l *Lead) endEnrollments() {
	l.OpenEnrollments = 0
	l.OutreachStatus = l.outreachStatus()
}

// outreachStatus returns the furthest that outreach has come: an answer counts, whatever follows it.
func (l *Lead) outreachStatus() string {
	switch {
	case l.Meetings > 0:
		return OutreachMeetingBooked
	case l.RepliedAt != nil:
		return OutreachReplied
	case l.OpenEnrollments > 0 && l.ContactedAt != nil:
		return OutreachContacted
	case l.OpenEnrollments > 0:
		return OutreachInProgress
	case l.EnrolledAt != nil || l.ContactedAt != nil:
		return OutreachClosed
	}
	return OutreachNew
}

// searchText returns the text in which leads are searched, in lower case: a line with the address, one with the name, an empty one, one with the company.
func (l *Lead) searchText() string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return strings.ReplaceAll(strings.ToLower(*s), "\n", " ")
	}
	return text(l.Email) + "\n" + strings.TrimSpace(text(l.FirstName)+" "+text(l.LastName)) + searchCompany + text(l.CompanyName)
}

// searchCompany precedes the company in a search text; column company_key is what follows.
const searchCompany = "\n\n"
