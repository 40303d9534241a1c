package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// FlagTrial is a row of read.flag_trials.
type FlagTrial struct {
	OrgID            uuid.UUID       `db:"org_id"`
	TrialID          uuid.UUID       `db:"trial_id"`
	Oseq             int64           `db:"oseq"`
	Flag             string          `db:"flag"`
	Name             string          `db:"name"`
	Hypothesis       string          `db:"hypothesis"`
	Metric           string          `db:"metric"`
	MinOrganizations int             `db:"min_organizations"`
	Rule             json.RawMessage `db:"rule"` // events.FlagRule
	Seed             uuid.UUID       `db:"seed"`
	StartedAt        time.Time       `db:"started_at"`
	EndsAt           time.Time       `db:"ends_at"`
	EndedAt          *time.Time      `db:"ended_at"` // before its time
	Reason           string          `db:"reason"`
	StartedBy        string          `db:"started_by"`
}

// isTrial reports whether an event of flags is of a trial, which changes no flag.
func isTrial(p events.FlagEvent) bool {
	switch p.(type) {
	case events.FlagTrialStarted, events.FlagTrialEnded:
		return true
	case events.FlagCreated, events.FlagChanged, events.FlagKilled, events.FlagRevived, events.FlagScheduleReached, events.FlagSwitched:
	}
	return false
}

func foldFlagTrials(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[id, FlagTrial]()
	var ids []id
	for _, e := range batch {
		if p, ok := e.Payload.(events.FlagTrialEnded); ok {
			ids = append(ids, id{e.Org, p.TrialID})
		}
	}
	if len(ids) > 0 {
		if err := loadRows(ctx, tx, rows, "flag_trials", "trial_id", ids, func(t *FlagTrial) id { return id{t.OrgID, t.TrialID} }); err != nil {
			return err
		}
	}
	for _, e := range batch {
		p := events.As[events.FlagEvent](e.Payload)
		if !isTrial(p) {
			continue
		}
		switch p := p.(type) {
		case events.FlagTrialStarted:
			rule, err := es.Marshal(p.Rule)
			if err != nil {
				return fmt.Errorf("rule of trial %s: %w", p.TrialID, err)
			}
			rows.putRow(id{e.Org, p.TrialID}, &FlagTrial{OrgID: e.Org, TrialID: p.TrialID, Oseq: e.Oseq, Flag: p.Flag, Name: replaceNUL(p.Name), Hypothesis: replaceNUL(p.Hypothesis), Metric: p.Metric,
				MinOrganizations: p.MinOrganizations, Rule: rule, Seed: p.Seed, StartedAt: p.StartedAt, EndsAt: p.EndsAt, StartedBy: replaceNUL(p.StartedBy)})
		case events.FlagTrialEnded:
			if t := rows.rows[id{e.Org, p.TrialID}]; t != nil {
				t.EndedAt, t.Reason = &e.Time, p.Reason
			}
		case events.FlagCreated, events.FlagChanged, events.FlagKilled, events.FlagRevived, events.FlagScheduleReached, events.FlagSwitched: // no trial
		}
	}
	return upsertRows(ctx, tx, "flag_trials", "org_id, trial_id", rows.liveRows())
}

// ListFlagTrials returns trials, the newest first; before is the number of the last one of the page before, 0 at first.
func ListFlagTrials(ctx context.Context, tx pgx.Tx, before int64, limit int) ([]*FlagTrial, error) {
	rows, err := tx.Query(ctx, selectFrom[FlagTrial]("flag_trials")+`where org_id = $1 and ($2::bigint = 0 or oseq < $2) order by oseq desc limit $3`, es.SystemOrg, before, limit)
	return collectAll[FlagTrial](rows, err, "list trials of flags")
}

// GetFlagTrial returns pgx.ErrNoRows for one that there isn't.
func GetFlagTrial(ctx context.Context, tx pgx.Tx, trial uuid.UUID) (*FlagTrial, error) {
	rows, err := tx.Query(ctx, selectFrom[FlagTrial]("flag_trials")+`where org_id = $1 and trial_id = $2`, es.SystemOrg, trial)
	return collectOne[FlagTrial](rows, err, "get trial of a flag")
}
