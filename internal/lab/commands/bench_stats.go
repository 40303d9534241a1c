package commands

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"outrider/internal/app/node"
	"outrider/internal/lab/bench"
	"outrider/projections/analytics"
)

type benchStatsCmd struct {
	Rows        int    `default:"1000000" help:"Rows of engagement to load first."`
	Campaigns   int    `default:"4" help:"Campaigns that they are of; 8000 must be divisible by it."`
	Queries     int    `default:"1000" help:"Reports to ask for, of one campaign after another."`
	Concurrency int    `default:"1" help:"Reports at once."`
	Mailboxes   bool   `help:"Tell mailboxes apart in the reports; reads the larger rollup."`
	ClickHouse  string `name:"clickhouse" help:"A server with an empty database to use, instead of the embedded engine." placeholder:"URL"`
	JSON        bool   `help:"Print one line of JSON."`
	Pprof       string `hidden:"" help:"Write a CPU profile of this process, while it asks, to this file."`
}

type reportFigures struct {
	Rows        int     `json:"rows"`
	Campaigns   int     `json:"campaigns"`
	Messages    int     `json:"messages_per_campaign"`
	LoadRate    float64 `json:"load_rate"` // rows a second, the rollups' views included
	LoadSeconds float64 `json:"load_seconds"`
	Queries     int     `json:"queries"`
	Concurrency int     `json:"concurrency"`
	Rate        float64 `json:"rate"` // reports a second
	P50         float64 `json:"p50_ms"`
	P95         float64 `json:"p95_ms"`
	P99         float64 `json:"p99_ms"`
	LeastP50    float64 `json:"least_statement_p50_ms"` // what SELECT 1 takes the same way
	EngineCPU   float64 `json:"engine_cpu_ms"`          // a report, merges meanwhile included
	ReadRows    uint64  `json:"read_rows"`              // of the rollup, for one report
	RollupRows  uint64  `json:"rollup_rows"`            // in all
	RollupBytes uint64  `json:"rollup_bytes"`           // on disk
	RawBytes    uint64  `json:"raw_bytes"`              // on disk
	BoundBy     string  `json:"bound_by"`
	benchConditions
}

// Run loads engagement and asks for reports.
func (c benchStatsCmd) Run(ctx context.Context, log *slog.Logger) error {
	return onBenchColumns(ctx, log, c.ClickHouse, c.JSON, c.measureReports)
}

func (c benchStatsCmd) measureReports(ctx context.Context, conn driver.Conn) (reportFigures, error) {
	out := reportFigures{Campaigns: c.Campaigns, Queries: c.Queries, Concurrency: c.Concurrency, benchConditions: benchConditions{Bench: "stats", CPUs: runtime.NumCPU(), Broker: "none"}}
	if err := analytics.Migrate(ctx, conn); err != nil {
		return out, err
	}
	began := time.Now()
	loaded, err := bench.LoadEngagement(ctx, conn, "bench stats", c.Rows, c.Campaigns)
	if err != nil {
		return out, err
	}
	out.Rows, out.Messages, out.LoadSeconds = loaded.Rows, loaded.Messages, time.Since(began).Seconds()
	out.LoadRate = float64(out.Rows) / out.LoadSeconds

	least, err := timeEach(ctx, min(c.Queries, 200), 1, func(ctx context.Context, _ int) error { return conn.Exec(ctx, "SELECT 1") })
	if err != nil {
		return out, err
	}
	out.LeastP50 = bench.Quantile(least, 0.5)

	report := func(ctx context.Context, n int) error {
		campaign := loaded.Campaigns[n%len(loaded.Campaigns)]
		r, err := analytics.Campaign(ctx, conn, loaded.Org, campaign, analytics.Filter{Now: time.Now(), Mailboxes: c.Mailboxes})
		if err == nil && r.EmailsSent != uint64(loaded.Messages) {
			err = fmt.Errorf("the report on campaign %s says %d sent of %d", campaign, r.EmailsSent, loaded.Messages)
		}
		return err
	}
	if _, err := timeEach(ctx, len(loaded.Campaigns), 1, report); err != nil { // once each: what is cold is not what is asked
		return out, err
	}
	stop, err := node.Profile(c.Pprof)
	if err != nil {
		return out, err
	}
	watch := bench.StartWatch()
	began = time.Now()
	took, err := timeEach(ctx, c.Queries, c.Concurrency, report)
	out.Use = watch.End()
	stop()
	if err != nil {
		return out, err
	}
	out.Rate = float64(c.Queries) / time.Since(began).Seconds()
	out.P50, out.P95, out.P99 = bench.Quantile(took, 0.5), bench.Quantile(took, 0.95), bench.Quantile(took, 0.99)
	out.EngineCPU = out.Use["clickhouse"].CPUSeconds * 1000 / float64(c.Queries)
	out.BoundBy = fmt.Sprintf("CPU of the engine (%.1f ms a report): %.1f ms are any statement's, the rest is planning and reading parts of the rollup", out.EngineCPU, out.LeastP50)
	return out, c.measureSizes(ctx, conn, loaded, &out)
}

func (c benchStatsCmd) measureSizes(ctx context.Context, conn driver.Conn, loaded bench.Engagement, out *reportFigures) error {
	rollup := "engagement_days"
	if c.Mailboxes {
		rollup = "engagement_mailboxes"
	}
	err := conn.QueryRow(ctx, `SELECT sumIf(rows, table = ?), sumIf(bytes_on_disk, table = ?), sumIf(bytes_on_disk, table = 'engagement') FROM system.parts WHERE active AND database = currentDatabase()`, rollup, rollup).
		Scan(&out.RollupRows, &out.RollupBytes, &out.RawBytes)
	if err != nil {
		return fmt.Errorf("measure tables: %w", err)
	}
	err = conn.QueryRow(ctx, `SELECT sum(rows) FROM (EXPLAIN ESTIMATE SELECT * FROM `+rollup+` WHERE org = ? AND campaign = ?)`, loaded.Org, loaded.Campaigns[0]).Scan(&out.ReadRows)
	if err != nil {
		return fmt.Errorf("estimate a report: %w", err)
	}
	return nil
}

// timeEach does something n times, some at once, and gives how long each took.
func timeEach(ctx context.Context, n, atOnce int, do func(context.Context, int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range max(atOnce, 1) {
		g.Go(func() error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := do(ctx, i); err != nil {
					return err
				}
				took[i] = time.Since(began)
			}
			return nil
		})
	}
	err := g.Wait()
	return took, err
}
