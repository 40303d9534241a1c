package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

const (
	mostFlags     = 200
	mostFlagOrgs  = 1_000
	mostFlagPlans = 20
)

// SetFlag creates a flag of the installation, or gives it another rule.
type SetFlag struct {
	events.FlagRef
	events.FlagRule
	Note      string `json:"note,omitzero"`
	IfVersion *int   `json:"if_version,omitzero"` // 0 = there must be none
}

func (SetFlag) CommandType() string { return "flag.set.v1" }

// Decide records only what differs. What follows for organisations is theirs to decide: see SwitchFlag.
func (c SetFlag) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Flags.Get(c.Flag)
	if is != nil && sameRule(is.Rule, c.FlagRule) {
		return nil, nil
	}
	version := 0
	if is != nil {
		version = is.Version
	}
	if err := firstError(checkVersion(events.FlagSeed(c.Flag), c.IfVersion, version), c.check(), unlessOnTrial(o, c.Flag, now)); err != nil {
		return nil, err
	}
	phase := events.FlagPhaseAt(c.FlagRule, now)
	if is != nil {
		return oneEvent(events.FlagChanged{FlagRef: c.FlagRef, FlagRule: c.FlagRule, Phase: phase, Note: c.Note})
	}
	if o.Flags.All() >= mostFlags {
		return nil, errInvalid("flag", "there are "+strconv.Itoa(mostFlags)+" flags already")
	}
	return oneEvent(events.FlagCreated{FlagRef: c.FlagRef, FlagRule: c.FlagRule, Phase: phase, Seed: events.FlagSeed(c.Flag)})
}

func sameRule(a, b events.FlagRule) bool {
	return a.Description == b.Description && a.Enabled == b.Enabled && a.Rollout == b.Rollout && slices.Equal(a.Organizations, b.Organizations) && slices.Equal(a.Plans, b.Plans) &&
		a.StartsAt.Equal(b.StartsAt) && a.EndsAt.Equal(b.EndsAt)
}

func (c SetFlag) check() error {
	switch {
	case !madeOf(c.Flag, 1, 60, "_"):
		return errInvalid("flag", "must be 1 to 60 of a-z, 0-9 and _")
	case c.Rollout < 0 || c.Rollout > events.FlagParts:
		return errInvalid("rollout", "must be 0 to 10000")
	case len(c.Organizations) > mostFlagOrgs:
		return errInvalid("organizations", "must be at most "+strconv.Itoa(mostFlagOrgs))
	case len(c.Plans) > mostFlagPlans:
		return errInvalid("plans", "must be at most "+strconv.Itoa(mostFlagPlans))
	case !c.EndsAt.IsZero() && !c.EndsAt.After(c.StartsAt):
		return errInvalid("ends_at", "must be after starts_at")
	}
	for i, plan := range c.Plans {
		if !madeOf(plan, 1, 40, "_-") {
			return errInvalid("plans."+strconv.Itoa(i), "is no name of a plan")
		}
	}
	return firstError(checkText("description", c.Description, 0, 500), checkText("note", c.Note, 0, 500))
}

// KillFlag takes a feature from everybody at once, whatever the rule says.
type KillFlag struct {
	events.FlagRef
	Reason string `json:"reason"`
}

func (KillFlag) CommandType() string { return "flag.kill.v1" }

// Decide needs a reason: whoever finds a feature gone asks for it. A trial of the flag ends with it.
func (c KillFlag) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Flags.Get(c.Flag)
	switch {
	case is == nil:
		return nil, errNotFound(events.FlagSeed(c.Flag))
	case is.Killed:
		return nil, nil
	}
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	out := []events.Event{events.FlagKilled(c)}
	if t := o.Flags.TrialOf(c.Flag, now); t != nil {
		out = append(out, events.FlagTrialEnded{FlagRef: c.FlagRef, TrialID: t.ID, Reason: events.FlagTrialKilled})
	}
	return out, nil
}

// ReviveFlag lets the rule hold again.
type ReviveFlag struct {
	events.FlagRef
	Reason string `json:"reason,omitzero"`
}

func (ReviveFlag) CommandType() string { return "flag.revive.v1" }

// Decide has nothing to do for a flag that wasn't killed.
func (c ReviveFlag) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Flags.Get(c.Flag)
	switch {
	case is == nil:
		return nil, errNotFound(events.FlagSeed(c.Flag))
	case !is.Killed:
		return nil, nil
	}
	if err := checkText("reason", c.Reason, 0, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.FlagRevived(c))
}

// SwitchFlag brings a flag of the installation to an organisation.
type SwitchFlag struct {
	events.FlagRef
	Rule    events.FlagRule `json:"rule"`
	Seed    uuid.UUID       `json:"seed"`
	Killed  bool            `json:"killed,omitzero"`
	Phase   string          `json:"phase"`
	Version int             `json:"version"`
}

func (SwitchFlag) CommandType() string { return "flag.switch.v1" }

// Decide goes by the plan that the organisation has now. An older version of the flag than it knows changes nothing; a newer one is recorded even where it changes nothing, so that none before it does.
func (c SwitchFlag) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !madeOf(c.Flag, 1, 60, "_") || c.Version < 1 {
		return nil, errInvalid("flag", "is no flag")
	}
	on, why := events.FlagState{Rule: c.Rule, Seed: c.Seed, Killed: c.Killed, Phase: c.Phase}.Reaches(o.ID, o.Plan)
	if known := o.Flags.Version(c.Flag); known > c.Version || known == c.Version && on == o.Flags.On(c.Flag) {
		return nil, nil
	}
	return oneEvent(events.FlagSwitched{FlagRef: c.FlagRef, On: on, Version: c.Version, Why: why})
}

// requireFeature refuses what a flag has switched off here.
func requireFeature(o *aggregates.Organization, name string) error {
	if o.Flags.On(name) {
		return nil
	}
	return es.Refuse(CodeFeatureOff, detailFeature{name})
}
