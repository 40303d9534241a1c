package analytics_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/es/project/chtest"
	"outrider/internal/lab/bench"
	"outrider/projections/analytics"
)

type spy struct {
	driver.Conn
	t   testing.TB
	log bool
}

func (s *spy) Query(ctx context.Context, q string, args ...any) (driver.Rows, error) {
	began := time.Now()
	r, err := s.Conn.Query(ctx, q, args...)
	if s.log {
		fmt.Printf("   %6.1f ms  %.150s\n", float64(time.Since(began).Microseconds())/1000, q)
	}
	return r, err
}

func TestZZProfile(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	e := chtest.Share(t)
	ctx := t.Context()
	if err := analytics.Migrate(ctx, e.Conn); err != nil {
		t.Fatal(err)
	}
	l, err := bench.LoadEngagement(ctx, e.Conn, "x", 1_000_000, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, tb := range []string{"engagement_days", "engagement_mailboxes", "engagement_campaigns", "engagement_messages", "engagement"} {
		var parts, rows, bytes uint64
		_ = e.Conn.QueryRow(ctx, `SELECT count(), sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table = ?`, tb).Scan(&parts, &rows, &bytes)
		fmt.Println(tb, parts, rows, bytes)
	}
	timed := func(name string, f func() error) {
		var best, sum time.Duration
		for i := range 8 {
			w := bench.StartWatch()
			began := time.Now()
			if err := f(); err != nil {
				t.Fatal(name, err)
			}
			d := time.Since(began)
			if i == 0 || d < best {
				best = d
			}
			sum += d
			_ = w
		}
		fmt.Printf("%-34s best %6.1f mean %6.1f ms\n", name, float64(best.Microseconds())/1000, float64(sum.Microseconds())/8000)
	}
	run := func(sql string) func() error {
		return func() error {
			rows, err := e.Conn.Query(ctx, sql, clickhouse.Named("org", l.Org))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		}
	}
	timed("select 1", run(`SELECT 1`))
	timed("count cells", run(`SELECT count() FROM engagement_campaigns WHERE org = @org SETTINGS max_threads = 1`))
	timed("one merge, sent", run(`SELECT campaign, groupBitmapMerge(messages) FROM engagement_campaigns WHERE org = @org AND measure = 'sent' GROUP BY campaign SETTINGS max_threads = 1`))
	timed("one merge by measure", run(`SELECT campaign, measure, groupBitmapMerge(messages) FROM engagement_campaigns WHERE org = @org AND measure IN ('sent','replied','opened','clicked','bounced','failed','came_back') GROUP BY campaign, measure SETTINGS max_threads = 1`))
	timed("finalize, no merge", run(`SELECT campaign, measure, sum(finalizeAggregation(messages)) FROM engagement_campaigns WHERE org = @org AND measure IN ('sent','replied','opened','clicked','bounced','failed','came_back') GROUP BY campaign, measure SETTINGS max_threads = 1`))
	timed("finalize FINAL", run(`SELECT campaign, measure, sum(finalizeAggregation(messages)) FROM engagement_campaigns FINAL WHERE org = @org AND measure IN ('sent','replied','opened','clicked','bounced','failed','came_back') GROUP BY campaign, measure SETTINGS max_threads = 1`))
	timed("by mailbox measure", run(`SELECT mailbox, measure, groupBitmapMerge(messages) FROM engagement_mailboxes WHERE org = @org AND measure IN ('sent','replied','opened','clicked','bounced','failed','came_back') GROUP BY mailbox, measure SETTINGS max_threads = 1`))
	timed("by mailbox finalize", run(`SELECT mailbox, measure, sum(finalizeAggregation(messages)) FROM engagement_mailboxes WHERE org = @org AND measure IN ('sent','replied','opened','clicked','bounced','failed','came_back') GROUP BY mailbox, measure SETTINGS max_threads = 1`))
	c := &spy{e.Conn, t, false}
	for _, person := range []bool{false, true} {
		for _, by := range [][]string{{"campaign"}, {"day"}, {"mailbox"}, {"step", "variant"}} {
			q := analytics.Query{Metrics: []string{"sent", "replied", "opened", "clicked", "bounced"}, By: by, From: "2026-03-01", To: "2026-04-30", Person: person, Now: time.Now()}
			timed(fmt.Sprint("query ", by, person), func() error { _, err := q.Run(ctx, c, l.Org); return err })
		}
	}
	of := map[string][]string{"campaign": {l.Campaigns[0].String()}}
	for _, x := range []struct {
		metric string
		person bool
		where  map[string][]string
	}{{"sent", false, nil}, {"opened", false, nil}, {"replied", true, nil}, {"sent", false, of}} {
		q := analytics.Query{Metrics: []string{x.metric}, From: "2026-03-01", To: "2026-04-30", Person: x.person, Where: x.where, Now: time.Now()}
		c.log = true
		_, _ = q.Drill(ctx, c, l.Org, 0, 51)
		c.log = false
		timed(fmt.Sprint("list ", x.metric, x.person, len(x.where)), func() error { _, err := q.Drill(ctx, c, l.Org, 200000, 51); return err })
	}
	_ = uuid.Nil
}
