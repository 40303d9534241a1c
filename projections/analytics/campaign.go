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
	Now       time.Time // for Settling; zero = nothing is settling
}

// Rate is a share of distinct messages, both of one cohort: those sent, not those in which something happened.
type Rate struct {
	Count       uint64  `json:"count"`
	Of          uint64  `json:"of"`
	Denominator string  `json:"denominator"` // sent | delivered | attempted = sent + failed
	Rate        float64 `json:"rate"`        // 0 when nothing was sent
}

// Figures are of a campaign, a day, a step, ... Counts are distinct messages. Opened and machine-opened don't exclude
// each other. Delivered is inferred: accepted, and not known to have come back within 72 h.
type Figures struct {
	EmailsSent        uint64 `json:"emails_sent"` // accepted after DATA
	Failed            uint64 `json:"failed"`
	InDoubt           uint64 `json:"in_doubt"` // that ever were
	Delivered         Rate   `json:"delivered"`
	DeliveredInferred bool   `json:"delivered_inferred"`
	Settling          uint64 `json:"settling"` // of those sent, on days of which the 72 h may not be over
	Opens             Rate   `json:"open_rate"`
	MachineOpens      Rate   `json:"machine_opens"`
	Clicks            Rate   `json:"click_rate"`
	ScannerClicks     Rate   `json:"scanner_clicks"`
	Replies           Rate   `json:"reply_rate"`
	AutoReplies       Rate   `json:"auto_reply_rate"`
	Meetings          Rate   `json:"meeting_rate"`
	Bounces           Rate   `json:"bounce_rate"` // also at RCPT, so of those attempted
	Complaints        Rate   `json:"complaint_rate"`
	Unsubscribes      Rate   `json:"unsubscribe_rate"`
}

// DayFigures are of a day of sending.
type DayFigures struct {
	Day string `json:"day"`
	Figures
}

// StepFigures are of a step; a step that has moved has a row for each place.
type StepFigures struct {
	StepID uuid.UUID `json:"step_id"`
	Step   int       `json:"step"`
	Figures
}

// VariantFigures are of a step's variant.
type VariantFigures struct {
	StepID    uuid.UUID `json:"step_id"`
	Step      int       `json:"step"`
	VariantID uuid.UUID `json:"variant_id"`
	Figures
}

// MailboxFigures are of a mailbox.
type MailboxFigures struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
	Figures
}

// Report is what became of a campaign's messages.
type Report struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Figures
	TimelineData []DayFigures     `json:"timeline_data"`
	Steps        []StepFigures    `json:"steps"`
	Variants     []VariantFigures `json:"variants"`
	Mailboxes    []MailboxFigures `json:"mailboxes,omitzero"` // when asked for
}

// tally is the counts of a cohort in the order of measures, and what is settling. A message is in one cohort only, so that
// tallies add up.
type tally struct {
	n        [14]uint64
	settling uint64
}

func (t *tally) count(measure int, n uint64, settling bool) {
	t.n[measure] += n
	if settling && measure == measureSent {
		t.settling += n
	}
}

func (t *tally) figures() Figures {
	n, arrived := t.n, t.n[measureSent]-min(t.n[measureSent], t.n[measureCameBack])
	of := func(count, of uint64, name string) Rate {
		r := Rate{Count: count, Of: of, Denominator: name}
		if of > 0 {
			r.Rate = float64(count) / float64(of)
		}
		return r
	}
	delivered := func(i int) Rate { return of(n[i], arrived, "delivered") }
	return Figures{EmailsSent: n[0], Failed: n[1], InDoubt: n[2], Delivered: of(arrived, n[0], "sent"), DeliveredInferred: true, Settling: t.settling,
		Opens: delivered(3), MachineOpens: delivered(4), Clicks: delivered(5), ScannerClicks: delivered(6), Replies: delivered(7), AutoReplies: delivered(8),
		Bounces: of(n[9], n[0]+n[1], "attempted"), Complaints: delivered(11), Unsubscribes: delivered(12), Meetings: delivered(13)}
}

// Campaign reports on a campaign from the rollups. A campaign that sent nothing gives zeros.
func Campaign(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, f Filter) (Report, error) {
	cells, err := readCells(ctx, conn, org, campaign, f)
	if err != nil {
		return Report{}, fmt.Errorf("report on campaign %s: %w", campaign, err)
	}
	total, days, steps, variants, mailboxes := &tally{}, map[time.Time]*tally{}, map[place]*tally{}, map[place]*tally{}, map[uuid.UUID]*tally{}
	for _, c := range cells {
		settling := f.settling(c.day)
		step := place{step: c.step, number: c.number}
		for _, t := range []*tally{total, to(days, c.day), to(steps, step), to(variants, c.place)} {
			t.count(c.measure, c.n, settling)
		}
	}
	switch {
	case f.MailboxID != uuid.Nil && len(cells) > 0:
		mailboxes[f.MailboxID] = total
	case f.MailboxID == uuid.Nil && f.Mailboxes:
		if err := readMailboxes(ctx, conn, org, campaign, f, mailboxes); err != nil {
			return Report{}, fmt.Errorf("report on mailboxes of campaign %s: %w", campaign, err)
		}
	}
	r := Report{CampaignID: campaign, Figures: total.figures(), TimelineData: []DayFigures{}, Steps: []StepFigures{}, Variants: []VariantFigures{}}
	for k, t := range days {
		r.TimelineData = append(r.TimelineData, DayFigures{k.Format(time.DateOnly), t.figures()})
	}
	for k, t := range steps {
		r.Steps = append(r.Steps, StepFigures{k.step, k.number, t.figures()})
	}
	for k, t := range variants {
		r.Variants = append(r.Variants, VariantFigures{k.step, k.number, k.variant, t.figures()})
	}
	for k, t := range mailboxes {
		r.Mailboxes = append(r.Mailboxes, MailboxFigures{k, t.figures()})
	}
	slices.SortFunc(r.TimelineData, func(a, b DayFigures) int { return cmp.Compare(a.Day, b.Day) })
	slices.SortFunc(r.Steps, func(a, b StepFigures) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.StepID.String(), b.StepID.String()))
	})
	slices.SortFunc(r.Variants, func(a, b VariantFigures) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.StepID.String(), b.StepID.String()), cmp.Compare(a.VariantID.String(), b.VariantID.String()))
	})
	slices.SortFunc(r.Mailboxes, func(a, b MailboxFigures) int { return cmp.Compare(a.MailboxID.String(), b.MailboxID.String()) })
	return r, nil
}

func to[K comparable](m map[K]*tally, k K) *tally {
	if m[k] == nil {
		m[k] = &tally{}
	}
	return m[k]
}
