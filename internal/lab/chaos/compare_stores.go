package chaos

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/node"
	"outrider/internal/clickhouse"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// foldName is the database into which the log is folded anew, in each store.
const foldName = "chaos_fold"

// storePair is a pair of stores, with what writes into them.
type storePair struct {
	pools *postgres.Pools
	click driver.Conn
}

func (s storePair) closeBoth() {
	if s.click != nil {
		_ = s.click.Close() // nothing is in flight
	}
	if s.pools != nil {
		s.pools.Close()
	}
}

// compareStores folds the log anew, beside what the run has left, and tells where the two differ.
func compareStores(ctx context.Context, at runOutput) (p, c rowDifference, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	secrets, err := postgres.ReadSecrets(node.KeyFilesIn(at.data).Roles())
	if err != nil {
		return p, c, fmt.Errorf("load passwords of roles: %w", err)
	}
	var live, fold storePair
	defer func() {
		live.closeBoth()
		fold.closeBoth()
	}()
	if live.pools, err = postgres.OpenPools(ctx, at.postgres, secrets, postgres.Options{}); err != nil {
		return p, c, fmt.Errorf("open postgres: %w", err)
	}
	if live.click, err = clickhouse.Open(at.clickHouse); err != nil {
		return p, c, fmt.Errorf("open clickhouse: %w", err)
	}
	ends, err := endsOf(ctx, at)
	if err != nil {
		return p, c, err
	}
	late, err := caughtUp(ctx, live, ends, at.patience)
	if err != nil {
		return p, c, err
	}
	for _, l := range late {
		side := &p
		if strings.HasPrefix(l, "analytics") {
			side = &c
		}
		side.rows++
		side.examples = append(side.examples, l)
	}
	if len(late) > 0 {
		return p, c, nil // what is behind differs
	}
	if fold, err = foldAnew(ctx, at, live, secrets, ends); err != nil {
		return p, c, fmt.Errorf("fold the log anew: %w", err)
	}
	if p, err = differPostgres(ctx, live, fold); err != nil {
		return p, c, err
	}
	c, err = differClickHouse(ctx, live, fold, at.events)
	return p, c, err
}

// foldAnew runs the projections over the whole log into databases of their own. Keys of persons are the run's.
func foldAnew(ctx context.Context, at runOutput, live storePair, secrets postgres.Secrets, ends []int64) (s storePair, err error) {
	owner, err := pgx.Connect(ctx, at.postgres)
	if err != nil {
		return s, fmt.Errorf("open postgres: %w", err)
	}
	defer owner.Close(context.WithoutCancel(ctx))
	if _, err := owner.Exec(ctx, "create database "+foldName); err != nil {
		return s, fmt.Errorf("make a database: %w", err)
	}
	if err := live.click.Exec(ctx, "CREATE DATABASE "+foldName); err != nil {
		return s, fmt.Errorf("make a database in clickhouse: %w", err)
	}
	pg, ch := foldAddress(at.postgres), foldAddress(at.clickHouse)
	if err := postgres.Migrate(ctx, pg, secrets, projections.Migrations()); err != nil {
		return s, err
	}
	if err := node.MigrateClickHouse(ctx, ch); err != nil {
		return s, err
	}
	if s.pools, err = postgres.OpenPools(ctx, pg, secrets, postgres.Options{}); err != nil {
		return s, fmt.Errorf("open postgres: %w", err)
	}
	if s.click, err = clickhouse.Open(ch); err != nil {
		return s, fmt.Errorf("open clickhouse: %w", err)
	}
	master, err := pii.LoadMaster(node.KeyFilesIn(at.data).Master())
	if err != nil {
		return s, err
	}
	vault, err := pii.NewVault(live.pools.Vault, master, pii.Options{})
	if err != nil {
		return s, err
	}
	return s, s.foldLog(ctx, at.log, vault, ends)
}

// foldLog runs every projection over the log until all have come to its end.
func (s storePair) foldLog(ctx context.Context, log kafka.Log, vault *pii.Vault, ends []int64) error {
	rows := &project.Postgres{Log: log, Pool: s.pools.Projector, Projections: projections.All(vault), Decode: projections.Decode}
	runs := []func(context.Context, *reader.Reader, int32){rows.Run}
	for _, c := range analytics.Rebuildable() {
		runs = append(runs, (&project.ClickHouse{Log: log, Pool: s.pools.Projector, Conn: s.click, Table: c.Table, Decode: c.Decode}).Run)
	}
	running, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	for _, run := range runs {
		rd, err := reader.Open(log)
		if err != nil {
			return err
		}
		var partitions sync.WaitGroup
		for p := range log.Partitions {
			partitions.Go(func() { run(running, rd, p) })
		}
		work.Go(func() {
			partitions.Wait()
			rd.Close()
		})
	}
	late, err := caughtUp(ctx, s, ends, time.Minute)
	if err == nil && len(late) > 0 {
		err = fmt.Errorf("it doesn't come to its end: %s", strings.Join(late, "; "))
	}
	return err
}

// foldAddress is the address of the fold's database beside another.
func foldAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // whoever opens it says what is wrong
	}
	u.Path = "/" + foldName
	return u.String()
}
