package bench

import (
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// experimentOn tries two delays of the second step of a campaign.
func (w *decisionWorld) experimentOn(n int) commands.CreateExperiment {
	steps, _ := w.steps(n)
	arm := func(name string, days int) events.ExperimentArm {
		return events.ExperimentArm{ArmID: w.id("arm "+name, n), Name: name, Weight: 1, DelayDays: &days}
	}
	return commands.CreateExperiment{ExperimentRef: events.ExperimentRef{ExperimentID: w.id("experiment", n)}, ExperimentPlan: events.ExperimentPlan{Name: "Delay", CampaignID: w.campaigns[n], StepID: steps[1].StepID,
		Arms: []events.ExperimentArm{arm("soon", 5), arm("late", 9)}, Traffic: events.ExperimentParts, Metric: events.MetricHumanReply, WindowDays: 14, MinPerArm: 100, Confidence: 9500}}
}

func (w *decisionWorld) experimentSituations() []situation {
	id := func(n int) uuid.UUID { return w.id("experiment", n) }
	return []situation{
		{"on a step", 3, func(n int) commands.Command { return w.experimentOn(n) }},
		{"with thousands on the campaign", 3, func(n int) commands.Command { return commands.StartExperiment{ExperimentID: id(n)} }},
		{"judged again", 3, func(n int) commands.Command {
			return commands.RecordEvaluation{ExperimentRef: events.ExperimentRef{ExperimentID: id(n)}, EvaluationID: w.id("evaluation", n)}
		}},
		{"decided already", 1, func(n int) commands.Command {
			w.state.Apply(&es.Event{Payload: events.ExperimentDecided{ExperimentRef: events.ExperimentRef{ExperimentID: id(n)}, CampaignID: w.campaigns[n], ArmID: w.id("arm soon", n)}})
			return commands.DecideExperiment{ExperimentID: id(n), ArmID: w.id("arm soon", n)}
		}},
		{"that runs", 2, func(n int) commands.Command { return commands.StopExperiment{ExperimentID: id(n + 1)} }},
	}
}
