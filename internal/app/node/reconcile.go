package node

import (
	"context"
	"log/slog"
	"time"

	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/projections"
	"outrider/projections/reconcile"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Comparison is the job of comparing every organisation's log with both stores.
func Comparison(l kafka.Log, pool *pgxpool.Pool, conn driver.Conn, now time.Time) reconcile.Job {
	return reconcile.Job{Partitions: l.Partitions, Postgres: pool, Columns: conn, Decode: projections.Decode, Now: now,
		Scan: func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error {
			_, _, err := reader.Scan(ctx, l, cfg, to, fn)
			return err
		}}
}

// The hours (UTC) in which the nightly comparison may begin, and how old the newest must be.
const (
	nightFrom, nightTo = 1, 5
	reconcileAfter     = 20 * time.Hour
)

// reconcileNightly compares once in a night, in whichever process comes first, until ctx ends.
func (n *Node) reconcileNightly(ctx context.Context) error {
	ticks := time.NewTicker(20 * time.Minute)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticks.C:
			if h := now.UTC().Hour(); h < nightFrom || h >= nightTo {
				continue
			}
			if err := n.reconcileOnce(ctx, now); err != nil && ctx.Err() == nil {
				n.log.Warn("the nightly comparison failed; it is tried again", "error", err)
			}
		}
	}
}

func (n *Node) reconcileOnce(ctx context.Context, now time.Time) error {
	results, err := Comparison(n.Stores.Log, n.Pools.Projector, n.ClickHouse, now).RunAfter(ctx, reconcileAfter)
	logDifferences(n.log, results)
	return err
}

// reconcileAsked compares organisations that ask for it until ctx ends.
func (n *Node) reconcileAsked(ctx context.Context) error {
	Comparison(n.Stores.Log, n.Pools.Projector, n.ClickHouse, time.Time{}).Serve(ctx, func(results []reconcile.Result, err error) {
		logDifferences(n.log, results)
		if err != nil {
			n.log.Warn("a comparison that was asked for failed", "error", err)
		}
	})
	return nil
}

func logDifferences(log *slog.Logger, results []reconcile.Result) {
	for _, r := range results {
		if !r.Agrees {
			log.Error("log and stores differ", "organization", r.OrgID, "checks", r.Checks)
		}
	}
}
