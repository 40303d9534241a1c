package clickhouse_test

import (
	"testing"

	"outrider/internal/clickhouse"
	"outrider/internal/engines/enginestest"
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
