package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/flagtrials"
	"outrider/internal/es"
	"outrider/projections"
	"outrider/projections/analytics"
)

// leastOrganizations is how many organisations a trial needs on either side unless it says so.
const leastOrganizations = 10

func (f *flagHandlers) listTrials(c *call) error {
	data, next, err := listPage(f.readSide, c, es.SystemOrg, func(tx pgx.Tx, before int64, limit int) ([]*projections.FlagTrial, error) {
		return projections.ListFlagTrials(c.ctx, tx, before, limit)
	}, func(t *projections.FlagTrial) int64 { return t.Oseq }, f.trialOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.PlatformExperimentPage{Data: data, NextCursor: next})
}

// trialOf shows a trial without how it stands.
func (f *flagHandlers) trialOf(t *projections.FlagTrial) (out gen.PlatformExperiment, err error) {
	var rule events.FlagRule
	if err := json.Unmarshal(t.Rule, &rule); err != nil {
		return out, fmt.Errorf("rule of trial %s: %w", t.TrialID, err)
	}
	out = gen.PlatformExperiment{ID: t.TrialID, Flag: t.Flag, Name: t.Name, Hypothesis: t.Hypothesis, Metric: gen.PlatformExperimentMetric(t.Metric), MinOrganizations: t.MinOrganizations, Rollout: rule.Rollout,
		Status: gen.PlatformExperimentStatusRunning, Reason: t.Reason, StartedAt: t.StartedAt, EndsAt: t.EndsAt, EndedAt: valueOrZero(t.EndedAt), StartedBy: t.StartedBy}
	switch {
	case t.EndedAt != nil:
		out.Status = gen.PlatformExperimentStatusEnded
	case !f.now().Before(t.EndsAt):
		out.Status = gen.PlatformExperimentStatusOver
	}
	return out, nil
}

func (f *flagHandlers) loadTrial(c *call, id uuid.UUID) (row *projections.FlagTrial, out gen.PlatformExperiment, err error) {
	if err := f.readInOrg(c, es.SystemOrg, func(tx pgx.Tx) (err error) {
		row, err = projections.GetFlagTrial(c.ctx, tx, id)
		return err
	}); err != nil {
		return nil, out, err
	}
	out, err = f.trialOf(row)
	return row, out, err
}

func (f *flagHandlers) showTrial(c *call, id uuid.UUID) error {
	row, out, err := f.loadTrial(c, id)
	if err != nil {
		return err
	}
	if f.columns != nil {
		if out.Standing, err = f.standingOf(c, row); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// standingOf counts what came of messages in all organisations, and compares the two sides.
func (f *flagHandlers) standingOf(c *call, row *projections.FlagTrial) (out gen.PlatformExperimentStanding, err error) {
	t := flagtrials.Trial{ID: row.TrialID, Seed: row.Seed, Metric: row.Metric, MinOrganizations: row.MinOrganizations, StartedAt: row.StartedAt, EndsAt: row.EndsAt, EndedAt: valueOrZero(row.EndedAt)}
	if err := json.Unmarshal(row.Rule, &t.Rule); err != nil {
		return out, fmt.Errorf("rule of trial %s: %w", row.TrialID, err)
	}
	now := f.now()
	counts, err := analytics.OutcomesByOrganization(c.ctx, f.columns, row.Metric, t.StartedAt, t.Until(now))
	if err != nil {
		return out, err
	}
	listed, err := f.listedOrganizations(c)
	if err != nil {
		return out, err
	}
	v := flagtrials.Judge(t, listed, counts, now)
	return gen.PlatformExperimentStanding{On: sideOf(v.On), Off: sideOf(v.Off), Difference: v.Difference, Low: v.Low, High: v.High, PValue: v.PValue,
		Reason: gen.PlatformExperimentStandingReason(v.Reason), Winner: gen.PlatformExperimentStandingWinner(v.Winner)}, nil
}

func sideOf(s flagtrials.Side) gen.PlatformExperimentSide {
	return gen.PlatformExperimentSide{Organizations: s.Organizations, Counted: s.Counted, People: s.People, Successes: s.Successes, MeanRate: s.MeanRate}
}

func (f *flagHandlers) startTrial(c *call, body gen.PlatformExperimentStart) error {
	in, err := f.beginWrite(c, es.SystemOrg, es.SystemOrg)
	if err != nil {
		return err
	}
	id, who := in.newID("trial"), c.actorOf()
	cmd := commands.StartFlagTrial{FlagRef: events.FlagRef{Flag: body.Flag}, TrialID: id, StartedBy: who.Kind + ":" + who.ID,
		FlagTrialPlan: events.FlagTrialPlan{Name: body.Name, Hypothesis: body.Hypothesis, Metric: string(body.Metric), Days: body.Days, MinOrganizations: body.MinOrganizations}}
	if cmd.MinOrganizations == 0 {
		cmd.MinOrganizations = leastOrganizations
	}
	a, err := f.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return f.showAfterChange(c, "flag_trials", a, func() error {
		_, out, err := f.loadTrial(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/platform/experiments/"+id.String(), 0)
	})
}

func (f *flagHandlers) endTrial(c *call, id uuid.UUID) error {
	row, _, err := f.loadTrial(c, id)
	if err != nil {
		return err
	}
	in, err := f.beginWrite(c, es.SystemOrg, es.SystemOrg)
	if err != nil {
		return err
	}
	a, err := f.submitCommand(in, commands.EndFlagTrial{FlagRef: events.FlagRef{Flag: row.Flag}, TrialID: id})
	if err != nil {
		return err
	}
	return f.showAfterChange(c, "flag_trials", a, func() error {
		_, out, err := f.loadTrial(c, id)
		if err != nil {
			return err
		}
		return c.answerJSON(http.StatusOK, out)
	})
}
