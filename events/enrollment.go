package events

import (
	"time"

	"github.com/google/uuid"
)

// EnrollmentStarted puts a lead on a campaign's sequence. Its subject is the lead, so that the lead's story is one
// timeline and readers that keep the order of a subject keep the order of a lead.
type EnrollmentStarted struct {
	EnrollmentID uuid.UUID `json:"enrollment_id"` // follows from campaign and lead
	LeadID       uuid.UUID `json:"lead_id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
	Counted      bool      `json:"counted"`     // first in this billing period: a lead processed
	PeriodFrom   time.Time `json:"period_from"` // start of the billing period
}

func (EnrollmentStarted) EventType() string     { return "enrollment.started.v1" }
func (e EnrollmentStarted) AggregateID() string { return e.LeadID.String() }

// EnrollmentBatchRecorded ends the enrolling of several leads: enrolled + already + refused are all that were asked for.
type EnrollmentBatchRecorded struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Enrolled   int           `json:"enrolled"`
	Already    int           `json:"already"` // were on it before
	Refused    []RefusedLead `json:"refused,omitzero"`
}

// RefusedLead is a lead that wasn't enrolled.
type RefusedLead struct {
	LeadID uuid.UUID `json:"lead_id"`
	Code   string    `json:"code"`
}

func (EnrollmentBatchRecorded) EventType() string     { return "enrollment.batch_recorded.v1" }
func (e EnrollmentBatchRecorded) AggregateID() string { return e.CampaignID.String() }

// AnswerDetail tells the caller who was refused (es.Answering).
func (e EnrollmentBatchRecorded) AnswerDetail() any { return e }
