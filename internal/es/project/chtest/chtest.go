// Package chtest gives tests a ClickHouse engine of their own, which they can kill.
package chtest

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/embedded"
)

// Engine is an embedded ClickHouse on a data folder of its own.
type Engine struct {
	Conn driver.Conn

	t testing.TB
	e *embedded.Engines
}

// Start starts one; the package's TestMain must run engine children (embeddedtest.Main).
func Start(t testing.TB) *Engine {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := embedded.Start(ctx, embedded.Options{Data: t.TempDir(), Kafka: "none", Postgres: "none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	o, err := clickhouse.ParseDSN(e.ClickHouse)
	if err != nil {
		t.Fatal(err)
	}
	o.Compression, o.MaxOpenConns, o.DialTimeout = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}, 16, 2*time.Second
	c, err := clickhouse.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &Engine{Conn: c, t: t, e: e}
}

// Crash kills the engine (SIGKILL) and waits until it serves again, on the same folder and port.
func (e *Engine) Crash() {
	e.t.Helper()
	if err := syscall.Kill(e.e.PIDs()["clickhouse"], syscall.SIGKILL); err != nil {
		e.t.Fatal(err)
	}
	for range 600 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := e.Conn.Ping(ctx)
		cancel()
		if err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	e.t.Fatal("the engine does not come back")
}

// Exec runs statements.
func (e *Engine) Exec(statements ...string) {
	e.t.Helper()
	for _, s := range statements {
		if err := e.Conn.Exec(context.Background(), s); err != nil {
			e.t.Fatalf("%s: %v", s, err)
		}
	}
}
