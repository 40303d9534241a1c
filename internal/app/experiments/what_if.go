package experiments

import (
	"context"
	"iter"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// WhatIf is what would have come of an experiment if other rules had stopped it. Nothing of it is kept.
type WhatIf struct {
	events.ExperimentEvaluated                   // settings, position and code; Verdict is how it stands at the end, without its course
	End                        events.VerdictDay // the last day that was looked at
	Rules                      []Replayed
}

// Replayed is a rule with the day on which it would have stopped the experiment.
type Replayed struct {
	Rule    events.EvaluationRule
	Stopped *events.VerdictStopped // nil = it would not have
	Day     events.VerdictDay      // how it stood then; the last day, where it would not have stopped
	Looks   int                    // how often it was asked until then
}

// WhatIfFromLog replays the decisions by the copy of the log in ClickHouse, checked as FromLog does.
func WhatIfFromLog(ctx context.Context, log analytics.History, org, experiment uuid.UUID, s events.EvaluationSettings, rules []events.EvaluationRule) (WhatIf, error) {
	return Replay(verified(ctx, log, org), experiment, s, rules)
}

// Replay plays the experiment once more for each rule: the same people, drawn as they were, looked at on the same days. What a rule leaves out is as the experiment has it.
func Replay(history iter.Seq2[*es.Event, error], experiment uuid.UUID, s events.EvaluationSettings, rules []events.EvaluationRule) (out WhatIf, err error) {
	f, judged, err := collect(history, experiment, s)
	if err != nil {
		return out, err
	}
	if judged.Verdict, err = f.Verdict(judged.Settings); err != nil {
		return out, err
	}
	course := judged.Verdict.Course
	if len(course) > 0 {
		out.End = course[len(course)-1]
	}
	judged.Verdict.Course = nil
	out.ExperimentEvaluated = judged
	units := f.units(judged.Settings)
	for _, rule := range rules {
		by := judged.Settings
		by.Rule = rule
		if by, err = f.Fill(by); err != nil {
			return out, &SettingsError{err}
		}
		var v events.Verdict
		f.follow(by, ruleOf(by.Rule), units, &v)
		is := Replayed{Rule: by.Rule, Stopped: v.WhatIf, Day: out.End, Looks: len(v.Course)}
		for i, day := range v.Course {
			if v.WhatIf != nil && day.At.Equal(v.WhatIf.At) {
				is.Day, is.Looks = day, i+1
				break
			}
		}
		out.Rules = append(out.Rules, is)
	}
	return out, nil
}
