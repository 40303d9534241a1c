package events

import (
	"time"

	"github.com/google/uuid"
)

// ExperimentRef names an experiment.
type ExperimentRef struct {
	ExperimentID uuid.UUID `json:"experiment_id"`
}

func (r ExperimentRef) AggregateID() string   { return r.ExperimentID.String() }
func (r ExperimentRef) Experiment() uuid.UUID { return r.ExperimentID }

// What an experiment counts as success, and what its guards watch. A person counts once.
const (
	MetricHumanReply    = "human_reply"    // an answer by the person, not by a machine or a colleague
	MetricPositiveReply = "positive_reply" // one that means interested
	MetricMeeting       = "meeting"        // booked and not cancelled
	MetricBounce        = "bounce"         // hard
	MetricComplaint     = "complaint"
	MetricUnsubscribe   = "unsubscribe"
)

// ExperimentParts is how finely traffic and holdout are given.
const ExperimentParts = 10_000

// ExperimentPlan is what an experiment tries: one step of a campaign in several ways, each with its share of the people who take part.
type ExperimentPlan struct {
	Name        string            `json:"name"`
	Hypothesis  string            `json:"hypothesis,omitzero"`
	CampaignID  uuid.UUID         `json:"campaign_id"`
	StepID      uuid.UUID         `json:"step_id"`
	Arms        []ExperimentArm   `json:"arms"`             // the first is what the others are compared with
	Traffic     int               `json:"traffic"`          // of 10,000 people who come to the step, how many take part
	Holdout     int               `json:"holdout,omitzero"` // of 10,000 who take part, how many are not written to
	Group       string            `json:"group,omitzero"`   // a person takes part in at most one running experiment of a group
	Metric      string            `json:"metric"`           // what is a success
	WindowDays  int               `json:"window_days"`      // from when the message was sent
	MinPerArm   int               `json:"min_per_arm"`      // people written to in every arm before anything is decided
	Confidence  int               `json:"confidence"`       // of 10,000; 9500 = 95 %
	Guards      []ExperimentGuard `json:"guards,omitzero"`
	AutoPromote bool              `json:"auto_promote"` // the winner takes the step over as soon as it is decided
}

// ExperimentArm is one way. What it doesn't say is as the step has it.
type ExperimentArm struct {
	ArmID     uuid.UUID `json:"arm_id"`
	Name      string    `json:"name"`
	Weight    int       `json:"weight"`
	VariantID uuid.UUID `json:"variant_id,omitzero"` // of the step: subject and body
	DelayDays *int      `json:"delay_days,omitzero"` // business days after the step before
}

// ExperimentGuard stops an arm that does harm: as soon as the lower end of the interval (95 %) of its rate is at least the limit.
type ExperimentGuard struct {
	Metric string `json:"metric"`
	Limit  int    `json:"limit"` // of 100,000 people written to
}

// ExperimentCreated is a draft.
type ExperimentCreated struct {
	ExperimentRef
	ExperimentPlan
	CreatedBy string `json:"created_by"` // "kind:id" of the actor
}

func (ExperimentCreated) EventType() string { return "experiment.created.v1" }

// ExperimentStarted begins the drawing. Who is drawn, and into which arm, follows from the seed and the lead's id alone.
type ExperimentStarted struct {
	ExperimentRef
	CampaignID uuid.UUID `json:"campaign_id"`
	Seed       uuid.UUID `json:"seed"`      // of the arms
	TakeSeed   uuid.UUID `json:"take_seed"` // of who takes part; equal for all experiments of a group
	From       int       `json:"from"`      // part of 10,000 that takes part, included
	To         int       `json:"to"`        // not included
	StartedAt  time.Time `json:"started_at"`
}

func (ExperimentStarted) EventType() string { return "experiment.started.v1" }

// ExperimentHeldOut says that a person is not written to, so that it shows what happens without. Its subject is the lead.
type ExperimentHeldOut struct {
	ExperimentRef
	EnrollmentID uuid.UUID `json:"enrollment_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	CampaignID   uuid.UUID `json:"campaign_id"`
}

func (ExperimentHeldOut) EventType() string     { return "experiment.held_out.v1" }
func (e ExperimentHeldOut) AggregateID() string { return e.LeadID.String() }
func (e ExperimentHeldOut) Lead() uuid.UUID     { return e.LeadID }

// ExperimentArmStopped says that nobody is drawn into an arm any more, because of a guard.
type ExperimentArmStopped struct {
	ExperimentRef
	ArmID  uuid.UUID `json:"arm_id"`
	Metric string    `json:"metric"`
	Count  int       `json:"count"`
	People int       `json:"people"`
}

func (ExperimentArmStopped) EventType() string { return "experiment.arm_stopped.v1" }

// Why an experiment was stopped without being decided.
const (
	ExperimentStoppedManual   = "manual"
	ExperimentStoppedGuard    = "guard"    // fewer than two arms were left
	ExperimentStoppedCampaign = "campaign" // its campaign is completed or deleted
)

// ExperimentStopped ends it without a winner.
type ExperimentStopped struct {
	ExperimentRef
	Reason string `json:"reason"`
}

func (ExperimentStopped) EventType() string { return "experiment.stopped.v1" }

// Who decided.
const (
	DecidedByRule   = "rule"
	DecidedByPerson = "person"
)

// ExperimentArmCount is what was counted in an arm.
type ExperimentArmCount struct {
	ArmID     uuid.UUID `json:"arm_id"`
	People    int       `json:"people"` // written to
	Successes int       `json:"successes"`
}

// PromotedWeight is the weight that a winner's variant gets; the others of its step have none any more.
const PromotedWeight = 100

// ExperimentDecided ends it with a winner. Where that is promoted, everybody who comes to the step from here on gets it.
type ExperimentDecided struct {
	ExperimentRef
	CampaignID uuid.UUID            `json:"campaign_id"`
	StepID     uuid.UUID            `json:"step_id"`
	ArmID      uuid.UUID            `json:"arm_id"`
	VariantID  uuid.UUID            `json:"variant_id,omitzero"`
	DelayDays  *int                 `json:"delay_days,omitzero"`
	Promoted   bool                 `json:"promoted"`
	By         string               `json:"by"`
	Counts     []ExperimentArmCount `json:"counts"`
	PValue     float64              `json:"p_value"` // always valid
	PBest      float64              `json:"p_best"`  // of the winner
}

func (ExperimentDecided) EventType() string { return "experiment.decided.v1" }
