package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/clickhouse"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/reconcile"
)

type reconcileCmd struct {
	installation
}

// Run compares now and stores the results, which `GET /v1/reconciliation` shows; it exits with status 1 when something differs.
func (c reconcileCmd) Run(ctx context.Context, f *Folder) error {
	a, l, err := c.find(ctx, f)
	if err != nil {
		return err
	}
	secrets, err := postgres.LoadSecrets(f.keys().roles())
	if err != nil {
		return fmt.Errorf("load passwords of roles: %w", err)
	}
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleProjector, secrets.Projector, "kernel", 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := clickhouse.Open(a.ClickHouse)
	if err != nil {
		return err
	}
	defer conn.Close()
	results, err := comparison(l, pool, conn, time.Now()).Run(ctx)
	if err != nil {
		return err
	}
	return c.print(results)
}

func comparison(l kafka.Log, pool *pgxpool.Pool, conn driver.Conn, now time.Time) reconcile.Job {
	return reconcile.Job{Partitions: l.Partitions, Postgres: pool, Columns: conn, Decode: projections.Decode, Now: now,
		Scan: func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error {
			_, _, err := reader.Scan(ctx, l, cfg, to, fn)
			return err
		}}
}

func (c reconcileCmd) print(results []reconcile.Result) error {
	bad := 0
	for _, r := range results {
		if !r.Agrees {
			bad++
		}
	}
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			for _, x := range r.Checks {
				if !x.Agrees {
					fmt.Printf("%s: %s (%s) differ at pseq %d: the log says %v, shown are %v; %s\n", r.OrgID, x.Name, x.Store, x.Pseq, x.Log, x.Shown, x.Detail)
				}
			}
		}
		fmt.Printf("%d organisations compared, %d differ\n", len(results), bad)
	}
	if bad > 0 {
		return errSaid
	}
	return nil
}

// The hours (UTC) in which the nightly comparison may begin, and how old the newest must be.
const (
	nightFrom, nightTo = 1, 5
	reconcileAfter     = 20 * time.Hour
)

// reconcileNightly compares once in a night, in whichever process comes first, until ctx ends.
func (n *node) reconcileNightly(ctx context.Context) error {
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

func (n *node) reconcileOnce(ctx context.Context, now time.Time) error {
	results, err := comparison(n.stores.log, n.pools.Projector, n.click, now).RunAfter(ctx, reconcileAfter)
	logDifferences(n.log, results)
	return err
}

// reconcileAsked compares organisations that ask for it until ctx ends.
func (n *node) reconcileAsked(ctx context.Context) error {
	comparison(n.stores.log, n.pools.Projector, n.click, time.Time{}).Serve(ctx, func(results []reconcile.Result, err error) {
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
