package events

import (
	"time"

	"github.com/google/uuid"
)

// EnrollmentStarted puts a lead on a campaign's sequence. Its subject is the lead, so that the lead's story is one
// timeline and readers that keep the order of a subject keep the order of a lead.
type EnrollmentStarted struct {
	EnrollmentRef
	Counted    bool      `json:"counted"`     // first in this billing period: a lead processed
	PeriodFrom time.Time `json:"period_from"` // start of the billing period
}

func (EnrollmentStarted) EventType() string { return "enrollment.started.v1" }

// EnrollmentContinued follows the start where the address was sent steps of the campaign before, as that of a lead who went away:
// the sequence goes on behind them.
type EnrollmentContinued struct {
	EnrollmentRef
	Step       int       `json:"step"`                 // steps sent before
	Attempt    int       `json:"attempt"`              // of the next message; none has had it
	PreviousID uuid.UUID `json:"previous_id,omitzero"` // the message that was sent last
	DueAt      time.Time `json:"due_at,omitzero"`      // when the next step may leave
}

func (EnrollmentContinued) EventType() string { return "enrollment.continued.v1" }

// EnrollmentBatchRecorded ends the enrolling of several leads: enrolled + already + refused are all that were asked for.
type EnrollmentBatchRecorded struct {
	CampaignRef
	Enrolled int           `json:"enrolled"`
	Already  int           `json:"already"` // were on it before
	Refused  []RefusedLead `json:"refused,omitzero"`
}

// RefusedLead is a lead with which something wasn't done.
type RefusedLead struct {
	LeadID uuid.UUID `json:"lead_id"`
	Code   string    `json:"code"`
}

func (EnrollmentBatchRecorded) EventType() string { return "enrollment.batch_recorded.v1" }

// AnswerDetail tells the caller who was refused (es.Answering).
func (e EnrollmentBatchRecorded) AnswerDetail() any { return e }

// Why an enrollment is paused.
const (
	PausedOutOfOffice = "out_of_office"
	PausedNotNow      = "not_now" // the person has named a day on which to ask again
	ResumedByClock    = "clock"   // of a resumption
)

// Why an enrollment is stopped.
const (
	StopReplied           = "replied"
	StopSameCompany       = "same_company" // somebody else there has answered
	StopBounced           = "bounced"
	StopFailed            = "failed" // a message was refused for good, for no fault of the address
	StopUnsubscribed      = "unsubscribed"
	StopComplained        = "complained"
	StopMeetingBooked     = "meeting_booked"
	StopManual            = "manual"
	StopRejected          = "rejected" // a person didn't approve the message
	StopSuppressed        = "suppressed"
	StopLeadRemoved       = "lead_removed"
	StopCampaignCompleted = "campaign_completed"
	StopLeftCompany       = "left_company"  // an automatic answer says that the person isn't there any more
	StopHeldOut           = "held_out"      // an experiment shows what happens without being written to
	StopNotMonitored      = "not_monitored" // an automatic answer says that nobody reads the mailbox
)

// EnrollmentPaused holds the sequence.
type EnrollmentPaused struct {
	EnrollmentRef
	Reason string    `json:"reason"`         // manual | out_of_office | not_now
	Until  time.Time `json:"until,omitzero"` // zero = until it is resumed by hand
}

func (EnrollmentPaused) EventType() string { return "enrollment.paused.v1" }

// EnrollmentResumed lets the sequence go on.
type EnrollmentResumed struct {
	EnrollmentRef
	Reason string `json:"reason"` // manual | clock: the pause is over
}

func (EnrollmentResumed) EventType() string { return "enrollment.resumed.v1" }

// EnrollmentStopped ends the sequence before its last step. A message that is claimed can still leave.
type EnrollmentStopped struct {
	EnrollmentRef
	Reason    string    `json:"reason"`
	Step      int       `json:"step"`                // steps sent so far
	MessageID uuid.UUID `json:"message_id,omitzero"` // what was answered, bounced, ...
}

func (EnrollmentStopped) EventType() string { return "enrollment.stopped.v1" }

// EnrollmentCompleted says that the last step has been sent.
type EnrollmentCompleted struct {
	EnrollmentRef
	Steps int `json:"steps"`
}

func (EnrollmentCompleted) EventType() string { return "enrollment.completed.v1" }

// EnrollmentMoved lets somebody go on with another version of the steps: what they have had stays, what comes is the new one's. When the next step is due stays as it is.
type EnrollmentMoved struct {
	EnrollmentRef
	From         int `json:"from"` // version that they had
	StepsVersion int `json:"steps_version"`
	Steps        int `json:"steps"` // of the new version
}

func (EnrollmentMoved) EventType() string { return "enrollment.moved.v1" }

// EnrollmentMovesRecorded ends the moving of several people to the newest version of the steps.
type EnrollmentMovesRecorded struct {
	CampaignRef
	StepsVersion int `json:"steps_version"`
	Moved        int `json:"moved"`
	Kept         int `json:"kept"` // of those who were asked for
}

func (EnrollmentMovesRecorded) EventType() string { return "enrollment.moves_recorded.v1" }

// AnswerDetail tells the caller how many moved (es.Answering).
func (e EnrollmentMovesRecorded) AnswerDetail() any { return e }

// EnrollmentDeferred says that enough people of the same company are in a sequence: this one waits for a place.
type EnrollmentDeferred struct {
	EnrollmentRef
	Active int `json:"active"` // people of the company
}

func (EnrollmentDeferred) EventType() string { return "enrollment.deferred.v1" }
