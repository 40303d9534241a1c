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
	"outrider/internal/score"
)

// NoScore stands for a score where a lead has none.
const NoScore = -1

// LeadScores is what the rules make of a lead.
type LeadScores struct {
	LeadScore     int        `db:"lead_score"` // NoScore = none, as the next
	IntentScore   int        `db:"intent_score"`
	Qualification string     `db:"qualification"`
	ScoreVersion  int        `db:"score_version"` // of the rules; 0 = none
	ScoredAt      *time.Time `db:"scored_at"`
}

var unscored = LeadScores{LeadScore: NoScore, IntentScore: NoScore} //nolint:gochecknoglobals // a constant

// ScoreRules is a row of read.score_rules: a version of the rules, and how far all leads are scored by it.
type ScoreRules struct {
	OrgID       uuid.UUID       `db:"org_id"`
	Version     int             `db:"version"`
	Oseq        int64           `db:"oseq"`
	Rules       json.RawMessage `db:"rules"` // events.ScoreRules
	Ages        bool            `db:"ages"`
	ActorKind   string          `db:"actor_kind"`
	ActorID     string          `db:"actor_id"`
	SetAt       time.Time       `db:"set_at"`
	StartedAt   time.Time       `db:"started_at"`
	Leads       int             `db:"leads"`
	Done        int             `db:"done"`
	Changed     int             `db:"changed"`
	Through     int64           `db:"through"`
	CompletedAt *time.Time      `db:"completed_at"`
}

// Parsed returns the rules.
func (r *ScoreRules) Parsed() (score.Rules, error) {
	var rules events.ScoreRules
	if err := json.Unmarshal(r.Rules, &rules); err != nil {
		return score.Rules{}, fmt.Errorf("read score rules %d: %w", r.Version, err)
	}
	return ScoreRulesOf(rules), nil
}

// ScoreRulesOf returns rules as internal/score judges by them.
func ScoreRulesOf(rules events.ScoreRules) score.Rules {
	out := score.Rules{QualifiedLead: rules.QualifiedLead, QualifiedIntent: rules.QualifiedIntent, ReviewLead: rules.ReviewLead, Rules: make([]score.Rule, len(rules.Rules))}
	for i, r := range rules.Rules {
		out.Rules[i] = score.Rule(r)
	}
	return out
}

// EventScoreRules is the reverse of ScoreRulesOf.
func EventScoreRules(rules score.Rules) events.ScoreRules {
	out := events.ScoreRules{QualifiedLead: rules.QualifiedLead, QualifiedIntent: rules.QualifiedIntent, ReviewLead: rules.ReviewLead, Rules: make([]events.ScoreRule, len(rules.Rules))}
	for i, r := range rules.Rules {
		out.Rules[i] = events.ScoreRule(r)
	}
	return out
}

type rulesVersion struct {
	org     uuid.UUID
	version int
}

func foldScoreRules(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[rulesVersion, ScoreRules]()
	for _, e := range batch {
		var err error
		switch p := events.As[events.ScoreEvent](e.Payload).(type) {
		case events.ScoreRulesSet:
			row := &ScoreRules{OrgID: e.Org, Version: p.Version, Oseq: e.Oseq, Ages: p.Ages, ActorKind: e.Actor.Kind, ActorID: replaceNUL(e.Actor.ID), SetAt: e.Time, StartedAt: e.Time, Leads: p.Leads}
			if row.Rules, err = es.Marshal(p.ScoreRules); err != nil {
				return err
			}
			row.Rules, _ = withoutNUL(row.Rules)
			rows.putRow(rulesVersion{e.Org, p.Version}, row)
		case events.ScoringDue:
			err = changeScoreRules(ctx, tx, rows, rulesVersion{e.Org, p.Version}, func(r *ScoreRules) {
				r.StartedAt, r.Leads, r.Done, r.Changed, r.Through, r.CompletedAt = e.Time, p.Leads, 0, 0, 0, nil
			})
		case events.ScoresApplied:
			err = changeScoreRules(ctx, tx, rows, rulesVersion{e.Org, p.Version}, func(r *ScoreRules) {
				r.Done, r.Changed, r.Through = r.Done+p.Leads, r.Changed+p.Changed, p.Through
				if p.Last {
					r.CompletedAt = &e.Time
				}
			})
		case events.LeadScored: // the leads' projection shows it
		}
		if err != nil {
			return err
		}
	}
	return upsertRows(ctx, tx, "score_rules", "org_id, version", rows.liveRows())
}

func changeScoreRules(ctx context.Context, tx pgx.Tx, rows *fold[rulesVersion, ScoreRules], key rulesVersion, change func(*ScoreRules)) error {
	row := rows.rows[key]
	if row == nil {
		found, err := tx.Query(ctx, `select `+columnsOf[ScoreRules]()+` from score_rules where org_id = $1 and version = $2`, key.org, key.version)
		if row, err = collectOne[ScoreRules](found, err, "load score rules"); errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		rows.putRow(key, row)
	}
	change(row)
	return nil
}

// CurrentScoreRules returns the rules that hold, nil when there are none.
func CurrentScoreRules(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*ScoreRules, error) {
	return ScoreRulesVersion(ctx, tx, org, 0)
}

// ScoreRulesVersion returns a version of the rules, 0 = the newest; nil when there is none.
func ScoreRulesVersion(ctx context.Context, tx pgx.Tx, org uuid.UUID, version int) (*ScoreRules, error) {
	rows, err := tx.Query(ctx, selectFrom[ScoreRules]("score_rules")+`where org_id = $1 and ($2 = 0 or version = $2) order by version desc limit 1`, org, version)
	row, err := collectOne[ScoreRules](rows, err, "get score rules")
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return row, err
}

// ListScoreRules returns the versions of the rules, the newest first; before is the version of the last one seen, 0 = from the newest.
func ListScoreRules(ctx context.Context, tx pgx.Tx, org uuid.UUID, before int64, limit int) ([]*ScoreRules, error) {
	rows, err := tx.Query(ctx, selectFrom[ScoreRules]("score_rules")+`where org_id = $1 and ($2::bigint = 0 or version < $2) order by version desc limit $3`, org, before, limit)
	return collectAll[ScoreRules](rows, err, "list score rules")
}

// InterestedLeads returns who has answered that they are interested, by what their answers mean now.
func InterestedLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]bool, error) {
	rows, err := tx.Query(ctx, `select distinct lead_id from read.inbox_items where org_id = $1 and class in ('reply', 'automatic') and meaning = $2`, org, events.MeansInterested)
	if err != nil {
		return nil, fmt.Errorf("find who is interested: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find who is interested: %w", err)
	}
	out := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}
