package events

import (
	"time"

	"github.com/google/uuid"
)

// A trial is an experiment of who runs the installation: a flag with a rollout gives a feature to some organisations by chance, and they are compared with those that
// chance left without it. The rule stays as it is until the trial ends.

// FlagTrialPlan is what a trial compares, and for how long. It is judged once, at its end.
type FlagTrialPlan struct {
	Name             string `json:"name"`
	Hypothesis       string `json:"hypothesis,omitzero"`
	Metric           string `json:"metric"` // Metric..., of people written to
	Days             int    `json:"days"`
	MinOrganizations int    `json:"min_organizations"` // with people written to, on either side, before anything is said
}

// FlagTrialStarted begins a trial. Which organisations have the feature follows from the rule as it stands here.
type FlagTrialStarted struct {
	FlagRef
	FlagTrialPlan
	TrialID   uuid.UUID `json:"trial_id"`
	Rule      FlagRule  `json:"rule"`
	Seed      uuid.UUID `json:"seed"` // the flag's
	StartedAt time.Time `json:"started_at"`
	EndsAt    time.Time `json:"ends_at"`
	StartedBy string    `json:"started_by"` // "kind:id"
}

func (FlagTrialStarted) EventType() string { return "flag.trial_started.v1" }

// Why a trial ended before its time.
const (
	FlagTrialByHand = "manual"
	FlagTrialKilled = "killed" // the flag was
)

// FlagTrialEnded ends a trial before its time.
type FlagTrialEnded struct {
	FlagRef
	TrialID uuid.UUID `json:"trial_id"`
	Reason  string    `json:"reason"`
}

func (FlagTrialEnded) EventType() string { return "flag.trial_ended.v1" }
