package analytics_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

// BenchmarkCampaign asks for the report of one of four campaigns with a million rows together: 100,000 messages each over
// 15 days, 3 steps, 2 variants and 50 mailboxes, in blocks as the projection sends them.
func BenchmarkCampaign(b *testing.B) {
	engine := chtest.Start(b)
	if err := analytics.Migrate(b.Context(), engine.Conn); err != nil {
		b.Fatal(err)
	}
	engine.Exec(`CREATE FUNCTION id AS n -> toUUID(concat('00000000-0000-8000-8000-', leftPad(hex(toUInt32(n)), 12, '0')))`)
	org := uuid.New()
	began := time.Now()
	for block := range 50 { // 20,000 rows each: 8,000 sent, 12,000 facts about them
		err := engine.Conn.Exec(context.Background(), `INSERT INTO engagement (org, fact, about, oseq, hit, class, at, returned, campaign, version, step_id, step, variant, mailbox, sent_at, sent_day, ordinal, pseq)
			SELECT toUUID(@org), f.1, id(m), toInt64(n), f.2 = '' ? toUUID('00000000-0000-0000-0000-000000000000') : id(n), f.2, at, f.1 = 'bounce', id(m % 4), 1, id(m % 3), m % 3 + 1, id(m % 6), id(m % 50), at, toDate(at), m, n
			FROM (SELECT number + @block * 20000 AS n, number % 8000 + @block * 20000 AS m, toDateTime64('2026-03-02 09:00:00', 6, 'UTC') + INTERVAL intDiv(@block * 15, 50) DAY AS at,
				number < 8000 ? ('sent', '') : [('open', 'human'), ('open', 'proxy'), ('click', 'human'), ('reply', ''), ('bounce', ''), ('open', 'human')][cityHash64(number) % 6 + 1] AS f FROM numbers(20000))`,
			clickhouse.Named("org", org), clickhouse.Named("block", block))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("loaded in %v", time.Since(began).Round(time.Millisecond))
	var campaigns []uuid.UUID
	for n := range 4 {
		var id uuid.UUID
		if err := engine.Conn.QueryRow(context.Background(), `SELECT id(?)`, n).Scan(&id); err != nil {
			b.Fatal(err)
		}
		campaigns = append(campaigns, id)
	}
	for name, f := range map[string]analytics.Filter{"page": {Now: time.Now()}, "mailboxes": {Mailboxes: true}} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for i := range b.N {
				at := time.Now()
				r, err := analytics.Campaign(b.Context(), engine.Conn, org, campaigns[i%4], f)
				if err != nil || r.EmailsSent != 100_000 || len(r.TimelineData) != 15 {
					b.Fatalf("%s %v", short(r.Figures), err)
				}
				took = append(took, time.Since(at))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
