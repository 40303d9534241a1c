package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// StartFlagTrial compares the organisations that a flag's rollout reaches with those that it doesn't.
type StartFlagTrial struct {
	events.FlagRef
	events.FlagTrialPlan
	TrialID   uuid.UUID `json:"trial_id"`
	StartedBy string    `json:"started_by"` // "kind:id" of the actor
}

func (StartFlagTrial) CommandType() string { return "flag.start_trial.v1" }

// Decide identifies a trial by its id. A flag has one trial at a time, and its rule divides the organisations by chance.
func (c StartFlagTrial) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Flags.KnowsTrial(c.TrialID) {
		return nil, nil
	}
	is := o.Flags.Get(c.Flag)
	if is == nil {
		return nil, errNotFound(events.FlagSeed(c.Flag))
	}
	if err := firstError(c.check(), unlessOnTrial(o, c.Flag, now), tooManyTrials(o)); err != nil {
		return nil, err
	}
	ends := now.AddDate(0, 0, c.Days)
	switch r := is.Rule; {
	case is.Killed || !r.Enabled || is.Phase != events.FlagPhaseOpen:
		return nil, errInvalid("flag", "must be enabled, open and not killed")
	case r.Rollout < 1 || r.Rollout >= events.FlagParts:
		return nil, errInvalid("flag", "must have a rollout from 1 to 9999, so that chance leaves some without it")
	case !r.EndsAt.IsZero() && r.EndsAt.Before(ends):
		return nil, errInvalid("days", "must be over before the flag's schedule ends")
	}
	return oneEvent(events.FlagTrialStarted{FlagRef: c.FlagRef, FlagTrialPlan: c.FlagTrialPlan, TrialID: c.TrialID, Rule: is.Rule, Seed: is.Seed, StartedAt: now, EndsAt: ends, StartedBy: c.StartedBy})
}

func (c StartFlagTrial) check() error {
	switch {
	case c.TrialID == uuid.Nil:
		return errInvalid("trial_id", "is missing")
	case c.Metric != events.MetricHumanReply && c.Metric != events.MetricPositiveReply && c.Metric != events.MetricMeeting && c.Metric != events.MetricBounce && c.Metric != events.MetricComplaint && c.Metric != events.MetricUnsubscribe:
		return errInvalid("metric", "must be human_reply, positive_reply, meeting, bounce, complaint or unsubscribe")
	case c.Days < 1 || c.Days > 365:
		return errInvalid("days", "must be 1 to 365")
	case c.MinOrganizations < 2 || c.MinOrganizations > 100_000:
		return errInvalid("min_organizations", "must be 2 to 100000")
	}
	return firstError(checkText("name", c.Name, 1, 200), checkText("hypothesis", c.Hypothesis, 0, 1000), checkText("started_by", c.StartedBy, 0, 200))
}

// unlessOnTrial refuses what would change whom a flag reaches while it is on trial.
func unlessOnTrial(o *aggregates.Organization, flag string, now time.Time) error {
	if t := o.Flags.TrialOf(flag, now); t != nil {
		return errInvalid("flag", "is on trial until "+t.EndsAt.UTC().Format(time.DateOnly)+"; end that first ("+t.ID.String()+"), or kill the flag")
	}
	return nil
}

// EndFlagTrial ends a trial before its time. The rule stays.
type EndFlagTrial struct {
	events.FlagRef
	TrialID uuid.UUID `json:"trial_id"`
}

func (EndFlagTrial) CommandType() string { return "flag.end_trial.v1" }

// Decide has nothing to do for a trial that is over.
func (c EndFlagTrial) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !o.Flags.KnowsTrial(c.TrialID) {
		return nil, errNotFound(c.TrialID)
	}
	if t := o.Flags.TrialOf(c.Flag, now); t == nil || t.ID != c.TrialID {
		return nil, nil
	}
	return oneEvent(events.FlagTrialEnded{FlagRef: c.FlagRef, TrialID: c.TrialID, Reason: events.FlagTrialByHand})
}

// mostTrials is how many trials there may ever be.
const mostTrials = 10_000

func tooManyTrials(o *aggregates.Organization) error {
	if o.Flags.Trials() >= mostTrials {
		return errInvalid("trial_id", "there were "+strconv.Itoa(mostTrials)+" trials already")
	}
	return nil
}
