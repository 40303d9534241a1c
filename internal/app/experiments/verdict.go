package experiments

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/stats"
)

// unit is a person or a message that counts.
type unit struct {
	arm     int
	sent    time.Time
	counted time.Time // from when on it counts: when it was sent, or where only settled ones do when its window was over
	success time.Time // zero = none
	settled bool
}

// Verdict judges what was collected by settings that Fill has completed.
func (f *Fold) Verdict(s events.EvaluationSettings) (events.Verdict, error) {
	if f.plan == nil || f.started.IsZero() {
		return events.Verdict{}, ErrUnknown
	}
	units := f.units(s)
	arms := make([]stats.Arm, len(f.plan.Arms))
	drawn := make([]stats.Arm, len(f.plan.Arms))
	v := events.Verdict{}
	for i, a := range f.plan.Arms {
		weight := float64(a.Weight)
		if f.stopped[a.ArmID] {
			weight = 0 // and compared with none
		}
		arms[i].Weight, drawn[i].Weight = weight, weight
		v.Arms = append(v.Arms, events.ArmVerdict{ArmID: a.ArmID, Stopped: f.stopped[a.ArmID]})
	}
	for _, u := range units {
		a := &arms[u.arm]
		a.N++
		if !u.success.IsZero() {
			a.Successes++
		}
		if !u.settled {
			v.Arms[u.arm].Settling++
		}
	}
	f.countDrawn(s, drawn, &v)
	f.fillArms(s, arms, drawn, v.Arms)
	compared, at := goingOn(arms)
	v.PValue = stats.Round(stats.PValue(compared))
	standings := stats.Standings(compared)
	for i, x := range standings {
		v.Arms[at[i]].PBest, v.Arms[at[i]].Loss = stats.Round(x.PBest), stats.Round(x.Loss)
	}
	v.SampleRatioP = 1
	if !f.waitsDiffer() {
		v.SampleRatioP = stats.Round(stats.SampleRatio(drawn))
	}
	rule := ruleOf(s.Rule)
	f.follow(s, rule, units, &v)
	f.conclude(rule, compared, at, &v)
	return v, nil
}

func ruleOf(r events.EvaluationRule) stats.Rule {
	return stats.Rule{Kind: r.Kind, Confidence: float64(r.Confidence) / events.ExperimentParts, MinPerArm: r.MinPerArm}
}

// waitsDiffer reports whether arms wait differently: then those who were written to so far say nothing of how people were split, as the
// longer wait is behind.
func (f *Fold) waitsDiffer() bool {
	return slices.ContainsFunc(f.plan.Arms, func(a events.ExperimentArm) bool { return a.DelayDays != nil })
}

// goingOn returns the arms that weren't stopped, and where they stand among all.
func goingOn(arms []stats.Arm) (out []stats.Arm, at []int) {
	for i, a := range arms {
		if a.Weight > 0 {
			out, at = append(out, a), append(at, i)
		}
	}
	return out, at
}

func (f *Fold) conclude(rule stats.Rule, arms []stats.Arm, at []int, v *events.Verdict) {
	winner := -1
	switch {
	case rule.Kind != stats.Fixed:
		if i := rule.Winner(arms); i >= 0 {
			winner = at[i]
		}
	case v.WhatIf != nil:
		winner = slices.IndexFunc(f.plan.Arms, func(a events.ExperimentArm) bool { return a.ArmID == v.WhatIf.Winner })
	}
	people := 0
	for _, a := range arms {
		people += a.N
	}
	switch {
	case v.SampleRatioP < stats.SampleRatioAlarm:
		v.Reason = "sample_ratio"
	case winner >= 0:
		v.Reason, v.Decided, v.Winner = "decided", true, f.plan.Arms[winner].ArmID
	case !rule.Enough(arms):
		v.Reason = "too_few"
	default:
		v.Reason = "not_yet"
	}
	if winner < 0 && len(arms) > 1 {
		for _, a := range arms {
			v.MorePerArm = max(v.MorePerArm, rule.MinPerArm-a.N)
		}
		if need := stats.NeededToDecide(arms, rule.Confidence); need > 0 {
			v.MorePerArm = max(v.MorePerArm, need-people/len(arms))
		}
	}
}

// keeps reports whether a person, written to from a mailbox at a time, is among those to count.
func (f *Fold) keeps(s events.EvaluationSettings, x *person, mailbox uuid.UUID, at time.Time) bool {
	facts := f.leads[x.lead]
	switch {
	case !s.From.IsZero() && at.Before(s.From), !s.To.IsZero() && !at.Before(s.To), at.After(s.AsOf):
		return false
	case len(s.Filter.MailboxIDs) > 0 && !slices.Contains(s.Filter.MailboxIDs, mailbox), slices.Contains(s.Exclude.MailboxIDs, mailbox):
		return false
	case len(s.Filter.TimeZones) > 0 && !slices.Contains(s.Filter.TimeZones, facts.zone):
		return false
	case slices.Contains(s.Exclude.LeadIDs, x.lead), s.Exclude.FreeMail && facts.free:
		return false
	case s.Exclude.Bounced && slices.ContainsFunc(x.outcomes, func(o *outcome) bool { return o.metric == events.MetricBounce && !o.at.After(s.AsOf) }):
		return false
	}
	return true
}

func (f *Fold) units(s events.EvaluationSettings) (out []unit) {
	window, seen := time.Duration(s.WindowDays)*24*time.Hour, map[*person]bool{}
	for _, m := range f.sends {
		if m.by.arm < 0 || s.Unit == events.UnitPerson && seen[m.by] {
			continue
		}
		seen[m.by] = true
		over := m.at.Add(window)
		u := unit{arm: m.by.arm, sent: m.at, counted: m.at, settled: !over.After(s.AsOf)}
		if s.Settled {
			u.counted = over
		}
		if !f.keeps(s, m.by, m.mailbox, m.at) || s.Settled && !u.settled {
			continue
		}
		about := uuid.Nil
		if s.Unit == events.UnitMessage {
			about = m.message
		}
		u.success = firstOutcome(m.by, s, about, m.at, over)
		out = append(out, u)
	}
	return out
}

func firstOutcome(x *person, s events.EvaluationSettings, about uuid.UUID, from, to time.Time) (at time.Time) {
	for _, o := range x.outcomes {
		if o.metric != s.Metric || o.off || about != uuid.Nil && o.message != about || o.at.Before(from) || !o.at.Before(to) || o.at.After(s.AsOf) {
			continue
		}
		if at.IsZero() || o.at.Before(at) {
			at = o.at
		}
	}
	return at
}

// countDrawn counts whom chance gave to each arm, whatever came of it, and those who were held out.
func (f *Fold) countDrawn(s events.EvaluationSettings, drawn []stats.Arm, v *events.Verdict) {
	window := time.Duration(s.WindowDays) * 24 * time.Hour
	for _, x := range f.order {
		if !f.keeps(s, x, x.mailbox, x.at) {
			continue
		}
		if x.arm >= 0 {
			drawn[x.arm].N++
			continue
		}
		v.HeldOut++
		if !firstOutcome(x, s, uuid.Nil, x.at, x.at.Add(window)).IsZero() {
			v.HeldOutGood++
		}
	}
}

func (f *Fold) fillArms(s events.EvaluationSettings, arms, drawn []stats.Arm, out []events.ArmVerdict) {
	const confidence = 0.95
	for i, a := range arms {
		x := &out[i]
		x.Drawn, x.People, x.Successes, x.Rate = drawn[i].N, a.N, a.Successes, stats.Round(a.Rate())
		w := stats.Wilson(a, confidence)
		x.Low, x.High = stats.Round(w.Low), stats.Round(w.High)
		if i == 0 {
			continue
		}
		d := stats.Newcombe(a, arms[0], confidence)
		x.Difference, x.DiffLow, x.DiffHigh = stats.Round(a.Rate()-arms[0].Rate()), stats.Round(d.Low), stats.Round(d.High)
		low, high := stats.RatioSequence(a, arms[0], confidence)
		x.RatioLow, x.RatioHigh = stats.Round(low), stats.Round(high)
	}
	for _, x := range f.order {
		if x.arm < 0 || !f.keeps(s, x, x.mailbox, x.at) {
			continue
		}
		seen := map[string]bool{}
		for _, o := range x.outcomes {
			if o.at.After(s.AsOf) || seen[o.metric] {
				continue
			}
			seen[o.metric] = true
			switch o.metric {
			case events.MetricBounce:
				out[x.arm].Bounces++
			case events.MetricComplaint:
				out[x.arm].Complaints++
			case events.MetricUnsubscribe:
				out[x.arm].Unsubscribes++
			}
		}
	}
}
