package chaos

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outrider/projections/analytics"
)

// differPostgres compares every table of the read models row by row.
func differPostgres(ctx context.Context, live, fold storePair) (d rowDifference, err error) {
	rows, err := live.pools.Projector.Query(ctx, `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'read' and c.relkind in ('r', 'p') order by 1`)
	if err != nil {
		return d, fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return d, fmt.Errorf("list tables: %w", err)
	}
	for _, t := range tables {
		read := func(s storePair) ([]string, error) {
			rows, err := s.pools.Projector.Query(ctx, "select t::text from "+pgx.Identifier{"read", t}.Sanitize()+" t")
			if err != nil {
				return nil, err
			}
			return pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err := compareTable(&d, t+" in postgres", live, fold, read); err != nil {
			return d, err
		}
	}
	return d, nil
}

// differClickHouse compares every table, and what the roll-ups give of them.
func differClickHouse(ctx context.Context, live, fold storePair, events int64) (d rowDifference, err error) {
	var there uint64
	if err := live.click.QueryRow(ctx, "SELECT count() FROM events FINAL").Scan(&there); err != nil {
		return d, fmt.Errorf("count events in clickhouse: %w", err)
	}
	if int64(there) != events {
		d.rows += int(max(int64(there)-events, events-int64(there)))
		d.examples = append(d.examples, fmt.Sprintf("clickhouse holds %d events, the log %d", there, events))
	}
	queries := map[string]string{}
	for _, c := range analytics.Rebuildable() {
		queries[c.Table.Table] = "SELECT toString(tuple(*)) FROM " + c.Table.Table + " FINAL"
		for _, d := range c.Derived {
			queries[d.Table] = "SELECT toString(tuple(*)) FROM (" + d.Rows + ")"
		}
	}
	for table, query := range queries {
		read := func(s storePair) (out []string, err error) {
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
		if err := compareTable(&d, table+" in clickhouse", live, fold, read); err != nil {
			return d, err
		}
	}
	return d, nil
}

// compareTable counts the rows that are on one side only.
func compareTable(d *rowDifference, what string, live, fold storePair, read func(storePair) ([]string, error)) error {
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
		d.rows += max(more, -more)
		if told++; told <= 4 {
			d.examples = append(d.examples, fmt.Sprintf("%s: %+d of %.700s", what, more, row))
		}
	}
	return nil
}
