package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Filter limits a report to cohorts of sent messages; zero values don't.
type Filter struct {
	From, To  string // days of sending in the campaign's zone, "2006-01-02", both included
	Version   int    // of the steps
	StepID    uuid.UUID
	VariantID uuid.UUID
	MailboxID uuid.UUID
	Mailboxes bool      // report each mailbox, which reads more when there are many
	Now       time.Time // for NotYetFinal; zero = all is final
}

// DayFigures are the figures of a day of sending.
type DayFigures struct {
	Day string
	Figures
}

// StepFigures are the figures of a step; a step that was moved has one for each place.
type StepFigures struct {
	StepID uuid.UUID
	Step   int
	Figures
}

// VariantFigures are the figures of a step's variant.
type VariantFigures struct {
	StepID    uuid.UUID
	Step      int
	VariantID uuid.UUID
	Figures
}

// MailboxFigures are the figures of a mailbox.
type MailboxFigures struct {
	MailboxID uuid.UUID
	Figures
}

// Report is what became of a campaign's messages.
type Report struct {
	CampaignID uuid.UUID
	Figures
	TimelineData []DayFigures
	Steps        []StepFigures
	Variants     []VariantFigures
	Mailboxes    []MailboxFigures // when asked for
}

// Campaign reports on a campaign from the rollups. A campaign that sent nothing has zeros.
func Campaign(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, f Filter) (Report, error) {
	ctx = columns.ForOrganisation(ctx, org)
	cells, err := readCells(ctx, conn, org, campaign, f)
	if err != nil {
		return Report{}, fmt.Errorf("report on campaign %s: %w", campaign, err)
	}
	t := tallyCells(cells, f)
	switch {
	case f.MailboxID != uuid.Nil && len(cells) > 0:
		t.mailboxes[f.MailboxID] = &t.total
	case f.MailboxID == uuid.Nil && f.Mailboxes:
		if err := readMailboxes(ctx, conn, org, campaign, f, t.mailboxes); err != nil {
			return Report{}, fmt.Errorf("report on mailboxes of campaign %s: %w", campaign, err)
		}
	}
	return t.toReport(campaign), nil
}

// tallies are the counts of a campaign, as a whole and by day, step and variant.
type tallies struct {
	total     cohortCounts
	days      map[time.Time]*cohortCounts
	steps     map[sequenceStep]*cohortCounts
	variants  map[sequenceStep]*cohortCounts
	mailboxes map[uuid.UUID]*cohortCounts
}

// tallyCells adds up the cells in each of these ways, except by mailbox, which cells don't have.
func tallyCells(cells []cell, f Filter) *tallies {
	out := &tallies{days: map[time.Time]*cohortCounts{}, steps: map[sequenceStep]*cohortCounts{}, variants: map[sequenceStep]*cohortCounts{}, mailboxes: map[uuid.UUID]*cohortCounts{}}
	for _, c := range cells {
		notYetFinal := f.notYetFinal(c.day)
		step := sequenceStep{step: c.step, number: c.number}
		for _, t := range []*cohortCounts{&out.total, tallyOf(out.days, c.day), tallyOf(out.steps, step), tallyOf(out.variants, c.sequenceStep)} {
			t.addCount(c.measure, c.n, notYetFinal)
		}
	}
	return out
}

func (all *tallies) toReport(campaign uuid.UUID) Report {
	r := Report{CampaignID: campaign, Figures: all.total.toFigures()}
	for k, t := range all.days {
		r.TimelineData = append(r.TimelineData, DayFigures{k.Format(time.DateOnly), t.toFigures()})
	}
	for k, t := range all.steps {
		r.Steps = append(r.Steps, StepFigures{k.step, k.number, t.toFigures()})
	}
	for k, t := range all.variants {
		r.Variants = append(r.Variants, VariantFigures{k.step, k.number, k.variant, t.toFigures()})
	}
	for k, t := range all.mailboxes {
		r.Mailboxes = append(r.Mailboxes, MailboxFigures{k, t.toFigures()})
	}
	slices.SortFunc(r.TimelineData, func(a, b DayFigures) int { return cmp.Compare(a.Day, b.Day) })
	slices.SortFunc(r.Steps, func(a, b StepFigures) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.StepID.String(), b.StepID.String()))
	})
	slices.SortFunc(r.Variants, func(a, b VariantFigures) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.StepID.String(), b.StepID.String()), cmp.Compare(a.VariantID.String(), b.VariantID.String()))
	})
	slices.SortFunc(r.Mailboxes, func(a, b MailboxFigures) int { return cmp.Compare(a.MailboxID.String(), b.MailboxID.String()) })
	return r
}
