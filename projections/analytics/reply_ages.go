package analytics

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// ReplyAges are messages by how many days ago they were sent, and those that were answered by a person, by how many days that took; days are calendar days of one zone.
type ReplyAges struct {
	Sent    []int   // by days ago; 0 = today
	Replied [][]int // likewise, and by days until the first answer
}

// ReplyAgesOf counts what an organisation, or a campaign of it, has sent on the days up to today.
func ReplyAgesOf(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, zone string, today time.Time, days int) (ReplyAges, error) {
	out := ReplyAges{Sent: make([]int, days), Replied: make([][]int, days)}
	for i := range out.Replied {
		out.Replied[i] = make([]int, days)
	}
	day := today.Format(time.DateOnly)
	first := today.AddDate(0, 0, 1-days).Format(time.DateOnly)
	narrow := ` AND toDate(sent_at, @zone) BETWEEN toDate(@first) AND toDate(@today)`
	if campaign != uuid.Nil {
		narrow += ` AND campaign = @campaign`
	}
	args := []any{clickhouse.Named("org", org), clickhouse.Named("campaign", campaign), clickhouse.Named("zone", zone), clickhouse.Named("today", day), clickhouse.Named("first", first)}
	sql := `SELECT toInt32(toDate(@today) - toDate(sent_at, @zone)) AS ago, toInt32(-1) AS took, uniqExact(about) FROM engagement WHERE org = @org AND fact = 'sent'` + narrow + ` GROUP BY ago
		UNION ALL SELECT ago, greatest(took, 0), count() FROM (
			SELECT about, toInt32(toDate(@today) - toDate(any(sent_at), @zone)) AS ago, toInt32(toDate(min(at), @zone) - toDate(any(sent_at), @zone)) AS took FROM ` + answersByPeople + ` WHERE 1` + narrow + ` GROUP BY about) GROUP BY ago, took`
	err := queryRows(columns.ForOrganisation(ctx, org), conn, sql, func(rows driver.Rows) error {
		var ago, took int32
		var n uint64
		if err := rows.Scan(&ago, &took, &n); err != nil {
			return err
		}
		switch {
		case ago < 0 || int(ago) >= days:
		case took < 0:
			out.Sent[ago] += int(n)
		case int(took) < days:
			out.Replied[ago][took] += int(n)
		}
		return nil
	}, args...)
	if err != nil {
		return out, fmt.Errorf("count how long answers take in %s: %w", org, err)
	}
	return out, nil
}
