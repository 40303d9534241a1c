package reconcile

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/score"
	"outrider/projections"
)

const scoresShown = `select org_id, lead_id::text as key, score_version || '/' || lead_score || '/' || intent_score || '/' || qualification as state from read.leads where score_version > 0`

// foldScore keeps the newest score of each lead.
func foldScore(s *state, e *es.Event) {
	switch p := e.Payload.(type) {
	case events.LeadScored:
		s.setState(e.Org, p.LeadID, fmt.Sprintf("%d/%d/%d/%s", p.Version, p.LeadScore, p.IntentScore, p.Qualification))
	case events.LeadCreated:
		s.dropItem(e.Org, p.LeadID) // it is there again
	case events.LeadRemoved:
		s.dropItem(e.Org, p.LeadID)
	case events.LeadErased:
		s.dropItem(e.Org, p.LeadID)
	}
}

// scorePage is how many leads are judged at once.
const scorePage = 2_000

// compareScores judges all leads of each organisation again, and compares that with their scores. What is just being scored may differ for a while,
// so a difference counts only if it is still there later.
func (j Job) compareScores(ctx context.Context, results map[uuid.UUID]*Result) error {
	for org, r := range results {
		var c *Comparison
		for try := 0; ; try++ {
			var err error
			if c, err = j.judgeScores(ctx, org); err != nil {
				return err
			}
			if c == nil || c.Agrees || try == 3 {
				break
			}
			pause, end := context.WithTimeout(ctx, 500*time.Millisecond)
			<-pause.Done()
			end()
		}
		if c != nil {
			r.Checks = append(r.Checks, *c)
		}
	}
	return nil
}

// judgeScores returns nil where there are no rules, and while all leads are being scored.
func (j Job) judgeScores(ctx context.Context, org uuid.UUID) (c *Comparison, err error) {
	err = pgx.BeginTxFunc(ctx, j.Postgres, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		row, err := projections.CurrentScoreRules(ctx, tx, org)
		if err != nil || row == nil || row.CompletedAt == nil {
			return err
		}
		rules, err := row.Parsed()
		if err != nil {
			return err
		}
		c = &Comparison{Name: "scores by the rules", Store: inPostgres, Log: map[string]int64{}, Shown: map[string]int64{}, Agrees: true}
		for after := int64(0); ; {
			page, err := judgePage(ctx, tx, org, row, rules, after)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, l := range page {
				c.Shown[l.Qualification]++
				if !l.right {
					c.Agrees, c.Detail = false, "leads whose scores aren't what the rules make of them: "+strconv.FormatInt(c.Log["wrong"]+1, 10)
					c.Log["wrong"]++
				} else {
					c.Log[l.Qualification]++
				}
			}
			after = page[len(page)-1].Oseq
		}
	})
	return c, err
}

type judged struct {
	*projections.Lead
	right bool
}

// judgePage judges leads as of the times at which their score can have been decided: when it was, when they were changed last, when all were scored.
func judgePage(ctx context.Context, tx pgx.Tx, org uuid.UUID, row *projections.ScoreRules, rules score.Rules, after int64) (out []judged, err error) {
	for _, at := range []func(*projections.Lead) time.Time{
		func(l *projections.Lead) time.Time {
			if l.ScoredAt != nil {
				return *l.ScoredAt
			}
			return l.CreatedAt
		},
		func(l *projections.Lead) time.Time { return l.UpdatedAt },
		func(*projections.Lead) time.Time { return row.StartedAt },
	} {
		page, err := projections.ReadScoreInputs(ctx, tx, org, projections.ScorePick{After: after, Limit: scorePage, At: row.StartedAt, KnownAt: at, Facts: rules.UsesFacts()})
		if err != nil {
			return nil, err
		}
		for i, in := range page {
			in.At = at(in.Lead)
			is := rules.Judge(&in.Input)
			if i == len(out) {
				out = append(out, judged{Lead: in.Lead})
			}
			out[i].right = out[i].right || in.ScoreVersion == row.Version && in.LeadScore == is.Lead && in.IntentScore == is.Intent && in.Qualification == is.Qualification
		}
	}
	return out, nil
}
