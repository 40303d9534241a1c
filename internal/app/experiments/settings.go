package experiments

import (
	"fmt"
	"time"

	"outrider/events"
)

// Defaults are the settings by which an experiment judges itself.
func (f *Fold) Defaults(asOf time.Time) events.EvaluationSettings {
	p := f.plan
	return events.EvaluationSettings{Metric: p.Metric, WindowDays: p.WindowDays, Unit: events.UnitPerson, Rule: events.EvaluationRule{Kind: events.RuleSequential, Confidence: p.Confidence, MinPerArm: p.MinPerArm}, AsOf: asOf}
}

// Fill gives what settings leave out as the experiment has it, and checks the rest.
func (f *Fold) Fill(s events.EvaluationSettings) (events.EvaluationSettings, error) {
	d := f.Defaults(s.AsOf)
	if s.Metric == "" {
		s.Metric = d.Metric
	}
	if s.WindowDays == 0 {
		s.WindowDays = d.WindowDays
	}
	if s.Unit == "" {
		s.Unit = d.Unit
	}
	if s.Rule.Kind == "" {
		s.Rule.Kind = d.Rule.Kind
	}
	if s.Rule.Confidence == 0 {
		s.Rule.Confidence = d.Rule.Confidence
	}
	if s.Rule.MinPerArm == 0 {
		s.Rule.MinPerArm = d.Rule.MinPerArm
	}
	switch s.Metric {
	case events.MetricHumanReply, events.MetricPositiveReply, events.MetricMeeting, events.MetricBounce, events.MetricComplaint, events.MetricUnsubscribe:
	default:
		return s, fmt.Errorf("there is no metric %q", s.Metric)
	}
	switch {
	case s.WindowDays < 1 || s.WindowDays > 365:
		return s, fmt.Errorf("a window is 1 to 365 days, not %d", s.WindowDays)
	case s.Unit != events.UnitPerson && s.Unit != events.UnitMessage:
		return s, fmt.Errorf("a unit is person or message, not %q", s.Unit)
	case s.Rule.Kind != events.RuleSequential && s.Rule.Kind != events.RulePBest && s.Rule.Kind != events.RuleFixed:
		return s, fmt.Errorf("a rule is sequential, p_best or fixed, not %q", s.Rule.Kind)
	case s.Rule.Confidence < 5_000 || s.Rule.Confidence > 9_999:
		return s, fmt.Errorf("a confidence is 5000 to 9999, not %d", s.Rule.Confidence)
	case s.Rule.MinPerArm < 1:
		return s, fmt.Errorf("a minimum is at least 1, not %d", s.Rule.MinPerArm)
	}
	return s, nil
}
