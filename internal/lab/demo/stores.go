package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"outrider/internal/clickhouse"
	"outrider/internal/es/verify"
	"outrider/internal/kafka"
	"outrider/projections"
	"outrider/projections/analytics"
)

// storeFigures is what the product says, from both stores.
type storeFigures struct {
	postgres   Figures
	deferred   int
	people     map[string]PersonMessages
	unwritten  map[string]int
	meanings   map[string]int // of answers
	clickhouse Figures
	log        verify.Summary
}

func (d *demonstration) readStores(ctx context.Context) (out storeFigures, err error) {
	at := d.server.runningNow()
	out.people = map[string]PersonMessages{}
	if err := d.queryAsAPI(ctx, at, func(tx pgx.Tx) error {
		all, err := projections.CountMessages(ctx, tx, d.shown.ID, d.shown.Campaign)
		if err != nil {
			return err
		}
		out.postgres, out.deferred = figuresOf(*all), all.Deferred
		leads, err := projections.CountMessagesByLead(ctx, tx, d.shown.ID, d.shown.Campaign)
		if err != nil {
			return err
		}
		for _, l := range leads {
			if l.Email != nil {
				out.people[*l.Email] = PersonMessages{Figures: figuresOf(l.MessageTotals), InDoubt: l.InDoubt}
			}
		}
		if out.meanings, err = projections.CountMeanings(ctx, tx, d.shown.ID); err != nil {
			return err
		}
		out.unwritten, err = projections.CountUnwritten(ctx, tx, d.shown.ID, d.shown.Campaign)
		return err
	}); err != nil {
		return out, err
	}
	conn, err := clickhouse.Open(at.ClickHouse)
	if err != nil {
		return out, fmt.Errorf("open clickhouse: %w", err)
	}
	defer conn.Close()
	report, err := analytics.Campaign(ctx, conn, d.shown.ID, d.shown.Campaign, analytics.Filter{})
	if err != nil {
		return out, err
	}
	out.clickhouse = figuresIn(report.Figures)
	log, err := kafka.Log{Seeds: strings.Split(at.Kafka, ","), Generation: 1}.Measure(ctx)
	if err != nil {
		return out, err
	}
	if out.log, err = verify.Log(ctx, log); err != nil {
		if ctx.Err() != nil {
			return out, err
		}
		out.log.Bad = err.Error()
	}
	return out, nil
}

func figuresOf(t projections.MessageTotals) Figures {
	return Figures{Sent: t.Sent, Failed: t.Failed, Opened: t.Opened, MachineOpened: t.MachineOpened, Clicked: t.Clicked, Replied: t.Replied,
		AutoReplied: t.AutoReplied, Bounced: t.Bounced, Unsubscribed: t.Unsubscribed, Meetings: t.Meetings,
		Complaints: t.Complained, ScannerClicks: t.ScannerClicked}
}

func figuresIn(f analytics.Figures) Figures {
	n := func(r analytics.Rate) int { return int(r.Count) }
	return Figures{Sent: int(f.EmailsSent), Failed: int(f.Failed), Opened: n(f.Opens), MachineOpened: n(f.MachineOpens), Clicked: n(f.Clicks), Replied: n(f.Replies),
		AutoReplied: n(f.AutoReplies), Bounced: n(f.Bounces), Unsubscribed: n(f.Unsubscribes), Meetings: n(f.Meetings),
		Complaints: n(f.Complaints), ScannerClicks: n(f.ScannerClicks)}
}
