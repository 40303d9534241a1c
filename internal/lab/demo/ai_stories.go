package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/projections"
)

// addVerdicts adds up what was said of the sentences of messages that a model wrote and that were sent.
func (d *demonstration) addVerdicts(ctx context.Context, tx pgx.Tx, f *AIFigures, sent []sentText) error {
	for _, m := range sent {
		if m.Writer != events.WriterLLM {
			continue
		}
		f.ByModel++
		row, err := projections.GetMessageEvidence(ctx, tx, d.shown.ID, m.Message)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Report == nil {
			continue
		}
		if err != nil {
			return err
		}
		var r facts.Report
		if err := json.Unmarshal([]byte(*row.Report), &r); err != nil {
			return fmt.Errorf("read evidence: %w", err)
		}
		f.Judged, f.Dropped, f.Replaced = f.Judged+len(r.Verdicts)+len(r.Dropped), f.Dropped+len(r.Dropped), f.Replaced+len(r.Replaced)
		for _, v := range r.Verdicts {
			if v.Passed && v.Fact != "" {
				f.Facts++
			}
		}
	}
	return nil
}

// mostTold bounds a timeline that is looked at.
const mostTold = 5000

// addStories counts the people on whose timeline each step stands.
func (d *demonstration) addStories(ctx context.Context, tx pgx.Tx, f *AIFigures, sent []sentText) error {
	seen := map[uuid.UUID]bool{}
	for _, m := range sent {
		if m.Writer != events.WriterLLM || seen[m.Lead] {
			continue
		}
		seen[m.Lead] = true
		var domain string
		if err := tx.QueryRow(ctx, `select domain_hash from read.leads where org_id = $1 and lead_id = $2`, d.shown.ID, m.Lead).Scan(&domain); err != nil {
			return fmt.Errorf("read a lead: %w", err)
		}
		told, err := projections.TimelineOf(ctx, tx, d.shown.ID, []uuid.UUID{m.Lead, events.CompanyID(d.shown.ID, domain)}, nil, 0, mostTold)
		if err != nil {
			return err
		}
		happened := map[string]bool{}
		for _, e := range told {
			if at := strings.LastIndex(e.Type, ".v"); at > 0 {
				happened[e.Type[:at]] = true
			}
		}
		if !slices.ContainsFunc(storySteps(), func(step string) bool { return !happened[step] }) {
			f.WholeStories++
			if f.Story == "" {
				f.Story = "/leads/" + m.Lead.String()
			}
		}
	}
	return nil
}

// faults says what a demonstration with a model must not end with.
func (f *AIFigures) faults() (out []string) {
	if f == nil {
		return nil
	}
	if f.LiesSent > 0 {
		out = append(out, fmt.Sprintf("%d sentences that were made up were sent", f.LiesSent))
	}
	if f.ByModel == 0 || f.WholeStories == 0 {
		out = append(out, fmt.Sprintf("%d messages of a model were sent, and %d people have a whole story", f.ByModel, f.WholeStories))
	}
	if f.standIn && (!f.killed && f.CostMicros != f.BillMicros || f.CostMicros < f.BillMicros) {
		out = append(out, fmt.Sprintf("the ledger says %d micro-dollars, the model's bill %d", f.CostMicros, f.BillMicros))
	}
	return out
}
