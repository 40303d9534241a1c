// Package clickhouse opens connections to ClickHouse, a server or the embedded engine, with the settings that our way
// of writing rests on.
package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Open gives a pool for a DSN as clickhouse-go reads it: http(s)://user:password@host:port/database speaks HTTP, as the
// embedded engine does; clickhouse://user:password@host:9000/database the native protocol. What the DSN sets stays as
// it is; else
//   - async_insert=0: newer servers buffer inserts otherwise, and a deduplication token is then that of the buffer;
//   - insert_deduplicate=1 and deduplicate_blocks_in_dependent_materialized_views=1: a repeated token is dropped in
//     materialized views too (each target table needs its own non_replicated_deduplication_window);
//   - LZ4, at most 16 connections, dialled within 5 s.
//
// It doesn't connect; the first statement does.
func Open(dsn string) (driver.Conn, error) {
	o, err := Options(dsn)
	if err != nil {
		return nil, err
	}
	c, err := clickhouse.Open(o)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return c, nil
}

// Options are those of Open, for callers that change some.
func Options(dsn string) (*clickhouse.Options, error) {
	o, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the ClickHouse address: %w", err)
	}
	if o.Settings == nil {
		o.Settings = clickhouse.Settings{}
	}
	for name, value := range map[string]any{"async_insert": 0, "insert_deduplicate": 1, "deduplicate_blocks_in_dependent_materialized_views": 1} {
		if _, set := o.Settings[name]; !set {
			o.Settings[name] = value
		}
	}
	if o.Compression == nil {
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
	if o.MaxOpenConns == 0 {
		o.MaxOpenConns, o.MaxIdleConns = 16, 16
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = 5 * time.Second
	}
	return o, nil
}

// WithToken makes an insert with this context happen once: ClickHouse drops a later one with the same token, as long
// as the table's deduplication window remembers it.
func WithToken(ctx context.Context, token string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
}
