package chhttp_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"outrider/internal/engines/enginestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

// open gives an unchanged clickhouse-go on the embedded engine, in a database of its own.
func open(t *testing.T, method ch.CompressionMethod, change ...func(*ch.Options)) ch.Conn {
	t.Helper()
	o, err := ch.ParseDSN(enginestest.ClickHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	o.Compression = &ch.Compression{Method: method, Level: 3}
	o.Settings = ch.Settings{"async_insert": 0, "max_execution_time": 60}
	o.MaxOpenConns = 8
	for _, f := range change {
		f(o)
	}
	c, err := ch.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func exec(t *testing.T, c ch.Conn, queries ...string) {
	t.Helper()
	for _, q := range queries {
		if err := c.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func count(t *testing.T, c ch.Conn, query string, args ...any) (n uint64) {
	t.Helper()
	if err := c.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func methods() map[string]ch.CompressionMethod {
	return map[string]ch.CompressionMethod{"none": ch.CompressionNone, "lz4": ch.CompressionLZ4, "zstd": ch.CompressionZSTD,
		"gzip": ch.CompressionGZIP, "deflate": ch.CompressionDeflate, "brotli": ch.CompressionBrotli}
}

func pointer[T any](v T) *T { return &v }

// types are all column types that we may use: the SQL type and values that must come back as they went.
func types() map[string][]any {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789000000, time.UTC)
	id := uuid.MustParse("019c0000-0000-7000-8000-000000000001")
	return map[string][]any{
		"UInt8": {uint8(255)}, "UInt16": {uint16(65535)}, "UInt32": {uint32(1 << 31)}, "UInt64": {uint64(1<<64 - 1)},
		"Int8": {int8(-128)}, "Int32": {int32(-5)}, "Int64": {int64(-1 << 63)}, "Float32": {float32(1.5)}, "Float64": {-2.25},
		"Int128": {*big.NewInt(-7)}, "UInt256": {*new(big.Int).Lsh(big.NewInt(1), 200)},
		"Bool": {true, false}, "String": {"", "tab\tline\nquote'back\\zero\x00é"}, "FixedString(3)": {"abc"},
		"LowCardinality(String)": {"a", "b", "a"}, "LowCardinality(Nullable(String))": {pointer("x"), (*string)(nil)},
		"Nullable(Int32)": {pointer(int32(3)), (*int32)(nil)}, "Nullable(String)": {(*string)(nil), pointer("s")},
		"UUID": {id}, "Decimal(18, 4)": {decimal.New(12345, -4)}, "Date": {at.Truncate(24 * time.Hour)}, "Date32": {at.Truncate(24 * time.Hour)},
		"DateTime('UTC')": {at.Truncate(time.Second)}, "DateTime64(3, 'UTC')": {at}, "DateTime64(6, 'UTC')": {at.Add(1000)},
		"Enum8('x' = 1, 'y' = 2)": {"y", "x"}, "Array(String)": {[]string{"a", ""}, []string{}}, "Array(Array(UInt32))": {[][]uint32{{1}, {}, {2, 3}}},
		"Array(Nullable(UInt8))": {[]*uint8{nil, pointer(uint8(1))}}, "Map(String, UInt64)": {map[string]uint64{"a": 1}, map[string]uint64{}},
		"Map(LowCardinality(String), Array(String))": {map[string][]string{"k": {"v", "w"}}},
	}
}

func TestEveryTypeComesBackInEveryCompression(t *testing.T) {
	t.Parallel()
	all := types()
	names := slices.Sorted(maps.Keys(all))
	var columns []string
	for i, typ := range names {
		columns = append(columns, fmt.Sprintf("c%d %s", i, typ))
	}
	row := func(r int) []any {
		values := []any{uint32(r)}
		for _, typ := range names {
			values = append(values, all[typ][r%len(all[typ])])
		}
		return values
	}
	for name, method := range methods() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, method)
			table := "types_" + name
			exec(t, c, `CREATE TABLE `+table+` (i UInt32, `+strings.Join(columns, ", ")+`) ENGINE = MergeTree ORDER BY i`)
			b, err := c.PrepareBatch(t.Context(), `INSERT INTO `+table)
			if err != nil {
				t.Fatal(err)
			}
			const count = 1000
			for r := range count {
				if err := b.Append(row(r)...); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Send(); err != nil {
				t.Fatal(err)
			}
			rows, err := c.Query(t.Context(), `SELECT * FROM `+table+` ORDER BY i`)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			seen := 0
			for ; rows.Next(); seen++ {
				compare(t, rows, append([]string{"row"}, names...), row(seen))
			}
			if rows.Err() != nil || seen != count {
				t.Errorf("%d of %d rows, %v", seen, count, rows.Err())
			}
		})
	}
}

func compare(t *testing.T, rows driver.Rows, names []string, want []any) {
	t.Helper()
	var to []any
	for _, v := range want {
		to = append(to, reflect.New(reflect.TypeOf(v)).Interface())
	}
	if err := rows.Scan(to...); err != nil {
		t.Fatal(err)
	}
	for i, v := range want {
		if got := reflect.ValueOf(to[i]).Elem().Interface(); !same(got, v) {
			t.Fatalf("%s: %v came back as %v", names[i], v, got)
		}
	}
}

func same(a, b any) bool {
	switch x := a.(type) {
	case time.Time:
		return x.Equal(b.(time.Time))
	case decimal.Decimal:
		return x.Equal(b.(decimal.Decimal))
	case big.Int:
		y := b.(big.Int)
		return x.Cmp(&y) == 0
	}
	return reflect.DeepEqual(a, b)
}

func TestParameters(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4)
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	nasty := "tab\tline\nquote'back\\"
	for name, x := range map[string]struct {
		query string
		args  []any
	}{
		"a named string":           {`SELECT count() FROM system.one WHERE {s:String} = 'tab\tline\nquote\'back\\'`, []any{ch.Named("s", nasty)}},
		"a named number":           {`SELECT count() FROM numbers(10) WHERE number = {n:UInt64}`, []any{ch.Named("n", 7)}},
		"a named array":            {`SELECT count() FROM numbers(10) WHERE toString(number) IN {a:Array(String)} AND number = 3`, []any{ch.Named("a", []string{"3", "q'uote"})}},
		"a named date":             {`SELECT count() FROM system.one WHERE {d:DateTime('UTC')} = toDateTime('2026-02-03 04:05:06', 'UTC')`, []any{ch.DateNamed("d", at, ch.Seconds)}},
		"a named table":            {`SELECT count() FROM system.{t:Identifier}`, []any{ch.Named("t", "one")}},
		"positional ones":          {`SELECT count() FROM system.one WHERE ? = 'a' AND ? > 1`, []any{"a", 2}},
		"numbered ones":            {`SELECT count() FROM system.one WHERE $1 = 'a' AND $2 > $3`, []any{"a", 2, 1}},
		"a comment before a query": {"-- why\n/* and how */ SELECT count() FROM system.one", nil},
		"a query with a semicolon": {`SELECT count() FROM system.one;`, nil},
		"a query in brackets":      {`(SELECT count() FROM system.one)`, nil},
		"a CTE":                    {`WITH x AS (SELECT 1 AS y) SELECT count() FROM x`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := count(t, c, x.query, x.args...); n != 1 {
				t.Errorf("got %d", n)
			}
		})
	}
}

func TestErrorsHaveClickHousesCodes(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4)
	exec(t, c, `CREATE TABLE codes (i UInt32) ENGINE = MergeTree ORDER BY i`)
	drain := func(query string) error {
		rows, err := c.Query(t.Context(), query)
		if err != nil {
			return err
		}
		for rows.Next() { //nolint:revive // only the end matters
		}
		return errors.Join(rows.Err(), rows.Close())
	}
	for name, x := range map[string]struct {
		code int32
		do   func() error
	}{
		"an unknown table":            {60, func() error { return c.Exec(t.Context(), `SELECT * FROM nosuch`) }},
		"an unknown table in a query": {60, func() error { return drain(`SELECT * FROM nosuch`) }},
		"an unknown table in a batch": {60, func() error { _, err := c.PrepareBatch(t.Context(), `INSERT INTO nosuch`); return err }},
		"an unknown database":         {81, func() error { return c.Exec(t.Context(), `CREATE TABLE nosuch.t (i Int8) ENGINE = Memory`) }},
		"an unknown column":           {47, func() error { return drain(`SELECT nosuch FROM codes`) }},
		"a syntax error":              {62, func() error { return c.Exec(t.Context(), `SELEKT 1`) }},
		"an unknown setting": {115, func() error {
			return c.Exec(ch.Context(t.Context(), ch.WithSettings(ch.Settings{"nosuch": 1})), `SELECT 1`)
		}},
		"a table that exists": {57, func() error { return c.Exec(t.Context(), `CREATE TABLE codes (i UInt32) ENGINE = Memory`) }},
		"a missing parameter": {456, func() error { return drain(`SELECT {nosuch:String}`) }},
		"too little memory": {241, func() error {
			return drain(`SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000`)
		}},
		"too long": {159, func() error {
			return drain(`SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 1, max_block_size = 1`)
		}},
		"a failure before any row": {395, func() error { return drain(`SELECT throwIf(1, 'boom')`) }},
		"a failure in the middle": {395, func() error {
			return drain(`SELECT throwIf(number = 900000, 'boom') FROM numbers(1000000) SETTINGS max_block_size = 10000, max_threads = 1`)
		}},
		"a wrong password": {516, func() error {
			return open(t, ch.CompressionNone, func(o *ch.Options) { o.Auth.Password = "wrong" }).Ping(t.Context())
		}},
		"an insert of a wrong constant": {27, func() error { return c.Exec(t.Context(), `INSERT INTO codes VALUES ('x')`) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e *ch.Exception
			if err := x.do(); !errors.As(err, &e) {
				t.Fatalf("no exception but %v", err)
			}
			if e.Code != x.code && !(x.code == 27 && (e.Code == 53 || e.Code == 6)) { // the parser's choice varies
				t.Errorf("code %d, not %d: %v", e.Code, x.code, e)
			}
		})
	}
	if n := count(t, c, `SELECT count() FROM codes`); n != 0 {
		t.Errorf("a refused insert left %d rows", n)
	}
}

func TestAMillionRowsStreamBothWays(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4)
	exec(t, c, `CREATE TABLE many (n UInt64, s String) ENGINE = MergeTree ORDER BY n`)
	b, err := c.PrepareBatch(t.Context(), `INSERT INTO many`)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1_000_000
	for i := range uint64(rows) {
		if err := b.Append(i, "some text that is longer than a word"); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	r, err := c.Query(t.Context(), `SELECT n, s FROM many`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var n, sum, i uint64
	for s := ""; r.Next(); n, sum = n+1, sum+i {
		if err := r.Scan(&i, &s); err != nil {
			t.Fatal(err)
		}
	}
	if r.Err() != nil || n != rows || sum != rows*(rows-1)/2 {
		t.Errorf("%d rows, sum %d, %v", n, sum, r.Err())
	}
}

func TestACancelledQueryEndsInTheEngine(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4, func(o *ch.Options) { o.Settings["max_execution_time"] = 0 }) // nothing else may end it
	for name, run := range map[string]func(context.Context, string) error{
		"exec": func(ctx context.Context, q string) error { return c.Exec(ctx, q) },
		"insert from select": func(ctx context.Context, q string) error {
			return c.Exec(ctx, `INSERT INTO FUNCTION null('n UInt64') `+q)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mark := strings.ReplaceAll("mark_"+name, " ", "_")
			running := `SELECT count() FROM system.processes WHERE position(query, '` + mark[:5] + `' || '` + mark[5:] + `') > 0`
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				done <- run(ctx, `SELECT count() AS `+mark+` FROM numbers(1000000000000) WHERE sipHash64(number) = 1`)
			}()
			await(t, "the query runs", func() bool { return count(t, c, running) == 1 })
			cancel()
			if err := <-done; err == nil {
				t.Error("a cancelled query answered")
			}
			await(t, "the engine ends it", func() bool { return count(t, c, running) == 0 })
		})
	}
}

// await asks the engine until it sees what another connection brings about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("did not happen: " + what)
}

func TestOtherWaysToAsk(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4)
	exec(t, c, `CREATE TABLE ways (id UInt64, s String) ENGINE = MergeTree ORDER BY id`)
	for name, do := range map[string]func(t *testing.T) error{
		"the version": func(t *testing.T) error {
			v, err := c.ServerVersion()
			if err == nil && v.Version.Major < 26 {
				t.Errorf("version %v", v)
			}
			return err
		},
		"an insert of values": func(t *testing.T) error {
			if err := c.Exec(t.Context(), `INSERT INTO ways VALUES (?, ?)`, 1, "values"); err != nil {
				return err
			}
			if n := count(t, c, `SELECT count() FROM ways WHERE s = 'values'`); n != 1 {
				t.Errorf("%d rows", n)
			}
			return nil
		},
		"an asynchronous insert that waits": func(t *testing.T) error {
			if err := c.AsyncInsert(t.Context(), `INSERT INTO ways VALUES (2, 'async')`, true); err != nil { //nolint:staticcheck // deprecated, and still used
				return err
			}
			if n := count(t, c, `SELECT count() FROM ways WHERE s = 'async'`); n != 1 {
				t.Errorf("%d rows", n)
			}
			return nil
		},
		"a batch that is given up": func(t *testing.T) error {
			b, err := c.PrepareBatch(t.Context(), `INSERT INTO ways`)
			if err != nil {
				return err
			}
			if err := b.Append(uint64(3), "aborted"); err != nil {
				return err
			}
			if err := b.Abort(); err != nil {
				return err
			}
			if n := count(t, c, `SELECT count() FROM ways WHERE s = 'aborted'`); n != 0 {
				t.Errorf("%d rows", n)
			}
			return nil
		},
		"an empty result": func(t *testing.T) error {
			rows, err := c.Query(t.Context(), `SELECT id FROM ways WHERE id = 12345`)
			if err != nil {
				return err
			}
			if rows.Next() {
				t.Error("a row came")
			}
			return errors.Join(rows.Err(), rows.Close())
		},
		"columns as structs": func(t *testing.T) error {
			var got []struct {
				N uint64 `ch:"number"`
			}
			err := c.Select(t.Context(), &got, `SELECT number FROM numbers(3)`)
			if len(got) != 3 {
				t.Errorf("%d rows", len(got))
			}
			return err
		},
		"an external table": func(t *testing.T) error {
			x, err := ext.NewTable("x", ext.Column("i", "UInt64"))
			if err != nil {
				return err
			}
			for i := range uint64(5) {
				if err := x.Append(i); err != nil {
					return err
				}
			}
			var n uint64
			err = c.QueryRow(ch.Context(t.Context(), ch.WithExternalTable(x)), `SELECT sum(i) FROM x`).Scan(&n)
			if n != 10 {
				t.Errorf("sum %d", n)
			}
			return err
		},
		"JSON as text": func(t *testing.T) error {
			exec(t, c, `CREATE TABLE json (j JSON) ENGINE = MergeTree ORDER BY tuple()`, `INSERT INTO json VALUES ('{"a": {"b": 42}}')`)
			var s string
			var b int64
			err := c.QueryRow(t.Context(), `SELECT toJSONString(j), j.a.b::Int64 FROM json`).Scan(&s, &b)
			if b != 42 || !strings.Contains(s, "42") {
				t.Errorf("%s %d", s, b)
			}
			return err
		},
		"database/sql": func(t *testing.T) error {
			o, err := ch.ParseDSN(enginestest.ClickHouse(t))
			if err != nil {
				return err
			}
			db := ch.OpenDB(o)
			defer func() { _ = db.Close() }()
			var n int
			err = db.QueryRowContext(t.Context(), `SELECT toInt64(41) + ?`, 1).Scan(&n)
			if n != 42 {
				t.Errorf("got %d", n)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := do(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSettingsAndTemporaryTablesEndWithTheirRequest(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4, func(o *ch.Options) { o.MaxOpenConns = 1 })
	ctx := ch.Context(t.Context(), ch.WithSettings(ch.Settings{"max_threads": 3}))
	var got string
	for _, x := range []struct {
		ctx  context.Context
		want bool
	}{{ctx, true}, {t.Context(), false}} {
		if err := c.QueryRow(x.ctx, `SELECT toString(getSetting('max_threads'))`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if (got == "3") != x.want {
			t.Errorf("max_threads is %s, wanted 3: %v", got, x.want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := open(t, ch.CompressionLZ4)
	exec(t, c,
		`CREATE TABLE tokens (k String, n UInt64) ENGINE = ReplacingMergeTree ORDER BY (k, n) SETTINGS non_replicated_deduplication_window = 100`,
		`CREATE TABLE tokens_sum (k String, n UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 100`,
		`CREATE MATERIALIZED VIEW tokens_view TO tokens_sum AS SELECT k, toUInt64(count()) AS n FROM tokens GROUP BY k`)
	for _, token := range []string{"1", "1", "2", "2", "1"} {
		ctx := ch.Context(t.Context(), ch.WithSettings(ch.Settings{"insert_deduplication_token": token, "deduplicate_blocks_in_dependent_materialized_views": 1}))
		b, err := c.PrepareBatch(ctx, `INSERT INTO tokens`)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(10) {
			if err := b.Append("same", i); err != nil { // the same rows: only the token tells the inserts apart
				t.Fatal(err)
			}
		}
		if err := b.Send(); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, c, `SELECT count() FROM tokens FINAL`); n != 10 {
		t.Errorf("the table has %d rows", n)
	}
	if n := count(t, c, `SELECT sum(n) FROM tokens_sum`); n != 20 {
		t.Errorf("the view counted %d rows of 20", n)
	}
}
