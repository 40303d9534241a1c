package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Status of an experiment.
const (
	ExperimentDraft   = "draft"
	ExperimentRunning = "running"
	ExperimentStopped = "stopped"
	ExperimentDecided = "decided"
)

// Experiment is a row of read.experiments.
type Experiment struct {
	OrgID        uuid.UUID       `db:"org_id"`
	ExperimentID uuid.UUID       `db:"experiment_id"`
	Oseq         int64           `db:"oseq"`
	Name         string          `db:"name"`
	CampaignID   uuid.UUID       `db:"campaign_id"`
	StepID       uuid.UUID       `db:"step_id"`
	Plan         json.RawMessage `db:"plan"` // events.ExperimentPlan
	Status       string          `db:"status"`
	Reason       string          `db:"reason"`       // why it was stopped
	StoppedArms  json.RawMessage `db:"stopped_arms"` // []events.ExperimentArmStopped
	Decided      json.RawMessage `db:"decided"`      // events.ExperimentDecided
	Evaluations  int             `db:"evaluations"`
	CreatedBy    string          `db:"created_by"`
	CreatedAt    time.Time       `db:"created_at"`
	UpdatedAt    time.Time       `db:"updated_at"`
	StartedAt    *time.Time      `db:"started_at"`
	EndedAt      *time.Time      `db:"ended_at"`
	Version      int             `db:"version"`
}

// ExperimentEvaluation is a row of read.experiment_evaluations.
type ExperimentEvaluation struct {
	OrgID        uuid.UUID       `db:"org_id"`
	ExperimentID uuid.UUID       `db:"experiment_id"`
	EvaluationID uuid.UUID       `db:"evaluation_id"`
	Oseq         int64           `db:"oseq"`
	Settings     json.RawMessage `db:"settings"` // events.EvaluationSettings
	Verdict      json.RawMessage `db:"verdict"`  // events.Verdict
	Code         string          `db:"code"`
	ReadOseq     int64           `db:"read_oseq"`
	Chain        string          `db:"chain"`
	EvaluatedBy  string          `db:"evaluated_by"`
	CreatedAt    time.Time       `db:"created_at"`
}

func foldExperiments(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if p, ok := e.Payload.(events.ExperimentEvent); ok {
			touched = append(touched, id{e.Org, p.Experiment()})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Experiment]()
	if err := loadRows(ctx, tx, rows, "experiments", "experiment_id", touched, func(x *Experiment) id { return id{x.OrgID, x.ExperimentID} }); err != nil {
		return err
	}
	var kept []*ExperimentEvaluation
	for _, e := range batch {
		if err := applyExperiment(rows, &kept, e); err != nil {
			return err
		}
	}
	return errors.Join(upsertRows(ctx, tx, "experiments", "org_id, experiment_id", rows.liveRows()),
		upsertRows(ctx, tx, "experiment_evaluations", "org_id, experiment_id, evaluation_id", kept))
}

func applyExperiment(rows *fold[id, Experiment], kept *[]*ExperimentEvaluation, e *es.Event) error {
	p := events.As[events.ExperimentEvent](e.Payload)
	if p == nil {
		return nil
	}
	key := id{e.Org, p.Experiment()}
	if made, ok := p.(events.ExperimentCreated); ok {
		plan, err := es.Marshal(made.ExperimentPlan)
		rows.putRow(key, &Experiment{OrgID: e.Org, ExperimentID: key.own, Oseq: e.Oseq, Name: made.Name, CampaignID: made.CampaignID, StepID: made.StepID, Plan: plan, Status: ExperimentDraft,
			StoppedArms: json.RawMessage(`[]`), CreatedBy: made.CreatedBy, CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1})
		return err
	}
	x := rows.rows[key]
	if x == nil {
		return nil
	}
	before := *x
	x.UpdatedAt, x.Version = e.Time, x.Version+1
	switch p := p.(type) {
	case events.ExperimentStarted:
		x.Status, x.StartedAt = ExperimentRunning, &p.StartedAt
	case events.ExperimentArmStopped:
		var list []events.ExperimentArmStopped
		if err := es.Unmarshal(x.StoppedArms, &list); err != nil {
			return fmt.Errorf("stopped arms: %w", err)
		}
		var err error
		x.StoppedArms, err = es.Marshal(append(list, p))
		return err
	case events.ExperimentStopped:
		x.Status, x.Reason, x.EndedAt = ExperimentStopped, p.Reason, &e.Time
	case events.ExperimentDecided:
		var err error
		x.Status, x.EndedAt = ExperimentDecided, &e.Time
		x.Decided, err = es.Marshal(p)
		return err
	case events.ExperimentEvaluated:
		x.Evaluations++
		row, err := evaluationRow(e, p)
		*kept = append(*kept, row)
		return err
	case events.ExperimentCreated, events.ExperimentHeldOut: // a person; the row stays
		*x = before
	}
	return nil
}

func evaluationRow(e *es.Event, p events.ExperimentEvaluated) (*ExperimentEvaluation, error) {
	settings, err := es.Marshal(p.Settings)
	if err != nil {
		return nil, err
	}
	verdict, err := es.Marshal(p.Verdict)
	return &ExperimentEvaluation{OrgID: e.Org, ExperimentID: p.ExperimentID, EvaluationID: p.EvaluationID, Oseq: e.Oseq, Settings: settings, Verdict: verdict, Code: p.Code, ReadOseq: p.Oseq, Chain: p.Chain,
		EvaluatedBy: e.Actor.Kind + ":" + e.Actor.ID, CreatedAt: e.Time}, err
}

// GetExperiment returns pgx.ErrNoRows when there is none.
func GetExperiment(ctx context.Context, tx pgx.Tx, org, experiment uuid.UUID) (*Experiment, error) {
	rows, err := tx.Query(ctx, selectFrom[Experiment]("experiments")+`where org_id = $1 and experiment_id = $2`, org, experiment)
	return collectOne[Experiment](rows, err, "get experiment")
}

// ListExperiments returns the newest first; after = oseq of the last row seen, 0 = from the newest. A campaign narrows it.
func ListExperiments(ctx context.Context, tx pgx.Tx, org uuid.UUID, campaign *uuid.UUID, after int64, limit int) ([]*Experiment, error) {
	rows, err := tx.Query(ctx, selectFrom[Experiment]("experiments")+`where org_id = $1 and ($2::uuid is null or campaign_id = $2) and ($3::bigint = 0 or oseq < $3) order by oseq desc limit $4`, org, campaign, after, limit)
	return collectAll[Experiment](rows, err, "list experiments")
}

// ListEvaluations returns those of an experiment, the newest first; after as in ListExperiments.
func ListEvaluations(ctx context.Context, tx pgx.Tx, org, experiment uuid.UUID, after int64, limit int) ([]*ExperimentEvaluation, error) {
	rows, err := tx.Query(ctx, selectFrom[ExperimentEvaluation]("experiment_evaluations")+`where org_id = $1 and experiment_id = $2 and ($3::bigint = 0 or oseq < $3) order by oseq desc limit $4`, org, experiment, after, limit)
	return collectAll[ExperimentEvaluation](rows, err, "list evaluations")
}

// GetEvaluation returns pgx.ErrNoRows when there is none.
func GetEvaluation(ctx context.Context, tx pgx.Tx, org, experiment, evaluation uuid.UUID) (*ExperimentEvaluation, error) {
	rows, err := tx.Query(ctx, selectFrom[ExperimentEvaluation]("experiment_evaluations")+`where org_id = $1 and experiment_id = $2 and evaluation_id = $3`, org, experiment, evaluation)
	return collectOne[ExperimentEvaluation](rows, err, "get evaluation")
}
