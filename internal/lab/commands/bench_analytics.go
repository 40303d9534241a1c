package commands

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/lab/bench"
	"outrider/projections/analytics"
)

type benchAnalyticsCmd struct {
	Rows       int           `default:"1000000" help:"Rows of engagement of the organisation that asks."`
	Others     int           `default:"0" help:"Rows of another organisation, loaded first."`
	Campaigns  int           `default:"4" help:"Campaigns that the rows are of; 8000 must be divisible by it."`
	Queries    int           `default:"200" help:"How often each page is asked for."`
	Each       time.Duration `default:"20s" help:"How long one page is asked for at most; five times it is in any case."`
	ClickHouse string        `name:"clickhouse" help:"A server with an empty database to use, instead of the embedded engine." placeholder:"URL"`
	JSON       bool          `help:"Print one line of JSON."`
}

// figuresPage is how long one page takes.
type figuresPage struct {
	P50      float64 `json:"p50_ms"`
	P95      float64 `json:"p95_ms"`
	CPU      float64 `json:"engine_cpu_ms"` // of the engine, for each
	ReadRows float64 `json:"read_rows"`     // by the engine, for each
	ReadKB   float64 `json:"read_kb"`
	Queries  int     `json:"queries"`
	Rows     int     `json:"rows"` // that it shows
}

type analyticsFigures struct {
	Rows        int                    `json:"rows"`
	Others      int                    `json:"other_rows"`
	Queries     int                    `json:"queries"`
	LoadSeconds float64                `json:"load_seconds"`
	LeastP50    float64                `json:"least_statement_p50_ms"` // what SELECT 1 takes the same way
	Pages       map[string]figuresPage `json:"pages"`
	BoundBy     string                 `json:"bound_by"`
	benchConditions
}

// Run loads engagement and asks for pages of figures, and for lists of what they count.
func (c benchAnalyticsCmd) Run(ctx context.Context, log *slog.Logger) error {
	return onBenchColumns(ctx, log, c.ClickHouse, c.JSON, c.measurePages)
}

func (c benchAnalyticsCmd) measurePages(ctx context.Context, conn driver.Conn) (analyticsFigures, error) {
	out := analyticsFigures{Queries: c.Queries, Pages: map[string]figuresPage{}, benchConditions: benchConditions{Bench: "analytics", CPUs: runtime.NumCPU(), Broker: "none"}}
	if err := analytics.Migrate(ctx, conn); err != nil {
		return out, err
	}
	began := time.Now()
	if c.Others > 0 {
		others, err := bench.LoadEngagement(ctx, conn, "other", c.Others, c.Campaigns)
		if err != nil {
			return out, err
		}
		out.Others = others.Rows
	}
	loaded, err := bench.LoadEngagement(ctx, conn, "bench stats", c.Rows, c.Campaigns)
	if err != nil {
		return out, err
	}
	out.Rows, out.LoadSeconds = loaded.Rows, time.Since(began).Seconds()
	least, err := timeEach(ctx, c.Queries, 1, func(ctx context.Context, _ int) error { return conn.Exec(ctx, "SELECT 1") })
	if err != nil {
		return out, err
	}
	out.LeastP50 = bench.Quantile(least, 0.5)
	watch := bench.StartWatch()
	pages := benchPages(conn, loaded)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		if out.Pages[name], err = c.timePage(ctx, conn, pages[name]); err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
	}
	out.Use = watch.End()
	out.BoundBy = "by campaign, step, variant, mailbox, domain, arm and day: merging the sets of the rollups' cells, a few for each day; by what only rows tell: the organisation's rows of the facts asked for; lists: likewise of the sets, and then the rows of a page"
	return out, nil
}

// timePage asks for one page again and again.
func (c benchAnalyticsCmd) timePage(ctx context.Context, conn driver.Conn, ask func(context.Context, int) (int, error)) (out figuresPage, err error) {
	if out.Rows, err = ask(ctx, 0); err != nil { // what is cold is not what is asked
		return out, err
	}
	rows, bytes, err := readSoFar(ctx, conn)
	if err != nil {
		return out, err
	}
	watch, began := bench.StartWatch(), time.Now()
	var took []time.Duration
	for n := 0; n < c.Queries && (n < 5 || time.Since(began) < c.Each); n++ {
		one := time.Now()
		if _, err := ask(ctx, n); err != nil {
			return out, err
		}
		took = append(took, time.Since(one))
	}
	out.Queries, out.P50, out.P95 = len(took), bench.Quantile(took, 0.5), bench.Quantile(took, 0.95)
	n := float64(max(len(took), 1))
	out.CPU = watch.End()["clickhouse"].CPUSeconds * 1000 / n
	rowsAfter, bytesAfter, err := readSoFar(ctx, conn)
	out.ReadRows, out.ReadKB = float64(rowsAfter-rows)/n, float64(bytesAfter-bytes)/1000/n
	return out, err
}

// readSoFar is what queries have read since the engine started, without merges.
func readSoFar(ctx context.Context, conn driver.Conn) (rows, bytes uint64, err error) {
	err = conn.QueryRow(ctx, `SELECT sumIf(value, event = 'SelectedRows'), sumIf(value, event = 'SelectedBytes') FROM system.events`).Scan(&rows, &bytes)
	return rows, bytes, err
}

// benchPages are the pages by name: five metrics with a breakdown, and the first and a later page of what a figure counts.
func benchPages(conn driver.Conn, e bench.Engagement) map[string]func(context.Context, int) (int, error) {
	query := func(person bool, by ...string) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) {
			q := analytics.Query{Metrics: []string{"sent", "replied", "opened", "clicked", "bounced"}, By: by, From: "2026-03-01", To: "2026-04-30", Person: person, Now: time.Now()}
			a, err := q.Run(ctx, conn, e.Org)
			if sent := uint64(e.Messages * len(e.Campaigns)); err == nil && !person && a.Total.Rates[0].Count != sent {
				err = fmt.Errorf("%d are counted of %d", a.Total.Rates[0].Count, sent)
			}
			return len(a.Rows), err
		}
	}
	list := func(metric string, person bool, where map[string][]string) func(context.Context, int) (int, error) {
		return func(ctx context.Context, n int) (int, error) {
			q := analytics.Query{Metrics: []string{metric}, From: "2026-03-01", To: "2026-04-30", Person: person, Where: where, Now: time.Now()}
			after := int64(0)
			if n > 0 {
				after = int64(e.Messages*len(e.Campaigns)) / int64(n%7+1)
			}
			found, err := q.Drill(ctx, conn, e.Org, after, 51)
			return len(found), err
		}
	}
	of := map[string][]string{"campaign": {e.Campaigns[0].String()}}
	return map[string]func(context.Context, int) (int, error){
		"messages by campaign": query(false, "campaign"), "messages by day": query(false, "day"), "messages by mailbox": query(false, "mailbox"), "messages by step and variant": query(false, "step", "variant"),
		"people by campaign": query(true, "campaign"), "people by day": query(true, "day"),
		"list of sent": list("sent", false, nil), "list of opened": list("opened", false, nil), "list of replied, people": list("replied", true, nil), "list of sent, a campaign": list("sent", false, of),
	}
}
