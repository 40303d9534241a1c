package aggregates

import (
	"crypto/sha256"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/stats"
)

func (o *Organization) applyExperiment(event events.ExperimentEvent) {
	x := &o.Experiments
	switch e := event.(type) {
	case events.ExperimentCreated:
		x.addDraft(e)
		return
	case events.ExperimentHeldOut: // the enrollment's end is an event of its own
		return
	case events.ExperimentStarted:
		x.onExperiment(e.ExperimentID, func(is *Experiment) {
			is.Status, is.seed, is.take, is.from, is.to, is.started = ExperimentRunning, e.Seed, e.TakeSeed, e.From, e.To, toMicros(e.StartedAt)
			x.running = append(x.running, is)
			o.forgetDelays(is)
		})
	case events.ExperimentArmStopped:
		x.onExperiment(e.ExperimentID, func(is *Experiment) {
			if a := is.Arm(e.ArmID); a != nil {
				a.Stopped = true
			}
		})
	case events.ExperimentStopped:
		x.onExperiment(e.ExperimentID, func(is *Experiment) { x.end(is, ExperimentStopped) })
	case events.ExperimentDecided:
		x.onExperiment(e.ExperimentID, func(is *Experiment) {
			is.Winner = e.ArmID
			x.end(is, ExperimentDecided)
		})
		if e.Promoted {
			o.promote(e)
		}
	case events.ExperimentEvaluated:
		x.onExperiment(e.ExperimentID, func(is *Experiment) { is.evaluations = append(is.evaluations, e.EvaluationID) })
	}
}

func (x *Experiments) onExperiment(id uuid.UUID, do func(*Experiment)) {
	if is := x.byID[id]; is != nil {
		is.Version++
		do(is)
	}
}

func (x *Experiments) addDraft(e events.ExperimentCreated) {
	is := &Experiment{ID: e.ExperimentID, CampaignID: e.CampaignID, StepID: e.StepID, Name: e.Name, Group: e.Group, Status: ExperimentDraft, Version: 1, created: digestOf(e), metric: e.Metric,
		window: int64(e.WindowDays) * 24 * hour, rule: stats.Rule{Kind: stats.Sequential, Confidence: float64(e.Confidence) / events.ExperimentParts, MinPerArm: e.MinPerArm}, guards: e.Guards,
		autoPromote: e.AutoPromote, traffic: e.Traffic, holdout: e.Holdout}
	for _, a := range e.Arms {
		arm := &Arm{ID: a.ArmID, Name: a.Name, weight: a.Weight, variant: a.VariantID, delay: -1}
		if a.DelayDays != nil {
			arm.delay, is.delays = *a.DelayDays, true
		}
		is.Arms = append(is.Arms, arm)
	}
	putInMap(&x.byID, is.ID, is)
	x.order = append(x.order, is)
	is.number = uint16(len(x.order))
}

func (x *Experiments) end(is *Experiment, status string) {
	is.Status, is.people = status, nil
	x.running = slices.DeleteFunc(x.running, func(other *Experiment) bool { return other == is })
}

// forgetDelays keeps who waits for the step already out of an experiment on its delay.
func (o *Organization) forgetDelays(x *Experiment) {
	if c := o.Campaigns[x.CampaignID]; c != nil && x.delays {
		for e := range c.people.all() {
			e.setFlag(enrollmentDelayDrawn, false)
		}
	}
}

// promote lets everybody who comes to the step from here on get the winner, whatever version of the steps they follow.
func (o *Organization) promote(e events.ExperimentDecided) {
	c := o.Campaigns[e.CampaignID]
	if c == nil {
		return
	}
	c.Version++
	for i := range c.plans {
		for j := range c.plans[i].steps {
			s := &c.plans[i].steps[j]
			if s.id != e.StepID {
				continue
			}
			if e.DelayDays != nil {
				s.delay = *e.DelayDays
			}
			if s.variantIndex(e.VariantID) >= 0 {
				for k := range s.variants {
					s.variants[k].weight = 0
				}
				s.variants[s.variantIndex(e.VariantID)].weight = events.PromotedWeight
			}
		}
	}
	c.steps = [sha256.Size]byte{} // the weights are others now: the same steps written again are a change
}

// armBits are those of a message that say which arm it is written by; the rest says of which experiment.
const armBits = 4

// putInArm remembers which arm a message is written by.
func (x *Experiments) putInArm(m *Message, e events.MessageRequested) {
	is := x.byID[e.ExperimentID]
	if is == nil {
		return
	}
	if i := slices.IndexFunc(is.Arms, func(a *Arm) bool { return a.ID == e.ArmID }); i >= 0 {
		m.trial = is.number<<armBits | uint16(i)
	}
}

// armOf returns what a message is written by; nil = it is in no experiment.
func (x *Experiments) armOf(m *Message) (*Experiment, *Arm) {
	if m.trial == 0 {
		return nil, nil
	}
	is := x.order[m.trial>>armBits-1]
	return is, is.Arms[m.trial&(1<<armBits-1)]
}

// expose counts a person who was written to.
func (o *Organization) expose(m *Message, at time.Time) {
	x, arm := o.Experiments.armOf(m)
	if arm == nil || x.Status != ExperimentRunning {
		return
	}
	if _, there := x.people[m.e.lead.ID]; there {
		return
	}
	putInMap(&x.people, m.e.lead.ID, exposure{at: toMicros(at), arm: uint8(m.trial & (1<<armBits - 1))})
	arm.written++
}

// observe counts, once a person, what came of being written to.
func (o *Organization) observe(campaign, lead uuid.UUID, at time.Time, what uint8, metrics ...string) {
	for _, x := range o.Experiments.running {
		p, there := x.people[lead]
		if !there || x.CampaignID != campaign || what != seenSuccess && p.seen&what != 0 {
			continue
		}
		if what == seenSuccess {
			if !slices.Contains(metrics, x.metric) || !x.inWindow(p, at) {
				continue
			}
			p.wins = min(p.wins, math.MaxUint8-1) + 1
		}
		first := p.seen&what == 0
		p.seen |= what
		x.people[lead] = p
		if !first {
			continue
		}
		a := x.Arms[p.arm]
		switch what {
		case seenSuccess:
			a.won++
		case seenBounce:
			a.bounced++
		case seenComplaint:
			a.complained++
		case seenOptOut:
			a.optedOut++
		}
	}
}

// inWindow reports whether what happened then counts for a person.
func (x *Experiment) inWindow(p exposure, at time.Time) bool {
	return toMicros(at) >= p.at && toMicros(at) < p.at+x.window
}

func (o *Organization) observeEngagement(event events.EngagementEvent, was answerAs) {
	switch e := event.(type) {
	case events.MessageReplied:
		var metrics []string
		if e.Human() {
			metrics = append(metrics, events.MetricHumanReply)
		}
		if e.Meaning == events.MeansInterested {
			metrics = append(metrics, events.MetricPositiveReply)
		}
		if e.From != events.FromCompany {
			o.observe(e.CampaignID, e.LeadID, e.ReceivedAt, seenSuccess, metrics...)
		}
	case events.ReplyReclassified:
		o.observeCorrected(e, was)
	case events.MeetingBooked:
		o.observe(e.CampaignID, e.LeadID, e.BookedAt, seenSuccess, events.MetricMeeting)
	case events.MessageBounced:
		if e.Kind == events.BounceHard {
			o.observe(e.CampaignID, e.LeadID, e.ReportedAt, seenBounce)
		}
	case events.MessageComplained:
		o.observe(e.CampaignID, e.LeadID, e.ReportedAt, seenComplaint)
	case events.LeadUnsubscribed:
		o.observe(e.CampaignID, e.LeadID, e.At, seenOptOut)
	case events.MessageAutoReplied, events.MessageOpened, events.MessageClicked, events.HitReclassified, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // no metric
	}
}

// observeCorrected counts an answer as what it is known to mean now.
func (o *Organization) observeCorrected(e events.ReplyReclassified, was answerAs) {
	if e.From == events.FromCompany {
		return
	}
	for _, m := range []struct {
		metric  string
		was, is bool
	}{{events.MetricHumanReply, was.human, e.Human()}, {events.MetricPositiveReply, was.interested, e.Meaning == events.MeansInterested}} {
		switch {
		case m.is && !m.was:
			o.observe(e.CampaignID, e.LeadID, e.ReceivedAt, seenSuccess, m.metric)
		case m.was && !m.is:
			for _, x := range o.Experiments.running {
				if p, there := x.people[e.LeadID]; there && x.CampaignID == e.CampaignID && x.inWindow(p, e.ReceivedAt) {
					x.takeBack(e.LeadID, m.metric)
				}
			}
		}
	}
}

// takeBackMeeting takes back a meeting that doesn't take place.
func (o *Organization) takeBackMeeting(lead uuid.UUID) {
	for _, x := range o.Experiments.running {
		x.takeBack(lead, events.MetricMeeting)
	}
}

// takeBack takes back one success of a person; another one may be left.
func (x *Experiment) takeBack(lead uuid.UUID, metric string) {
	p, there := x.people[lead]
	if !there || x.metric != metric || p.seen&seenSuccess == 0 {
		return
	}
	if p.wins--; p.wins == 0 {
		p.seen &^= seenSuccess
		x.Arms[p.arm].won--
	}
	x.people[lead] = p
}
