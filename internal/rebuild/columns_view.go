package rebuild

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es/project"
)

// columnsView is a side at a position: rows after it are left out, and what views derived was read while it stood there.
type columnsView struct {
	conn    driver.Conn
	table   string
	at      vector
	derived map[string]map[uuid.UUID]rowsChecksum
}

func (v *columnsView) closeView() {}

// snapshotLive holds the live projection for as long as it takes to read what its views derived: those rows have no position.
func (s *columns) snapshotLive(ctx context.Context) (v view, at vector, err error) {
	err = pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		if at, err = holdProjections(ctx, tx, s.checkpointKeys(project.Live)); err != nil {
			return err
		}
		v, err = s.viewAt(ctx, project.Live, at)
		return err
	})
	return v, at, err
}

func (s *columns) viewAt(ctx context.Context, side project.Side, at vector) (view, error) {
	c, err := s.connFor(side)
	if err != nil {
		return nil, err
	}
	v := &columnsView{conn: c, table: s.is.Table.Table, at: at, derived: map[string]map[uuid.UUID]rowsChecksum{}}
	for _, d := range s.is.Derived {
		// Rows of the query are distinct, so their order is all that may differ.
		if v.derived[d.Table], err = v.readSums(ctx, map[uuid.UUID]rowsChecksum{}, `SELECT org, toInt64(count()), sum(sipHash64(*)), sum(cityHash64(*)) FROM (`+d.Rows+`) GROUP BY org`); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *columnsView) digestTable(ctx context.Context, table string) (map[uuid.UUID]rowsChecksum, error) {
	if d, ok := v.derived[table]; ok {
		return d, nil
	}
	out := map[uuid.UUID]rowsChecksum{}
	for p, c := range v.at {
		// A row that was sent twice is equal in every column and counts once. One partition at a time bounds the memory.
		_, err := v.readSums(ctx, out, `SELECT org, toInt64(count()), sum(a), sum(b) FROM (
			SELECT org, sipHash64(*) AS a, cityHash64(*) AS b FROM `+table+` WHERE log_partition = @partition AND pseq <= @pseq GROUP BY org, a, b) GROUP BY org`,
			clickhouse.Named("partition", p), clickhouse.Named("pseq", c.Pseq))
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (v *columnsView) readSums(ctx context.Context, out map[uuid.UUID]rowsChecksum, sql string, args ...any) (map[uuid.UUID]rowsChecksum, error) {
	found, err := v.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var org uuid.UUID
		var s rowsChecksum
		var a, b uint64
		if err := found.Scan(&org, &s.rows, &a, &b); err != nil {
			return nil, fmt.Errorf("hash rows: %w", err)
		}
		s.hash = [2]string{strconv.FormatUint(a, 16), strconv.FormatUint(b, 16)}
		if before, twice := out[org]; twice { // a row that says it is of another partition
			s.rows += before.rows
			s.hash = [2]string{s.hash[0] + before.hash[0], s.hash[1] + before.hash[1]}
		}
		out[org] = s
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	return out, nil
}

// hashRows returns hashes by position.
func (v *columnsView) hashRows(ctx context.Context, table string, org uuid.UUID) (map[string]string, error) {
	out := map[string]string{}
	if table != v.table {
		return out, nil
	}
	for p, c := range v.at {
		found, err := v.conn.Query(ctx, `SELECT pseq, sipHash64(*) AS h FROM `+table+` WHERE org = @org AND log_partition = @partition AND pseq <= @pseq GROUP BY pseq, h ORDER BY pseq, h`,
			clickhouse.Named("org", org), clickhouse.Named("partition", p), clickhouse.Named("pseq", c.Pseq))
		if err != nil {
			return nil, fmt.Errorf("hash rows: %w", err)
		}
		for found.Next() {
			var pseq int64
			var h uint64
			if err := found.Scan(&pseq, &h); err != nil {
				_ = found.Close()
				return nil, fmt.Errorf("hash rows: %w", err)
			}
			out["pseq "+strconv.FormatInt(pseq, 10)] += strconv.FormatUint(h, 16) + " "
		}
		if err := found.Err(); err != nil {
			return nil, fmt.Errorf("hash rows: %w", err)
		}
		_ = found.Close()
	}
	return out, nil
}
