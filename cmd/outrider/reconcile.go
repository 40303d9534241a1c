package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/clickhouse"
	"outrider/internal/postgres"
	"outrider/projections/reconcile"
)

type reconcileCmd struct {
	installation
}

// Run compares now and stores the results, which `GET /v1/reconciliation` shows; it exits with status 1 when something differs.
func (c reconcileCmd) Run(ctx context.Context, f *node.Folder) error {
	a, l, err := c.findLog(ctx, f)
	if err != nil {
		return err
	}
	secrets, err := postgres.ReadSecrets(f.Keys().Roles())
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
	results, err := node.Comparison(l, pool, conn, time.Now()).Run(ctx)
	if err != nil {
		return err
	}
	return c.printResults(results)
}

func (c reconcileCmd) printResults(results []reconcile.Result) error {
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
		return node.ErrReported
	}
	return nil
}
