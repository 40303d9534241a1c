package commands

import (
	"context"
	"log/slog"
	"os"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/app/node"
	"outrider/internal/clickhouse"
	"outrider/internal/engines"
)

// onBenchColumns measures on a ClickHouse server with an empty database, and prints what was found; dsn "" = the embedded engine, in a folder
// that goes afterwards.
func onBenchColumns[R any](ctx context.Context, log *slog.Logger, dsn string, asJSON bool, measure func(context.Context, driver.Conn) (R, error)) error {
	if dsn == "" {
		data, gone, err := scratchFolder("")
		if err != nil {
			return err
		}
		defer gone()
		e, err := engines.Start(ctx, engines.Options{Data: data, Kafka: engines.None, Postgres: engines.None, Log: node.Quiet(log)})
		if err != nil {
			return err
		}
		defer e.Stop()
		dsn = e.ClickHouse
	}
	conn, err := clickhouse.Open(dsn)
	if err != nil {
		return err
	}
	defer conn.Close()
	out, err := measure(ctx, conn)
	if err != nil {
		return err
	}
	return printBench(os.Stdout, asJSON, out)
}
