package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/experiments"
	"outrider/projections"
	"outrider/projections/analytics"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// experimentHandlers answer what is asked of experiments.
type experimentHandlers struct {
	*readSide
	*writeSide
	columns driver.Conn // nil = there is no ClickHouse
}

// forExperiments is the handler of a route that experimentHandlers answer.
func forExperiments(handle func(*experimentHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&experimentHandlers{s.readSide, s.writeSide, s.cfg.Columns}, c)
	}
}

// defaultGuards watch an experiment that names none, per 100,000 people.
func defaultGuards() []events.ExperimentGuard {
	return []events.ExperimentGuard{{Metric: events.MetricBounce, Limit: 5_000}, {Metric: events.MetricComplaint, Limit: 200}, {Metric: events.MetricUnsubscribe, Limit: 3_000}}
}

func (x *experimentHandlers) createExperiment(c *call, body gen.ExperimentCreate) error {
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("experiment")
	object, _ := c.json.(map[string]any)
	number := func(name string, given, absent int) int {
		if _, ok := object[name]; ok {
			return given
		}
		return absent
	}
	plan := events.ExperimentPlan{Name: body.Name, Hypothesis: body.Hypothesis, CampaignID: body.CampaignID, StepID: body.StepID, Traffic: number("traffic", body.Traffic, events.ExperimentParts), Holdout: body.Holdout,
		Group: body.Group, Metric: string(body.Metric), WindowDays: number("window_days", body.WindowDays, 14), MinPerArm: number("min_per_arm", body.MinPerArm, 100),
		Confidence: number("confidence", body.Confidence, 9_500), Guards: body.Guards, AutoPromote: body.AutoPromote}
	if plan.Metric == "" {
		plan.Metric = events.MetricHumanReply
	}
	if _, ok := object["guards"]; !ok {
		plan.Guards = defaultGuards()
	}
	for i, a := range body.Arms {
		plan.Arms = append(plan.Arms, events.ExperimentArm{ArmID: in.newID("arm " + strconv.Itoa(i)), Name: a.Name, Weight: max(a.Weight, 1), VariantID: a.VariantID, DelayDays: a.DelayDays})
	}
	who := c.actorOf()
	a, err := x.submitCommand(in, commands.CreateExperiment{ExperimentRef: events.ExperimentRef{ExperimentID: id}, ExperimentPlan: plan, CreatedBy: who.Kind + ":" + who.ID})
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "experiments", a, func() error {
		out, err := x.loadExperiment(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/experiments/"+id.String(), out.Version)
	})
}

func (x *experimentHandlers) loadExperiment(c *call, id uuid.UUID) (out gen.Experiment, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetExperiment(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		if out, err = experimentOf(row); err != nil {
			return err
		}
		return nameCampaigns(c, tx, []*gen.Experiment{&out})
	})
	return out, err
}

func nameCampaigns(c *call, tx pgx.Tx, of []*gen.Experiment) error {
	var ids []uuid.UUID
	for _, e := range of {
		ids = append(ids, e.CampaignID)
	}
	named, err := projections.Campaigns(c.ctx, tx, c.who.Org, ids)
	for _, e := range of {
		if row := named[e.CampaignID]; row != nil {
			e.Campaign = row.Name
		}
	}
	return err
}

func (x *experimentHandlers) showExperiment(c *call, id uuid.UUID) error {
	out, err := x.loadExperiment(c, id)
	if err != nil {
		return err
	}
	if x.columns != nil && !out.StartedAt.IsZero() {
		if err := x.awaitIn(c, eventsTable); err != nil {
			return err
		}
		now, err := experiments.Standing(c.ctx, analytics.History{Conn: x.columns}, c.who.Org, id, out.CampaignID)
		switch {
		case errors.Is(err, experiments.ErrUnknown): // ClickHouse doesn't know of its start yet
		case err != nil:
			return err
		default:
			out.Standing, out.AsOf = now.Verdict, now.Settings.AsOf
		}
	}
	return c.answerVersioned(out, out.Version)
}

func (x *experimentHandlers) listExperiments(c *call) error {
	var campaign *uuid.UUID
	if id := c.uuidParam("campaign_id"); id != uuid.Nil {
		campaign = &id
	}
	data, next, err := listPage(x.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Experiment, error) {
		return projections.ListExperiments(c.ctx, tx, c.who.Org, campaign, after, limit)
	}, func(r *projections.Experiment) int64 { return r.Oseq }, experimentOf)
	if err != nil {
		return err
	}
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		all := make([]*gen.Experiment, len(data))
		for i := range data {
			all[i] = &data[i]
		}
		return nameCampaigns(c, tx, all)
	}); err != nil {
		return err
	}
	return c.answerJSON(200, gen.ExperimentPage{Data: data, NextCursor: next})
}

func experimentOf(r *projections.Experiment) (out gen.Experiment, err error) {
	var p events.ExperimentPlan
	if err := json.Unmarshal(r.Plan, &p); err != nil {
		return out, fmt.Errorf("read plan: %w", err)
	}
	out = gen.Experiment{ID: r.ExperimentID, Name: r.Name, Hypothesis: p.Hypothesis, CampaignID: r.CampaignID, StepID: r.StepID, Arms: p.Arms, Traffic: p.Traffic, Holdout: p.Holdout, Group: p.Group,
		Metric: gen.ExperimentMetric(p.Metric), WindowDays: p.WindowDays, MinPerArm: p.MinPerArm, Confidence: p.Confidence, Guards: nonNil(p.Guards), AutoPromote: p.AutoPromote,
		Status: gen.ExperimentStatus(r.Status), Reason: r.Reason, StoppedArms: []uuid.UUID{}, Evaluations: r.Evaluations, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, StartedAt: valueOrZero(r.StartedAt),
		EndedAt: valueOrZero(r.EndedAt), Version: r.Version}
	var stopped []events.ExperimentArmStopped
	if err := json.Unmarshal(r.StoppedArms, &stopped); err != nil {
		return out, fmt.Errorf("read stopped arms: %w", err)
	}
	for _, s := range stopped {
		out.StoppedArms = append(out.StoppedArms, s.ArmID)
	}
	if r.Decided != nil {
		if err := json.Unmarshal(r.Decided, &out.Decided); err != nil {
			return out, fmt.Errorf("read decision: %w", err)
		}
	}
	return out, nil
}

// changeExperiment submits a command about an experiment, and shows it.
func (x *experimentHandlers) changeExperiment(c *call, id uuid.UUID, cmd commands.Command) error {
	a, err := x.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "experiments", a, func() error {
		out, err := x.loadExperiment(c, id)
		if err != nil {
			return err
		}
		return c.answerVersioned(out, out.Version)
	})
}

func (x *experimentHandlers) startExperiment(c *call, id uuid.UUID) error {
	return x.changeExperiment(c, id, commands.StartExperiment{ExperimentID: id})
}

func (x *experimentHandlers) stopExperiment(c *call, id uuid.UUID) error {
	return x.changeExperiment(c, id, commands.StopExperiment{ExperimentID: id})
}

func (x *experimentHandlers) decideExperiment(c *call, id uuid.UUID, body gen.ExperimentDecision) error {
	return x.changeExperiment(c, id, commands.DecideExperiment{ExperimentID: id, ArmID: body.ArmID, Promote: body.Promote})
}
