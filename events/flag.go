package events

import (
	"time"

	"github.com/google/uuid"
)

// Flags live in the reserved organisation of the installation (es.SystemOrg); only FlagSwitched is in the history of those that it reaches.

// FlagRef names a flag.
type FlagRef struct {
	Flag string `json:"flag"`
}

func (r FlagRef) AggregateID() string { return r.Flag }

// FlagParts is how finely a rollout is given.
const FlagParts = 10_000

// FlagRule says whom a flag reaches. Organisations that are named get it as soon as it is enabled. Of the others those get it whose plan is named (none = any) and whose number, which follows from
// the flag's seed and their id, is below the rollout: raising it takes nothing away.
type FlagRule struct {
	Description   string      `json:"description"`
	Enabled       bool        `json:"enabled"`
	Rollout       int         `json:"rollout"` // of 10,000 organisations
	Organizations []uuid.UUID `json:"organizations,omitzero"`
	Plans         []string    `json:"plans,omitzero"`
	StartsAt      time.Time   `json:"starts_at,omitzero"` // zero = at once
	EndsAt        time.Time   `json:"ends_at,omitzero"`   // zero = never
}

// Where a flag's schedule stands: its rule holds while it is open.
const (
	FlagPhaseWaiting = "waiting"
	FlagPhaseOpen    = "open"
	FlagPhaseOver    = "over"
)

// FlagCreated is the first rule of a flag.
type FlagCreated struct {
	FlagRef
	FlagRule
	Phase string    `json:"phase"` // one of FlagPhase...
	Seed  uuid.UUID `json:"seed"`  // of the numbers of organisations
}

func (FlagCreated) EventType() string { return "flag.created.v1" }

// FlagChanged is another rule; a flag that was killed stays so.
type FlagChanged struct {
	FlagRef
	FlagRule
	Phase string `json:"phase"`
	Note  string `json:"note,omitzero"` // why
}

func (FlagChanged) EventType() string { return "flag.changed.v1" }

// FlagKilled takes the feature from everybody, whatever the rule says.
type FlagKilled struct {
	FlagRef
	Reason string `json:"reason"`
}

func (FlagKilled) EventType() string { return "flag.killed.v1" }

// FlagRevived lets the rule hold again.
type FlagRevived struct {
	FlagRef
	Reason string `json:"reason,omitzero"`
}

func (FlagRevived) EventType() string { return "flag.revived.v1" }

// FlagScheduleReached says that a time of the schedule has come.
type FlagScheduleReached struct {
	FlagRef
	Phase string `json:"phase"`
}

func (FlagScheduleReached) EventType() string { return "flag.schedule_reached.v1" }

// FlagSwitched says, in an organisation's own history, that a feature is on or off there from here on.
type FlagSwitched struct {
	FlagRef
	On      bool   `json:"on"`
	Version int    `json:"version"` // of the flag
	Why     string `json:"why"`     // one of FlagWhy...
}

func (FlagSwitched) EventType() string { return "flag.switched.v1" }

// Why a flag is on or off somewhere.
const (
	FlagWhyKilled       = "killed"
	FlagWhyDisabled     = "disabled"
	FlagWhySchedule     = "schedule" // its time hasn't come, or is over
	FlagWhyOrganization = "organization"
	FlagWhyPlan         = "plan"
	FlagWhyRollout      = "rollout"
)
