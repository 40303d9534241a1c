package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/experiments"
	"outrider/projections"
	"outrider/projections/analytics"
)

// evaluateExperiment judges an experiment by the whole history, and keeps the verdict as an event.
func (x *experimentHandlers) evaluateExperiment(c *call, id uuid.UUID, body gen.EvaluationRequest) error {
	if _, err := x.loadExperiment(c, id); err != nil {
		return err
	}
	if x.columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	out, err := experiments.FromLog(c.ctx, analytics.History{Conn: x.columns}, c.who.Org, id, settingsAsked(body))
	if err != nil {
		return judgingProblem(err)
	}
	out.EvaluationID = in.newID("evaluation")
	a, err := x.submitCommand(in, commands.RecordEvaluation(out))
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "experiments", a, func() (err error) {
		var row *projections.ExperimentEvaluation
		if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetEvaluation(c.ctx, tx, c.who.Org, id, out.EvaluationID)
			return err
		}); err != nil {
			return err
		}
		shown, err := evaluationOf(row)
		if err != nil {
			return err
		}
		return c.answerJSON(201, shown)
	})
}

// judgingProblem says what keeps a history from being judged.
func judgingProblem(err error) error {
	var wrong *experiments.SettingsError
	switch {
	case errors.As(err, &wrong):
		return newProblem(commands.CodeInvalid, wrong.Error())
	case errors.Is(err, experiments.ErrUnknown):
		return newProblem(commands.CodeNotFound, "the experiment had not begun at that time")
	}
	return err
}

func settingsAsked(b gen.EvaluationRequest) events.EvaluationSettings {
	return events.EvaluationSettings{Metric: string(b.Metric), WindowDays: b.WindowDays, From: b.From.UTC(), To: b.To.UTC(), Unit: string(b.Unit), Settled: b.Settled, Filter: b.Filter, Exclude: b.Exclude, Rule: b.Rule, AsOf: b.AsOf.UTC()}
}

func (x *experimentHandlers) listEvaluations(c *call, id uuid.UUID) error {
	if _, err := x.loadExperiment(c, id); err != nil {
		return err
	}
	data, next, err := listPage(x.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.ExperimentEvaluation, error) {
		return projections.ListEvaluations(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(r *projections.ExperimentEvaluation) int64 { return r.Oseq }, evaluationOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.EvaluationPage{Data: data, NextCursor: next})
}

func evaluationOf(r *projections.ExperimentEvaluation) (out gen.Evaluation, err error) {
	out = gen.Evaluation{ID: r.EvaluationID, ExperimentID: r.ExperimentID, Code: r.Code, Oseq: r.ReadOseq, Chain: r.Chain, EvaluatedBy: r.EvaluatedBy, CreatedAt: r.CreatedAt}
	if err := json.Unmarshal(r.Settings, &out.Settings); err != nil {
		return out, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(r.Verdict, &out.Verdict); err != nil {
		return out, fmt.Errorf("read verdict: %w", err)
	}
	return out, nil
}
