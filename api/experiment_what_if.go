package api

import (
	"net/http"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/app/experiments"
	"outrider/projections/analytics"
)

// replayExperiment says when other rules would have stopped an experiment. It writes nothing.
func (x *experimentHandlers) replayExperiment(c *call, id uuid.UUID, body gen.WhatIfRequest) error {
	if _, err := x.loadExperiment(c, id); err != nil {
		return err
	}
	if x.columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := x.awaitIn(c, eventsTable); err != nil {
		return err
	}
	by := events.EvaluationSettings{Metric: string(body.Metric), WindowDays: body.WindowDays, Unit: string(body.Unit), Settled: body.Settled, AsOf: body.AsOf.UTC()}
	found, err := experiments.WhatIfFromLog(c.ctx, analytics.History{Conn: x.columns}, c.who.Org, id, by, body.Rules)
	if err != nil {
		return judgingProblem(err)
	}
	out := gen.WhatIf{Settings: found.Settings, Oseq: found.Oseq, Chain: found.Chain, Code: found.Code, Verdict: found.Verdict, End: found.End}
	for _, r := range found.Rules {
		one := gen.WhatIfRule{Rule: r.Rule, Looks: r.Looks, Day: r.Day}
		if r.Stopped != nil {
			one.Stopped = *r.Stopped
		}
		out.Rules = append(out.Rules, one)
	}
	return c.answerJSON(http.StatusOK, out)
}
