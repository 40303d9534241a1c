// Package chtest gives tests of projections a ClickHouse database of their own, or an engine of their own, which they can kill.
package chtest

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/engines"
	"outrider/internal/engines/enginestest"
)

// Main is the body of a TestMain.
func Main(m *testing.M) { enginestest.Main(m) }

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
	engines *engines.Engines // nil: it isn't the test's own
}

// Start starts an engine that ends with the test, for one that kills it. See Share.
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
	return connect(t, e, e.ClickHouse)
}

// Share gives a new database of the engine that tests share. It is dropped, with what was built beside it, when the test ends.
func Share(t testing.TB) *Engine {
	t.Helper()
	at := enginestest.ClickHouse(t)
	server := connect(t, nil, at)
	name := "test" + strings.ReplaceAll(uuid.NewString(), "-", "")
	server.Exec("CREATE DATABASE " + name)
	t.Cleanup(func() { server.dropDatabases(name) })
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return connect(t, nil, u.String())
}

// dropDatabases drops a database and those whose names begin with its own.
func (e *Engine) dropDatabases(name string) {
	e.t.Helper()
	rows, err := e.Conn.Query(context.Background(), `SELECT name FROM system.databases WHERE startsWith(name, $1)`, name)
	if err != nil {
		e.t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var n string
		err = errors.Join(err, rows.Scan(&n))
		names = append(names, n)
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		e.t.Fatal(err)
	}
	for _, n := range names {
		e.Exec("DROP DATABASE " + n)
	}
}

func connect(t testing.TB, e *engines.Engines, at string) *Engine {
	t.Helper()
	options, err := clickhouse.ParseDSN(at)
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
	return &Engine{Conn: conn, URL: at, t: t, engines: e}
}

// Crash kills an engine of Start (SIGKILL) and returns when it is back, on the same folder and port.
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
