package events

import (
	"time"

	"github.com/google/uuid"
)

// EvaluationSettings are by what an experiment is judged. The same settings give the same verdict for ever.
type EvaluationSettings struct {
	Metric     string            `json:"metric"`
	WindowDays int               `json:"window_days"`
	From       time.Time         `json:"from,omitzero"` // of the period in which people were written to; zero = from its start
	To         time.Time         `json:"to,omitzero"`   // not included; zero = until as_of
	Unit       string            `json:"unit"`          // person | message
	Settled    bool              `json:"settled"`       // only those whose window was over
	Filter     EvaluationFilter  `json:"filter,omitzero"`
	Exclude    EvaluationExclude `json:"exclude,omitzero"`
	Rule       EvaluationRule    `json:"rule"`
	AsOf       time.Time         `json:"as_of"` // nothing later is looked at
}

// Units that an evaluation counts.
const (
	UnitPerson  = "person"
	UnitMessage = "message"
)

// EvaluationFilter keeps some; what is empty keeps all.
type EvaluationFilter struct {
	MailboxIDs []uuid.UUID `json:"mailbox_ids,omitzero"`
	TimeZones  []string    `json:"time_zones,omitzero"` // of the people
}

// EvaluationExclude leaves some out.
type EvaluationExclude struct {
	LeadIDs    []uuid.UUID `json:"lead_ids,omitzero"`
	MailboxIDs []uuid.UUID `json:"mailbox_ids,omitzero"`
	FreeMail   bool        `json:"free_mail,omitzero"` // addresses of free mail providers
	Bounced    bool        `json:"bounced,omitzero"`   // people whose message came back
}

// Rules to stop by.
const (
	RuleSequential = "sequential" // the always-valid p-value and P(best)
	RulePBest      = "p_best"     // P(best) alone
	RuleFixed      = "fixed"      // one look, when the minimum is reached in every arm
)

// EvaluationRule is when it is decided.
type EvaluationRule struct {
	Kind       string `json:"kind"`
	Confidence int    `json:"confidence"` // of 10,000
	MinPerArm  int    `json:"min_per_arm"`
}

// Verdict is what came out.
type Verdict struct {
	Arms         []ArmVerdict    `json:"arms"`
	HeldOut      int             `json:"held_out"`
	HeldOutGood  int             `json:"held_out_successes"`
	SampleRatioP float64         `json:"sample_ratio_p"`
	PValue       float64         `json:"p_value"` // always valid
	Decided      bool            `json:"decided"`
	Winner       uuid.UUID       `json:"winner,omitzero"`
	Reason       string          `json:"reason"` // decided | too_few | not_yet | sample_ratio
	MorePerArm   int             `json:"more_per_arm,omitzero"`
	Course       []VerdictDay    `json:"course,omitzero"`
	WhatIf       *VerdictStopped `json:"what_if,omitzero"` // where the rule would have stopped first
}

// ArmVerdict is how an arm stands.
type ArmVerdict struct {
	ArmID        uuid.UUID `json:"arm_id"`
	Drawn        int       `json:"drawn"`  // people for whom its message was asked for
	People       int       `json:"people"` // or messages: that were sent
	Successes    int       `json:"successes"`
	Settling     int       `json:"settling"` // whose window isn't over
	Rate         float64   `json:"rate"`
	Low          float64   `json:"low"`
	High         float64   `json:"high"`
	PBest        float64   `json:"p_best"`
	Loss         float64   `json:"loss"`
	Difference   float64   `json:"difference"` // to the first arm
	DiffLow      float64   `json:"difference_low"`
	DiffHigh     float64   `json:"difference_high"`
	RatioLow     float64   `json:"ratio_low"`           // to the first arm, always valid
	RatioHigh    float64   `json:"ratio_high,omitzero"` // none yet
	Bounces      int       `json:"bounces"`
	Complaints   int       `json:"complaints"`
	Unsubscribes int       `json:"unsubscribes"`
	Stopped      bool      `json:"stopped"`
}

// VerdictDay is how it stood at the end of a day.
type VerdictDay struct {
	At        time.Time `json:"at"`
	People    []int     `json:"people"` // by arm
	Successes []int     `json:"successes"`
	PValue    float64   `json:"p_value"`
	PBest     []float64 `json:"p_best"`
	Decides   bool      `json:"decides"` // the rule would stop here
}

// VerdictStopped is where a rule stops.
type VerdictStopped struct {
	At     time.Time `json:"at"`
	Winner uuid.UUID `json:"winner"`
}

// ExperimentEvaluated keeps a verdict that was computed anew from the log, with all that it rests on.
type ExperimentEvaluated struct {
	ExperimentRef
	EvaluationID uuid.UUID          `json:"evaluation_id"`
	Settings     EvaluationSettings `json:"settings"`
	Code         string             `json:"code"`  // version of the program
	Oseq         int64              `json:"oseq"`  // the newest event that was read
	Chain        string             `json:"chain"` // and its chain value
	Verdict      Verdict            `json:"verdict"`
}

func (ExperimentEvaluated) EventType() string { return "experiment.evaluated.v1" }
