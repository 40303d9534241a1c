package aggregates

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/stats"
)

// Status of an experiment.
const (
	ExperimentDraft   = "draft"
	ExperimentRunning = "running"
	ExperimentStopped = "stopped"
	ExperimentDecided = "decided"
)

// Experiments of an organisation. Those that have ended keep their counts, and forget who took part.
type Experiments struct {
	byID    map[uuid.UUID]*Experiment
	order   []*Experiment // the oldest first
	running []*Experiment // of order
}

// Experiment tries a step of a campaign in several ways.
type Experiment struct {
	ID         uuid.UUID
	CampaignID uuid.UUID
	StepID     uuid.UUID
	Name       string
	Group      string
	Status     string
	Version    int
	Arms       []*Arm
	Winner     uuid.UUID // once decided

	number      uint16 // by order, from 1
	created     [sha256.Size]byte
	metric      string
	window      int64
	rule        stats.Rule
	guards      []events.ExperimentGuard
	autoPromote bool
	delays      bool // an arm has a delay of its own
	traffic     int
	holdout     int
	seed, take  uuid.UUID
	from, to    int // of those who take part
	started     int64
	people      map[uuid.UUID]exposure
	evaluations []uuid.UUID
}

// Arm is one way.
type Arm struct {
	ID      uuid.UUID
	Name    string
	Stopped bool // nobody is drawn into it any more

	weight                        int
	variant                       uuid.UUID // zero = as the step has it
	delay                         int       // -1 = as the step has it
	written, won                  int
	bounced, complained, optedOut int
}

// exposure is a person who was written to in a running experiment.
type exposure struct {
	at   int64
	arm  uint8
	seen uint8 // what was counted of them
	wins uint8 // answers or meetings that are a success: while there is one, they count
}

const (
	seenSuccess = 1 << iota
	seenBounce
	seenComplaint
	seenOptOut
)

// Get returns an experiment, or nil.
func (x *Experiments) Get(id uuid.UUID) *Experiment { return x.byID[id] }

// Unfinished counts drafts and those that run.
func (x *Experiments) Unfinished() (n int) {
	for _, e := range x.order {
		if e.Status == ExperimentDraft || e.Status == ExperimentRunning {
			n++
		}
	}
	return n
}

// All counts all that there ever were.
func (x *Experiments) All() int { return len(x.order) }

// RunningOn returns the experiment that runs on a step, or nil.
func (x *Experiments) RunningOn(campaign, step uuid.UUID) *Experiment {
	for _, e := range x.running {
		if e.CampaignID == campaign && e.StepID == step {
			return e
		}
	}
	return nil
}

// Share returns a part of the people of a group that no running experiment of it has, or false when there is none as large.
func (x *Experiments) Share(e *Experiment) (from, to int, ok bool) {
	if e.Group == "" {
		return 0, e.traffic, true
	}
	var taken []*Experiment
	for _, other := range x.running {
		if other.Group == e.Group {
			taken = append(taken, other)
		}
	}
	slices.SortFunc(taken, func(a, b *Experiment) int { return a.from - b.from })
	for _, other := range taken {
		if other.from-from >= e.traffic {
			break
		}
		from = max(from, other.to)
	}
	return from, from + e.traffic, from+e.traffic <= events.ExperimentParts
}

// CreatedAs reports whether it was created by this very event.
func (x *Experiment) CreatedAs(e events.ExperimentCreated) bool { return x.created == digestOf(e) }

// Arm returns one of its arms, or nil.
func (x *Experiment) Arm(id uuid.UUID) *Arm {
	for _, a := range x.Arms {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// Ways returns its arms as they were asked for.
func (x *Experiment) Ways() (out []events.ExperimentArm) {
	for _, a := range x.Arms {
		w := events.ExperimentArm{ArmID: a.ID, Name: a.Name, Weight: a.weight, VariantID: a.variant}
		if a.delay >= 0 {
			w.DelayDays = new(a.delay)
		}
		out = append(out, w)
	}
	return out
}

// Evaluated reports whether an evaluation is kept, and how many are.
func (x *Experiment) Evaluated(id uuid.UUID) (kept bool, all int) {
	return slices.Contains(x.evaluations, id), len(x.evaluations)
}

// Enough reports whether every arm that goes on has the minimum of people.
func (x *Experiment) Enough() bool {
	arms, _ := x.counted()
	return len(arms) > 0 && x.rule.Enough(arms)
}

// MinPerArm is that minimum.
func (x *Experiment) MinPerArm() int { return x.rule.MinPerArm }

// counted returns what is counted of the arms that weren't stopped, and which those are.
func (x *Experiment) counted() (out []stats.Arm, of []*Arm) {
	for _, a := range x.Arms {
		if !a.Stopped {
			out, of = append(out, stats.Arm{N: a.written, Successes: a.won, Weight: float64(a.weight)}), append(of, a)
		}
	}
	return out, of
}

// part returns a number below 10,000 that follows from a seed, what it is for, and a person.
func part(seed uuid.UUID, what string, lead uuid.UUID) int {
	id := es.DeriveID(seed, what, lead.String())
	return int(binary.BigEndian.Uint32(id[:4]) % events.ExperimentParts)
}

// drawn returns the arm of a person who takes part, or says that they are held out; neither = they don't take part.
func (x *Experiment) drawn(lead uuid.UUID) (arm *Arm, heldOut bool) {
	if p := part(x.take, "takes part", lead); p < x.from || p >= x.to {
		return nil, false
	}
	if part(x.seed, "held out", lead) < x.holdout {
		return nil, true
	}
	total := 0
	for _, a := range x.Arms {
		total += a.weight
	}
	id := es.DeriveID(x.seed, "arm", lead.String())
	n := int(binary.BigEndian.Uint32(id[:4]) % uint32(max(total, 1)))
	for _, a := range x.Arms {
		if n -= a.weight; n < 0 {
			return a, false
		}
	}
	return nil, false
}

// draw returns the arm by which a step of an enrollment is written, or says that the person is held out. Who waited for the step before its
// delay was drawn takes no part in an experiment on delays.
func (o *Organization) draw(e *Enrollment, s *planStep) (arm *Arm, x *Experiment, heldOut bool) {
	if x = o.Experiments.RunningOn(e.campaign.ID, s.id); x == nil || !o.Flags.On(events.FeatureExperiments) || x.delays && !e.hasFlag(enrollmentDelayDrawn) {
		return nil, nil, false
	}
	arm, heldOut = x.drawn(e.lead.ID)
	if arm != nil && (arm.Stopped || arm.variant != uuid.Nil && s.variantIndex(arm.variant) < 0) { // it is written as if there were no experiment
		arm = nil
	}
	return arm, x, heldOut
}

// drawDelay returns the delay of a step for an enrollment, in business days.
func (o *Organization) drawDelay(e *Enrollment, s *planStep) int {
	e.setFlag(enrollmentDelayDrawn, false)
	x := o.Experiments.RunningOn(e.campaign.ID, s.id)
	if x == nil || !x.delays || !o.Flags.On(events.FeatureExperiments) {
		return s.delay
	}
	e.setFlag(enrollmentDelayDrawn, true)
	if arm, _ := x.drawn(e.lead.ID); arm != nil && !arm.Stopped && arm.delay >= 0 {
		return max(arm.delay, e.campaign.Settings.FollowUpDays)
	}
	return s.delay
}

func (s *planStep) variantIndex(id uuid.UUID) int {
	return slices.IndexFunc(s.variants, func(v planVariant) bool { return v.id == id })
}

// StepOf finds a step in the newest version of a campaign's steps.
func (c *Campaign) StepOf(id uuid.UUID) (index, delay int, variants []uuid.UUID) {
	for i, s := range c.newestPlan().steps {
		if s.id == id {
			for _, v := range s.variants {
				variants = append(variants, v.id)
			}
			return i, s.delay, variants
		}
	}
	return -1, 0, nil
}

// nextLook returns when running experiments are looked at next: each a whole number of days after its start, and at once where a guard
// may bind. 0 = there is none.
func (o *Organization) nextLook() (at int64) {
	const daily = 24 * hour
	for _, x := range o.Experiments.running {
		due := x.started + daily*(max(o.pacing.ticked-x.started, 0)/daily+1)
		if c := o.Campaigns[x.CampaignID]; x.harms() || c == nil || c.Status == events.CampaignIsCompleted {
			due = soon
		}
		if at == 0 || due < at {
			at = due
		}
	}
	return at
}

// lookAtExperiments stops arms that do harm, and decides what can be decided.
func (p *pacer) lookAtExperiments() {
	for _, x := range p.o.Experiments.running {
		p.out = append(p.out, p.o.look(x, p.time)...)
	}
}

func (o *Organization) look(x *Experiment, now time.Time) (out []events.Event) {
	ref := events.ExperimentRef{ExperimentID: x.ID}
	if c := o.Campaigns[x.CampaignID]; c == nil || c.Status == events.CampaignIsCompleted {
		return []events.Event{events.ExperimentStopped{ExperimentRef: ref, Reason: events.ExperimentStoppedCampaign}}
	}
	left := 0
	for _, a := range x.Arms {
		if a.Stopped {
			continue
		}
		g, count := x.boundBy(a)
		if g == nil {
			left++
			continue
		}
		out = append(out, events.ExperimentArmStopped{ExperimentRef: ref, ArmID: a.ID, Metric: g.Metric, Count: count, People: a.written})
	}
	switch {
	case left < 2:
		out = append(out, events.ExperimentStopped{ExperimentRef: ref, Reason: events.ExperimentStoppedGuard})
	case len(out) == 0 && x.autoPromote && toMicros(now) >= x.started+24*hour:
		arms, of := x.counted()
		if i := x.rule.Winner(arms); i >= 0 && (x.delays || stats.SampleRatio(arms) >= stats.SampleRatioAlarm) { // the longer wait is behind, whatever the split
			out = append(out, x.DecidedFor(of[i], true, events.DecidedByRule))
		}
	}
	return out
}

// harms reports whether a guard stops one of its arms.
func (x *Experiment) harms() bool {
	return slices.ContainsFunc(x.Arms, func(a *Arm) bool {
		g, _ := x.boundBy(a)
		return g != nil && !a.Stopped
	})
}

// boundBy returns the guard that stops an arm, or nil.
func (x *Experiment) boundBy(a *Arm) (*events.ExperimentGuard, int) {
	for i := range x.guards {
		g := &x.guards[i]
		count := a.bounced
		switch g.Metric {
		case events.MetricComplaint:
			count = a.complained
		case events.MetricUnsubscribe:
			count = a.optedOut
		}
		if Exceeds(count, a.written, int64(g.Limit)) {
			return g, count
		}
	}
	return nil, 0
}

// DecidedFor returns the fact that an arm has won.
func (x *Experiment) DecidedFor(a *Arm, promote bool, by string) events.ExperimentDecided {
	arms, of := x.counted()
	e := events.ExperimentDecided{ExperimentRef: events.ExperimentRef{ExperimentID: x.ID}, CampaignID: x.CampaignID, StepID: x.StepID, ArmID: a.ID, VariantID: a.variant, Promoted: promote, By: by,
		PValue: stats.Round(stats.PValue(arms))}
	if a.delay >= 0 {
		e.DelayDays = new(a.delay)
	}
	for _, each := range x.Arms {
		e.Counts = append(e.Counts, events.ExperimentArmCount{ArmID: each.ID, People: each.written, Successes: each.won})
	}
	if i := slices.Index(of, a); i >= 0 {
		e.PBest = stats.Round(stats.Standings(arms)[i].PBest)
	}
	return e
}
