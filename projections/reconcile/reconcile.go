// Package reconcile compares what the stores show of every organisation with a fold of its log that shares no code with
// the projections.
package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// Job is one comparison.
type Job struct {
	Scan       func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error // reads a partition, as reader.Scan does
	Partitions int32
	Postgres   *pgxpool.Pool // as the projector
	Columns    driver.Conn
	Decode     es.Decoder
	Now        time.Time // the time of the results
	Only       uuid.UUID // the organisation that is compared; zero = all
}

// Comparison is one thing that was compared, at the same position in the log and in the store.
type Comparison struct {
	Name    string           `json:"name"`  // messages, leads, ...
	Store   string           `json:"store"` // postgres or clickhouse
	Pseq    int64            `json:"pseq"`  // of the organisation's partition
	Log     map[string]int64 `json:"log"`   // counts by state, from the log
	Shown   map[string]int64 `json:"shown"` // likewise, in the store
	Agrees  bool             `json:"agrees"`
	Skipped int              `json:"skipped_events,omitempty"` // events of the partition that the projection was told to skip: only the log has them
	Detail  string           `json:"detail,omitempty"`         // what differs besides the counts
}

// Result is the outcome for one organisation.
type Result struct {
	OrgID       uuid.UUID    `json:"organization_id"`
	CheckedAt   time.Time    `json:"checked_at"`
	RequestedAt time.Time    `json:"requested_at,omitzero"` // of a pending request for a newer one
	Agrees      bool         `json:"agrees"`
	Checks      []Comparison `json:"checks"`
}

// Run compares, and stores the results in place of earlier ones.
func (j Job) Run(ctx context.Context) ([]Result, error) {
	shown, err := j.readStores(ctx)
	if err != nil {
		return nil, err
	}
	results := map[uuid.UUID]*Result{}
	if j.Only != uuid.Nil {
		results[j.Only] = &Result{OrgID: j.Only, CheckedAt: j.Now} // also when the log has nothing of it
	}
	for p := range j.Partitions {
		if j.Only != uuid.Nil && es.PartitionOf(j.Only, j.Partitions) != p {
			continue
		}
		folded, err := j.foldPartition(ctx, p, shown)
		if err != nil {
			return nil, fmt.Errorf("fold partition %d: %w", p, err)
		}
		j.compareFamilies(results, p, folded, shown)
	}
	if err := j.compareRollups(ctx, results); err != nil {
		return nil, err
	}
	if err := j.compareScores(ctx, results); err != nil {
		return nil, err
	}
	var out []Result
	for _, org := range slices.SortedFunc(maps.Keys(results), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		r := results[org]
		r.Agrees = !slices.ContainsFunc(r.Checks, func(c Comparison) bool { return !c.Agrees })
		out = append(out, *r)
	}
	return out, j.storeResults(ctx, out)
}

// compareFamilies adds the comparisons for a partition's organisations.
func (j Job) compareFamilies(results map[uuid.UUID]*Result, partition int32, folded map[string]tallies, shown *stores) {
	for _, f := range allFamilies() {
		orgs := map[uuid.UUID]bool{}
		for org := range folded[f.name] {
			orgs[org] = true
		}
		for org := range shown.tallies[f.name] {
			if es.PartitionOf(org, j.Partitions) == partition {
				orgs[org] = true
			}
		}
		for org := range orgs {
			if results[org] == nil {
				results[org] = &Result{OrgID: org, CheckedAt: j.Now}
			}
			was, is := folded[f.name].tallyOf(org), shown.tallies[f.name].tallyOf(org)
			c := Comparison{Name: f.name, Store: f.store, Pseq: shown.positions[f.projection][partition].Pseq, Log: was.counts, Shown: is.counts, Skipped: shown.skipped[f.projection][partition]}
			c.Agrees = maps.Equal(was.counts, is.counts) && was.hash == is.hash
			if !c.Agrees && maps.Equal(was.counts, is.counts) {
				c.Detail = "the numbers agree, but not all are what the log says they are"
			}
			results[org].Checks = append(results[org].Checks, c)
		}
	}
}

// RunAfter runs a comparison of all, unless another process does so or the newest one is younger than age.
func (j Job) RunAfter(ctx context.Context, age time.Duration) (results []Result, err error) {
	err = j.runAlone(ctx, func() (err error) {
		var due bool
		if err := j.Postgres.QueryRow(ctx, `select coalesce(max(all_checked_at) < $1, true) from kernel.reconciliations`, j.Now.Add(-age)).Scan(&due); err != nil || !due {
			return err
		}
		results, err = j.Run(ctx)
		return err
	})
	return results, err
}

// runAlone calls a function unless another process is running it.
func (j Job) runAlone(ctx context.Context, do func() error) (err error) {
	conn, err := j.Postgres.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer conn.Release()
	var free bool
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended('outrider reconcile', 0))`).Scan(&free); err != nil || !free {
		return err
	}
	defer func() {
		if _, e := conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtextextended('outrider reconcile', 0))`); err == nil {
			err = e
		}
	}()
	return do()
}

// ofOrganization is the query for the newest result of an organisation, as the api's role may read it.
const ofOrganization = `select r.checked_at, w.requested_at, r.agrees, r.checks from kernel.reconciliations r
	left join kernel.reconciliation_wishes w on w.org_id = r.org_id and w.pending where r.org_id = $1`

// Latest returns the newest result of an organisation, and pgx.ErrNoRows before the first.
func Latest(ctx context.Context, tx pgx.Tx, org uuid.UUID) (Result, error) {
	r, asked := Result{OrgID: org}, (*time.Time)(nil)
	err := tx.QueryRow(ctx, ofOrganization, org).Scan(&r.CheckedAt, &asked, &r.Agrees, &r.Checks)
	if asked != nil {
		r.RequestedAt = *asked
	}
	return r, err
}
