package clickhouse_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/clickhouse"
	"outrider/internal/engines/enginestest"
	"outrider/internal/ratelimit"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func TestASettingOfTheAddressStays(t *testing.T) {
	t.Parallel()
	o, err := clickhouse.Options("http://u:p@127.0.0.1:8123/d?async_insert=1")
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Settings["async_insert"]; got != 1 {
		t.Errorf("async_insert is %v (%T)", got, got)
	}
	if _, err := clickhouse.Options("http://u:p@127.0.0.1:not-a-port"); err == nil {
		t.Error("a broken address was taken")
	}
}

func TestARepeatedTokenInsertsOnceAlsoThroughAView(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, err := clickhouse.Open(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, q := range []string{
		`CREATE TABLE once (k String, n UInt64) ENGINE = MergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 100`,
		`CREATE TABLE once_sum (k String, n UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 100`,
		`CREATE MATERIALIZED VIEW once_view TO once_sum AS SELECT k, sum(n) AS n FROM once GROUP BY k`,
	} {
		if err := c.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{"a", "a", "b", "a"} {
		b, err := c.PrepareBatch(clickhouse.WithToken(ctx, token), `INSERT INTO once`)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := b.Append("k", uint64(1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Send(); err != nil {
			t.Fatal(err)
		}
	}
	for table, q := range map[string]string{"source": `SELECT sum(n) FROM once`, "view's target": `SELECT sum(n) FROM once_sum`} {
		var n uint64
		if err := c.QueryRow(ctx, q).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != 6 {
			t.Errorf("%s has %d instead of 6", table, n)
		}
	}
}

const heavy = `SELECT sum(length(s)) FROM (SELECT groupArray(toString(number)) AS s FROM numbers(20000000))`

func TestAQueryHasBounds(t *testing.T) {
	t.Parallel()
	c, err := clickhouse.Open(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for name, x := range map[string]struct {
		bounds clickhouse.Bounds
		query  string
	}{
		"memory": {clickhouse.Bounds{Memory: 8 << 20}, heavy},
		"time":   {clickhouse.Bounds{Time: time.Second}, `SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1`},
	} {
		bound := clickhouse.Bound(c, x.bounds)
		var n uint64
		if err := bound.QueryRow(t.Context(), x.query).Scan(&n); err == nil || !clickhouse.Unavailable(err) {
			t.Errorf("%s: got %v", name, err)
		}
		rows, err := bound.Query(t.Context(), x.query)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
			_ = rows.Close()
		}
		if err == nil || !clickhouse.Unavailable(err) {
			t.Errorf("%s, rows: got %v", name, err)
		}
		if err := bound.QueryRow(t.Context(), `SELECT toUInt64(getSetting('max_threads'))`).Scan(&n); err != nil || n != 2 {
			t.Errorf("%s: %d threads, %v", name, n, err)
		}
	}
	if err := c.QueryRow(t.Context(), `SELECT nothing`).Scan(new(uint64)); err == nil || clickhouse.Unavailable(err) {
		t.Errorf("a wrong statement: got %v", err)
	}
}

func TestAnOrganisationHasItsShareOfQueries(t *testing.T) {
	t.Parallel()
	c, err := clickhouse.Open(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	bound := clickhouse.Bound(c, clickhouse.Bounds{Queries: 6, Processes: func() int { return 3 }})
	greedy, calm := clickhouse.ForOrganisation(t.Context(), uuid.New()), clickhouse.ForOrganisation(t.Context(), uuid.New())
	var open []driver.Rows
	for range 2 {
		rows, err := bound.Query(greedy, `SELECT number FROM numbers(10)`)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, rows)
	}
	short, cancel := context.WithTimeout(greedy, 50*time.Millisecond)
	defer cancel()
	if _, err := bound.Query(short, `SELECT 1`); !errors.Is(err, ratelimit.ErrBusy) || !clickhouse.Unavailable(err) {
		t.Errorf("a third query: %v", err)
	}
	var n uint8
	if err := bound.QueryRow(calm, `SELECT 1`).Scan(&n); err != nil {
		t.Errorf("another organisation: %v", err)
	}
	for _, rows := range open {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 5 {
		if err := bound.QueryRow(greedy, `SELECT 1`).Scan(&n); err != nil {
			t.Error(err)
		}
		var all []struct {
			N uint8 `ch:"n"`
		}
		if err := bound.Select(greedy, &all, `SELECT 1 AS n`); err != nil || len(all) != 1 {
			t.Error(err)
		}
		if err := bound.QueryRow(greedy, `SELECT nothing`).Scan(&n); err == nil {
			t.Error("a wrong statement")
		}
		if _, err := bound.Query(greedy, `SELECT nothing`); err == nil {
			t.Error("a wrong statement")
		}
	}
}

func TestWhoIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"http://u:p@127.0.0.1:1/d", "clickhouse://u:p@127.0.0.1:1/d"} {
		c, err := clickhouse.Open(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.QueryRow(t.Context(), `SELECT 1`).Scan(new(uint8)); !clickhouse.Unavailable(err) {
			t.Errorf("%s: %v", dsn, err)
		}
		_ = c.Close()
	}
}
