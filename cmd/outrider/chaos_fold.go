package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/internal/chaos"
	"outrider/internal/clickhouse"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// foldName is the database into which the log is folded anew, in each store.
const foldName = "chaos_fold"

// chaosStores is a pair of stores, with what writes into them.
type chaosStores struct {
	pools *postgres.Pools
	click driver.Conn
}

func (s chaosStores) close() {
	if s.click != nil {
		_ = s.click.Close() // nothing is in flight
	}
	if s.pools != nil {
		s.pools.Close()
	}
}

// compareStores folds the log anew, beside what the run has left, and tells where the two differ.
func compareStores(ctx context.Context, at chaos.Stores) (p, c chaos.Difference, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	secrets, err := postgres.LoadSecrets((&Folder{Data: at.Data}).keys().roles())
	if err != nil {
		return p, c, fmt.Errorf("load passwords of roles: %w", err)
	}
	var live, fold chaosStores
	defer func() {
		live.close()
		fold.close()
	}()
	if live.pools, err = postgres.OpenPools(ctx, at.Postgres, secrets, postgres.Options{}); err != nil {
		return p, c, fmt.Errorf("open postgres: %w", err)
	}
	if live.click, err = clickhouse.Open(at.ClickHouse); err != nil {
		return p, c, fmt.Errorf("open clickhouse: %w", err)
	}
	ends, err := endsOf(ctx, at)
	if err != nil {
		return p, c, err
	}
	late, err := caughtUp(ctx, live, ends, at.Patience)
	if err != nil {
		return p, c, err
	}
	for _, l := range late {
		side := &p
		if strings.HasPrefix(l, "analytics") {
			side = &c
		}
		side.Rows++
		side.Examples = append(side.Examples, l)
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
	c, err = differClickHouse(ctx, live, fold, at.Events)
	return p, c, err
}

// endsOf gives the newest pseq that counts in each partition.
func endsOf(ctx context.Context, at chaos.Stores) ([]int64, error) {
	ends := make([]int64, at.Log.Partitions)
	for p := range at.Log.Partitions {
		end, _, err := reader.Scan(ctx, at.Log, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(context.Context, reader.Batch) error { return nil })
		if err != nil {
			return nil, fmt.Errorf("find the end of partition %d: %w", p, err)
		}
		ends[p] = end.Pseq
	}
	return ends, nil
}

// caughtUp waits until every projection has come to the end of every partition, and names those that don't move any more.
func caughtUp(ctx context.Context, s chaosStores, ends []int64, wait time.Duration) (late []string, err error) {
	var before string
	for moved := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		late = nil
		rows, err := s.pools.Projector.Query(ctx, `select projection, partition, pseq from kernel.checkpoints order by 1, 2`)
		if err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		there := map[string][]int64{}
		for _, p := range projections.All(nil) {
			there[p.Name] = make([]int64, len(ends))
		}
		for _, t := range []project.Table{analytics.Events(), analytics.Engagement()} {
			there[t.Name] = make([]int64, len(ends))
		}
		var name string
		var partition int
		var pseq int64
		if _, err := pgx.ForEachRow(rows, []any{&name, &partition, &pseq}, func() error {
			if of := there[name]; of != nil && partition < len(of) {
				of[partition] = pseq
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		for name, of := range there {
			for p, pseq := range of {
				if pseq != ends[p] {
					late = append(late, fmt.Sprintf("%s of partition %d is at pseq %d of %d", name, p, pseq, ends[p]))
				}
			}
		}
		now := fmt.Sprint(there)
		if now != before {
			before, moved = now, time.Now()
		}
		if len(late) == 0 || time.Since(moved) > wait {
			return late, nil
		}
	}
}

// foldAnew runs the projections over the whole log into databases of their own. Keys of persons are the run's.
func foldAnew(ctx context.Context, at chaos.Stores, live chaosStores, secrets postgres.Secrets, ends []int64) (s chaosStores, err error) {
	owner, err := pgx.Connect(ctx, at.Postgres)
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
	pg, ch := elsewhere(at.Postgres), elsewhere(at.ClickHouse)
	if err := postgres.Migrate(ctx, pg, secrets, projections.Migrations()); err != nil {
		return s, err
	}
	if err := migrateClickHouse(ctx, ch); err != nil {
		return s, err
	}
	if s.pools, err = postgres.OpenPools(ctx, pg, secrets, postgres.Options{}); err != nil {
		return s, fmt.Errorf("open postgres: %w", err)
	}
	if s.click, err = clickhouse.Open(ch); err != nil {
		return s, fmt.Errorf("open clickhouse: %w", err)
	}
	master, err := pii.LoadMaster((&Folder{Data: at.Data}).keys().master())
	if err != nil {
		return s, err
	}
	vault, err := pii.NewVault(live.pools.Vault, master, pii.Options{})
	if err != nil {
		return s, err
	}
	rd, err := reader.Open(at.Log)
	if err != nil {
		return s, err
	}
	running, stop := context.WithCancel(ctx)
	rows := &project.Postgres{Log: at.Log, Pool: s.pools.Projector, Projections: readModels(&stores{vault: vault}), Decode: projections.Decode}
	columns := []*project.ClickHouse{
		{Log: at.Log, Pool: s.pools.Projector, Conn: s.click, Table: analytics.Events()},
		{Log: at.Log, Pool: s.pools.Projector, Conn: s.click, Table: analytics.Engagement(), Decode: projections.Decode},
	}
	rd2, rd3 := rd, rd
	if rd2, err = reader.Open(at.Log); err == nil {
		rd3, err = reader.Open(at.Log)
	}
	if err != nil {
		stop()
		return s, err
	}
	done := make(chan struct{})
	n := 0
	for p := range at.Log.Partitions {
		for _, run := range []func(){func() { rows.Run(running, rd, p) }, func() { columns[0].Run(running, rd2, p) }, func() { columns[1].Run(running, rd3, p) }} {
			n++
			go func() {
				run()
				done <- struct{}{}
			}()
		}
	}
	late, err := caughtUp(ctx, s, ends, time.Minute)
	stop()
	for range n {
		<-done
	}
	for _, r := range []*reader.Reader{rd, rd2, rd3} {
		r.Close()
	}
	if err == nil && len(late) > 0 {
		err = fmt.Errorf("it doesn't come to its end: %s", strings.Join(late, "; "))
	}
	return s, err
}

// elsewhere is the address of the fold's database beside another.
func elsewhere(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // whoever opens it says what is wrong
	}
	u.Path = "/" + foldName
	return u.String()
}

// differPostgres compares every table of the read models row by row.
func differPostgres(ctx context.Context, live, fold chaosStores) (d chaos.Difference, err error) {
	rows, err := live.pools.Projector.Query(ctx, `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'read' and c.relkind in ('r', 'p') order by 1`)
	if err != nil {
		return d, fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return d, fmt.Errorf("list tables: %w", err)
	}
	for _, t := range tables {
		read := func(s chaosStores) ([]string, error) {
			rows, err := s.pools.Projector.Query(ctx, "select t::text from "+pgx.Identifier{"read", t}.Sanitize()+" t")
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err := differ(&d, t+" in postgres", live, fold, read); err != nil {
			return d, err
		}
	}
	return d, nil
}

// differClickHouse compares both tables, and what the roll-ups give of them.
func differClickHouse(ctx context.Context, live, fold chaosStores, events int64) (d chaos.Difference, err error) {
	var there uint64
	if err := live.click.QueryRow(ctx, "SELECT count() FROM events FINAL").Scan(&there); err != nil {
		return d, fmt.Errorf("count events in clickhouse: %w", err)
	}
	if int64(there) != events { //nolint:gosec // few
		d.Rows += int(max(int64(there)-events, events-int64(there))) //nolint:gosec // few
		d.Examples = append(d.Examples, fmt.Sprintf("clickhouse holds %d events, the log %d", there, events))
	}
	for table, query := range map[string]string{
		"events":     "SELECT toString(tuple(*)) FROM events FINAL",
		"engagement": "SELECT toString(tuple(*)) FROM engagement FINAL",
		"engagement_days": "SELECT toString(tuple(org, campaign, sent_day, version, step_id, step, variant, measure, groupBitmapMerge(messages))) FROM engagement_days " +
			"GROUP BY org, campaign, sent_day, version, step_id, step, variant, measure",
		"engagement_mailboxes": "SELECT toString(tuple(org, campaign, mailbox, sent_day, version, step_id, step, variant, measure, groupBitmapMerge(messages))) FROM engagement_mailboxes " +
			"GROUP BY org, campaign, mailbox, sent_day, version, step_id, step, variant, measure",
	} {
		read := func(s chaosStores) (out []string, err error) {
			rows, err := s.click.Query(ctx, query)
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			for rows.Next() {
				var row string
				if err := rows.Scan(&row); err != nil {
					return nil, err
				}
				out = append(out, row)
			}
			return out, rows.Err()
		}
		if err := differ(&d, table+" in clickhouse", live, fold, read); err != nil {
			return d, err
		}
	}
	return d, nil
}

// differ counts the rows that are on one side only.
func differ(d *chaos.Difference, what string, live, fold chaosStores, read func(chaosStores) ([]string, error)) error {
	is, err := read(live)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	should, err := read(fold)
	if err != nil {
		return fmt.Errorf("read %s of the fold: %w", what, err)
	}
	n := map[string]int{}
	for _, r := range is {
		n[r]++
	}
	for _, r := range should {
		n[r]--
	}
	told := 0
	for row, more := range n {
		if more == 0 {
			continue
		}
		d.Rows += max(more, -more)
		if told++; told <= 4 {
			d.Examples = append(d.Examples, fmt.Sprintf("%s: %+d of %.700s", what, more, row))
		}
	}
	return nil
}
