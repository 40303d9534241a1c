package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Organization reports on all campaigns of an organisation together, by day of sending.
func Organization(ctx context.Context, conn driver.Conn, org uuid.UUID, f Filter) (total Figures, days []DayFigures, err error) {
	sql := `SELECT sent_day, toUInt8(measure), groupBitmapMerge(messages) FROM engagement_days WHERE org = @org AND sent_day >= toDate(@first) AND sent_day <= toDate(@last)
		GROUP BY sent_day, measure SETTINGS max_threads = 1`
	all, byDay := &cohortCounts{}, map[time.Time]*cohortCounts{}
	err = queryRows(columns.ForOrganisation(ctx, org), conn, sql, func(rows driver.Rows) error {
		var day time.Time
		var stored uint8
		var n uint64
		if err := rows.Scan(&day, &stored, &n); err != nil {
			return err
		}
		for _, t := range []*cohortCounts{all, tallyOf(byDay, day)} {
			t.addCount(measureOfEnum(stored), n, f.notYetFinal(day))
		}
		return nil
	}, clickhouse.Named("org", org), clickhouse.Named("first", f.From), clickhouse.Named("last", f.To))
	if err != nil {
		return Figures{}, nil, fmt.Errorf("report on organisation %s: %w", org, err)
	}
	for day, t := range byDay {
		days = append(days, DayFigures{day.Format(time.DateOnly), t.toFigures()})
	}
	slices.SortFunc(days, func(a, b DayFigures) int { return cmp.Compare(a.Day, b.Day) })
	return all.toFigures(), days, nil
}
