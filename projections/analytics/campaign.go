package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// Filter narrows a report to cohorts of sent messages; zero values don't.
type Filter struct {
	From, To  string // days of sending in the campaign's zone, "2006-01-02", both included
	Version   int    // of the steps
	StepID    uuid.UUID
	VariantID uuid.UUID
	MailboxID uuid.UUID
	Mailboxes bool      // tell the mailboxes apart: reads more where there are many
	Now       time.Time // for NotYetFinal; zero = all is final
}

// DayFigures are of a day of sending.
type DayFigures struct {
	Day string
	Figures
}

// StepFigures are of a step; a step that has moved has a row for each place.
type StepFigures struct {
	StepID uuid.UUID
	Step   int
	Figures
}

// VariantFigures are of a step's variant.
type VariantFigures struct {
	StepID    uuid.UUID
	Step      int
	VariantID uuid.UUID
	Figures
}

// MailboxFigures are of a mailbox.
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

// tallies are those of a campaign, as a whole and by what they are told apart by.
type tallies struct {
	total     tally
	days      map[time.Time]*tally
	steps     map[place]*tally
	variants  map[place]*tally
	mailboxes map[uuid.UUID]*tally
}

// tallyCells adds the cells up in each of these ways but by mailbox, of which they know nothing.
func tallyCells(cells []cell, f Filter) *tallies {
	out := &tallies{days: map[time.Time]*tally{}, steps: map[place]*tally{}, variants: map[place]*tally{}, mailboxes: map[uuid.UUID]*tally{}}
	for _, c := range cells {
		notYetFinal := f.notYetFinal(c.day)
		step := place{step: c.step, number: c.number}
		for _, t := range []*tally{&out.total, tallyOf(out.days, c.day), tallyOf(out.steps, step), tallyOf(out.variants, c.place)} {
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
