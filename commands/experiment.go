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
	// MaxExperiments bounds those of an organisation that have not ended.
	MaxExperiments = 100
	// MaxEvaluations bounds those that are kept of an experiment.
	MaxEvaluations = 500

	mostExperiments = 4_000 // that there ever were: a message names its own by 12 bits
)

// CreateExperiment drafts an experiment on a step of a campaign.
type CreateExperiment struct {
	events.ExperimentRef
	events.ExperimentPlan
	CreatedBy string `json:"created_by"` // "kind:id" of the actor
}

func (CreateExperiment) CommandType() string { return "experiment.create.v1" }

// Decide identifies an experiment by its id.
func (c CreateExperiment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	e := events.ExperimentCreated(c)
	if is := o.Experiments.Get(c.ExperimentID); is != nil {
		if is.CreatedAs(e) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.ExperimentID)
	}
	if c.ExperimentID == uuid.Nil {
		return nil, errInvalid("experiment_id", "is missing")
	}
	if err := firstError(checkPlanned(c.ExperimentPlan), checkText("created_by", c.CreatedBy, 0, 200), checkArms(c.Arms), checkGuards(c.Guards), checkOnStep(o, c.ExperimentPlan)); err != nil {
		return nil, err
	}
	if o.Experiments.All() >= mostExperiments {
		return nil, errInvalid("name", "there were "+strconv.Itoa(mostExperiments)+" experiments already")
	}
	if o.Experiments.Unfinished() >= MaxExperiments {
		return nil, errInvalid("name", "there are "+strconv.Itoa(MaxExperiments)+" experiments that have not ended; stop one first")
	}
	return oneEvent(e)
}

func checkPlanned(p events.ExperimentPlan) error {
	switch {
	case p.Traffic < 1 || p.Traffic > events.ExperimentParts:
		return errInvalid("traffic", "must be 1 to 10000")
	case p.Holdout < 0 || p.Holdout > events.ExperimentParts/2:
		return errInvalid("holdout", "must be 0 to 5000")
	case p.Group != "" && !madeOf(p.Group, 1, 60, "_-"):
		return errInvalid("group", "must be a-z, 0-9, _ and -, at most 60")
	case p.Metric != events.MetricHumanReply && p.Metric != events.MetricPositiveReply && p.Metric != events.MetricMeeting:
		return errInvalid("metric", "must be human_reply, positive_reply or meeting")
	case p.WindowDays < 1 || p.WindowDays > 90:
		return errInvalid("window_days", "must be 1 to 90")
	case p.MinPerArm < 1 || p.MinPerArm > 1_000_000:
		return errInvalid("min_per_arm", "must be 1 to 1000000")
	case p.Confidence < 8_000 || p.Confidence > 9_999:
		return errInvalid("confidence", "must be 8000 to 9999")
	}
	return firstError(checkText("name", p.Name, 1, 200), checkText("hypothesis", p.Hypothesis, 0, 1000))
}

func checkArms(arms []events.ExperimentArm) error {
	if len(arms) < 2 || len(arms) > 10 {
		return errInvalid("arms", "must be 2 to 10")
	}
	type way struct {
		variant uuid.UUID
		delay   int
	}
	ids, ways := map[uuid.UUID]bool{}, map[way]bool{}
	for i, a := range arms {
		field := "arms." + strconv.Itoa(i)
		w := way{a.VariantID, -1}
		if a.DelayDays != nil {
			w.delay = *a.DelayDays
		}
		switch {
		case a.ArmID == uuid.Nil || ids[a.ArmID]:
			return errInvalid(field+".arm_id", "is required and must be unique")
		case a.Weight < 1 || a.Weight > 1000:
			return errInvalid(field+".weight", "must be 1 to 1000")
		case w.delay > 365 || w.delay < -1 || a.DelayDays != nil && w.delay < 0:
			return errInvalid(field+".delay_days", "must be 0 to 365")
		case (a.VariantID == uuid.Nil) != (arms[0].VariantID == uuid.Nil):
			return errInvalid(field+".variant_id", "must be given in all arms or in none")
		case ways[w]:
			return errInvalid(field, "is the same as another arm")
		}
		ids[a.ArmID], ways[w] = true, true
		if err := checkText(field+".name", a.Name, 1, 100); err != nil {
			return err
		}
	}
	return nil
}

func checkGuards(guards []events.ExperimentGuard) error {
	seen := map[string]bool{}
	for i, g := range guards {
		field := "guards." + strconv.Itoa(i)
		switch {
		case g.Metric != events.MetricBounce && g.Metric != events.MetricComplaint && g.Metric != events.MetricUnsubscribe || seen[g.Metric]:
			return errInvalid(field+".metric", "must be bounce, complaint or unsubscribe, each once")
		case g.Limit < 1 || g.Limit > 100_000:
			return errInvalid(field+".limit", "must be 1 to 100000")
		}
		seen[g.Metric] = true
	}
	return nil
}

// checkOnStep requires a campaign's step that can be tried in these ways.
func checkOnStep(o *aggregates.Organization, p events.ExperimentPlan) error {
	campaign := o.Campaigns[p.CampaignID]
	if campaign == nil {
		return errNotFound(p.CampaignID)
	}
	if campaign.Status == events.CampaignIsCompleted {
		return refuseStatus(campaign)
	}
	return firstError(refuseArchived(campaign), checkWays(campaign, p.StepID, p.Arms))
}

func checkWays(campaign *aggregates.Campaign, id uuid.UUID, arms []events.ExperimentArm) error {
	step, _, variants := campaign.StepOf(id)
	if step < 0 {
		return errInvalid("step_id", "is no step of the campaign")
	}
	for i, a := range arms {
		field := "arms." + strconv.Itoa(i)
		switch {
		case a.VariantID != uuid.Nil && !slices.Contains(variants, a.VariantID):
			return errInvalid(field+".variant_id", "is no variant of the step")
		case a.DelayDays != nil && step == 0:
			return errInvalid(field+".delay_days", "can't be tried on the first step: nothing comes before it")
		case a.DelayDays != nil && *a.DelayDays < campaign.Settings.FollowUpDays:
			return errInvalid(field+".delay_days", "must be at least the "+strconv.Itoa(campaign.Settings.FollowUpDays)+" days that the campaign asks for")
		}
	}
	return nil
}

// StartExperiment begins the drawing.
type StartExperiment struct {
	ExperimentID uuid.UUID `json:"experiment_id"`
	IfVersion    *int      `json:"if_version,omitzero"`
}

func (StartExperiment) CommandType() string { return "experiment.start.v1" }

// Decide gives the experiment its part of the people. On a step runs one experiment at a time, and those of a group share the people.
func (c StartExperiment) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Experiments.Get(c.ExperimentID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ExperimentID)
	case is.Status == aggregates.ExperimentRunning:
		return nil, nil
	case is.Status != aggregates.ExperimentDraft:
		return nil, refuseExperiment(is)
	}
	if err := firstError(checkVersion(c.ExperimentID, c.IfVersion, is.Version), requireFeature(o, events.FeatureExperiments)); err != nil {
		return nil, err
	}
	campaign := o.Campaigns[is.CampaignID]
	if campaign == nil {
		return nil, errNotFound(is.CampaignID)
	}
	if campaign.Status == events.CampaignIsCompleted {
		return nil, refuseStatus(campaign)
	}
	if other := o.Experiments.RunningOn(is.CampaignID, is.StepID); other != nil {
		return nil, errAlreadyExists(other.ID)
	}
	if err := checkWays(campaign, is.StepID, is.Ways()); err != nil {
		return nil, err
	}
	from, to, ok := o.Experiments.Share(is)
	if !ok {
		return nil, errInvalid("traffic", "the running experiments of the group "+is.Group+" leave no part as large; stop one, or take a smaller part")
	}
	e := events.ExperimentStarted{ExperimentRef: events.ExperimentRef{ExperimentID: is.ID}, CampaignID: is.CampaignID, Seed: es.DeriveID(is.ID, "experiment", "arms"), TakeSeed: es.DeriveID(is.ID, "experiment", "takes part"),
		From: from, To: to, StartedAt: now}
	if is.Group != "" {
		e.TakeSeed = es.DeriveID(o.ID, "experiment group", is.Group)
	}
	return oneEvent(e)
}

func refuseExperiment(is *aggregates.Experiment) error {
	return refuseAbout(is.ID, CodeWrongStatus, detailStatus{is.ID, is.Status})
}

// StopExperiment ends it without a winner. Messages that were asked for keep their arm.
type StopExperiment struct {
	ExperimentID uuid.UUID `json:"experiment_id"`
}

func (StopExperiment) CommandType() string { return "experiment.stop.v1" }

// Decide stops drafts too: they are not started any more.
func (c StopExperiment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Experiments.Get(c.ExperimentID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ExperimentID)
	case is.Status == aggregates.ExperimentStopped:
		return nil, nil
	case is.Status == aggregates.ExperimentDecided:
		return nil, refuseExperiment(is)
	}
	return oneEvent(events.ExperimentStopped{ExperimentRef: events.ExperimentRef{ExperimentID: is.ID}, Reason: events.ExperimentStoppedManual})
}

// DecideExperiment names the winner.
type DecideExperiment struct {
	ExperimentID uuid.UUID `json:"experiment_id"`
	ArmID        uuid.UUID `json:"arm_id"`
	Promote      bool      `json:"promote"` // it takes the step over
}

func (DecideExperiment) CommandType() string { return "experiment.decide.v1" }

// Decide requires the minimum of people in every arm that goes on, whoever decides.
func (c DecideExperiment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Experiments.Get(c.ExperimentID)
	switch {
	case is == nil:
		return nil, errNotFound(c.ExperimentID)
	case is.Status == aggregates.ExperimentDecided && is.Winner == c.ArmID:
		return nil, nil
	case is.Status != aggregates.ExperimentRunning:
		return nil, refuseExperiment(is)
	}
	arm := is.Arm(c.ArmID)
	switch {
	case arm == nil:
		return nil, errInvalid("arm_id", "is no arm of the experiment")
	case arm.Stopped:
		return nil, errInvalid("arm_id", "was stopped by a guard")
	case !is.Enough():
		return nil, errInvalid("arm_id", "can't win before "+strconv.Itoa(is.MinPerArm())+" people were written to in every arm")
	}
	return oneEvent(is.DecidedFor(arm, c.Promote, events.DecidedByPerson))
}

// RecordEvaluation keeps a verdict that was computed from the log.
type RecordEvaluation events.ExperimentEvaluated

func (RecordEvaluation) CommandType() string { return "experiment.record_evaluation.v1" }

// Decide identifies an evaluation by its id.
func (c RecordEvaluation) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Experiments.Get(c.ExperimentID)
	if is == nil {
		return nil, errNotFound(c.ExperimentID)
	}
	kept, all := is.Evaluated(c.EvaluationID)
	switch {
	case kept:
		return nil, nil
	case c.EvaluationID == uuid.Nil:
		return nil, errInvalid("evaluation_id", "is missing")
	case all >= MaxEvaluations:
		return nil, errInvalid("evaluation_id", "there are "+strconv.Itoa(MaxEvaluations)+" evaluations of the experiment already")
	case len(c.Verdict.Course) > 400 || len(c.Verdict.Arms) > 10:
		return nil, errInvalid("verdict", "is too long")
	}
	return oneEvent(events.ExperimentEvaluated(c))
}
