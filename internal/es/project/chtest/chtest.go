// Package chtest gives tests of projections a ClickHouse engine of their own, which they can kill, and a Postgres server.
package chtest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/engines"
)

// postgresEnv is what postgrestest reads.
const postgresEnv = "OUTRIDER_TEST_POSTGRES"

// Main is the body of a TestMain: it runs engine children, and gives postgrestest a server if none is named.
func Main(m *testing.M) {
	engines.RunChild()
	os.Exit(runWithPostgres(m))
}

func runWithPostgres(m *testing.M) int {
	if os.Getenv(postgresEnv) != "" {
		return m.Run()
	}
	dir, err := makeFolder()
	if err == nil {
		defer os.RemoveAll(dir)
		var e *engines.Engines
		e, err = engines.Start(context.Background(), engines.Options{Data: dir, Kafka: engines.None, ClickHouse: engines.None, PostgresSettings: map[string]string{"fsync": "off", "max_connections": "300"}})
		if err == nil {
			defer e.Stop()
			err = os.Setenv(postgresEnv, e.Postgres)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func makeFolder() (string, error) {
	dir, err := os.MkdirTemp("", "outrider-test-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // Postgres runs as another user when we are root
}

// Engine is a ClickHouse child on a data folder of its own.
type Engine struct {
	Conn driver.Conn
	URL  string // for clickhouse.Open

	t       testing.TB
	engines *engines.Engines
}

// Start ends with the test.
func Start(t testing.TB) *Engine {
	t.Helper()
	dir, err := makeFolder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	e, err := engines.Start(context.Background(), engines.Options{Data: dir, Kafka: engines.None, Postgres: engines.None})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	options, err := clickhouse.ParseDSN(e.ClickHouse)
	if err != nil {
		t.Fatal(err)
	}
	options.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	options.MaxOpenConns, options.DialTimeout = 16, 2*time.Second
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Engine{Conn: conn, URL: e.ClickHouse, t: t, engines: e}
}

// Crash kills the engine (SIGKILL) and returns when it is back, on the same folder and port.
func (e *Engine) Crash() {
	e.t.Helper()
	if err := e.engines.Kill(engines.ClickHouse); err != nil {
		e.t.Fatal(err)
	}
	if err := e.engines.WaitReady(context.Background(), engines.ClickHouse); err != nil {
		e.t.Fatal(err)
	}
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
