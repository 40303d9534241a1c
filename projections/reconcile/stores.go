package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/projections/analytics"
)

// stores is the content of both databases.
type stores struct {
	positions map[string]map[int32]es.Checkpoint // of each projection, by partition
	skipped   map[string]map[int32]int
	tallies   map[string]tallies // by family
}

// readStores reads Postgres in one snapshot, with its positions. Rows in ClickHouse have positions of their own, and
// all rows up to a position that Postgres has are there.
func (j Job) readStores(ctx context.Context) (*stores, error) {
	s := &stores{positions: map[string]map[int32]es.Checkpoint{}, skipped: map[string]map[int32]int{}, tallies: map[string]tallies{}}
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, j.Postgres, snapshot, func(tx pgx.Tx) error {
		if err := s.readPositions(ctx, tx); err != nil {
			return err
		}
		for _, f := range allFamilies() {
			if f.store == inPostgres {
				if err := s.countRows(ctx, tx, f, j.Only); err != nil {
					return fmt.Errorf("count %s: %w", f.name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, f := range allFamilies() {
		if f.store == inClickHouse {
			if err := s.countColumns(ctx, j, f); err != nil {
				return nil, fmt.Errorf("count %s: %w", f.name, err)
			}
		}
	}
	return s, nil
}

func (s *stores) readPositions(ctx context.Context, tx pgx.Tx) error {
	for _, f := range allFamilies() { // one that has not begun is at position 0
		s.positions[f.projection], s.skipped[f.projection], s.tallies[f.name] = map[int32]es.Checkpoint{}, map[int32]int{}, tallies{}
	}
	rows, err := tx.Query(ctx, `select projection, partition, epoch, pseq, "offset", leader_epoch from kernel.checkpoints`)
	if err != nil {
		return fmt.Errorf("read positions: %w", err)
	}
	var name string
	var partition int32
	var c es.Checkpoint
	if _, err := pgx.ForEachRow(rows, []any{&name, &partition, &c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch}, func() error {
		if s.positions[name] != nil {
			s.positions[name][partition] = c
		}
		return nil
	}); err != nil {
		return fmt.Errorf("read positions: %w", err)
	}
	if rows, err = tx.Query(ctx, `select projection, partition, count(*) from operations.skipped_events group by 1, 2`); err != nil {
		return fmt.Errorf("read skipped events: %w", err)
	}
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&name, &partition, &n}, func() error {
		if s.skipped[name] != nil {
			s.skipped[name][partition] = n
		}
		return nil
	}); err != nil {
		return fmt.Errorf("read skipped events: %w", err)
	}
	return nil
}

func (s *stores) countRows(ctx context.Context, tx pgx.Tx, f family, only uuid.UUID) error {
	of, args := "where not exists (select from read.deleted_organizations d where d.org_id = t.org_id)", []any{}
	if only != uuid.Nil {
		of, args = of+" and org_id = $1", []any{only}
	}
	rows, err := tx.Query(ctx, `select org_id, state, count(*), sum(('x' || substr(md5(key || ':' || state), 1, 16))::bit(64)::bigint::numeric)::text
		from (`+f.query+`) t `+of+` group by org_id, state`, args...)
	if err != nil {
		return err
	}
	var org uuid.UUID
	var state, sum string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&org, &state, &n, &sum}, func() error {
		v, ok := new(big.Int).SetString(sum, 10)
		if !ok {
			return fmt.Errorf("%q is no sum", sum)
		}
		s.tallies[f.name].addTally(org, state, n, v.Mod(v, new(big.Int).Lsh(big.NewInt(1), 64)).Uint64()) // signed there, but equal modulo 2^64
		return nil
	})
	return err
}

func (s *stores) countColumns(ctx context.Context, j Job, f family) error {
	past := []string{"0"}
	for p, c := range s.positions[f.projection] {
		past = append(past, `log_partition = `+strconv.Itoa(int(p))+` AND pseq <= `+strconv.FormatInt(c.Pseq, 10))
	}
	which := "(" + strings.Join(past, " OR ") + ")"
	if j.Only != uuid.Nil {
		which += " AND org = '" + j.Only.String() + "'"
	}
	rows, err := j.Columns.Query(ctx, strings.ReplaceAll(f.query, "{past}", which))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var org uuid.UUID
		var state string
		var n int64
		var sum uint64
		if err := rows.Scan(&org, &state, &n, &sum); err != nil {
			return err
		}
		s.tallies[f.name].addTally(org, state, n, sum)
	}
	return rows.Err()
}

// compareRollups compares what views derived with the raw rows. A block reaches a table and its views one after the other, so
// a difference counts only if it is still there after a while.
func (j Job) compareRollups(ctx context.Context, results map[uuid.UUID]*Result) error {
	for org, r := range results {
		var found []analytics.Difference
		for try := 0; ; try++ {
			var err error
			if found, err = analytics.ReconcileOrganization(ctx, j.Columns, org); err != nil {
				return err
			}
			if len(found) == 0 || try == 3 {
				break
			}
			pause, end := context.WithTimeout(ctx, 500*time.Millisecond)
			<-pause.Done()
			end()
		}
		c := Comparison{Name: "rollups", Store: inClickHouse, Agrees: len(found) == 0, Log: map[string]int64{}, Shown: map[string]int64{}}
		for _, d := range found {
			c.Log[d.Rollup+"/"+d.Measure] += int64(d.Raw)
			c.Shown[d.Rollup+"/"+d.Measure] += int64(d.Derived)
			c.Detail = "log is what the raw rows say, shown what was derived from them"
		}
		r.Checks = append(r.Checks, c)
	}
	return nil
}

// storeResults also removes the request of an organisation that was compared alone.
func (j Job) storeResults(ctx context.Context, results []Result) error {
	var all *time.Time
	if j.Only == uuid.Nil {
		all = &j.Now
	}
	return pgx.BeginFunc(ctx, j.Postgres, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, r := range results {
			checks, err := json.Marshal(r.Checks)
			if err != nil {
				return fmt.Errorf("store results: %w", err)
			}
			batch.Queue(`insert into kernel.reconciliations as old (org_id, checked_at, agrees, checks, all_checked_at) values ($1, $2, $3, $4, $5)
				on conflict (org_id) do update set checked_at = excluded.checked_at, agrees = excluded.agrees, checks = excluded.checks,
					all_checked_at = coalesce(excluded.all_checked_at, old.all_checked_at)`, r.OrgID, r.CheckedAt, r.Agrees, checks, all)
		}
		batch.Queue(`update kernel.reconciliation_wishes set pending = false where org_id = $1 and requested_at < $2`, j.Only, j.Now)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("store results: %w", err)
		}
		return nil
	})
}
