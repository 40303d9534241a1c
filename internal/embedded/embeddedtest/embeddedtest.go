// Package embeddedtest gives tests the real engines: one set a test process, started when first asked for.
package embeddedtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"outrider/internal/embedded"
)

var (
	mu      sync.Mutex                       //nolint:gochecknoglobals // one set of engines a test process
	started = map[string]*embedded.Engines{} //nolint:gochecknoglobals // as above
	folders []string                         //nolint:gochecknoglobals // as above
)

// Main is the body of a TestMain: it runs engine children, then the tests, then stops what they started.
func Main(m *testing.M) {
	embedded.RunChild()
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	for _, e := range started {
		e.Stop()
	}
	for _, f := range folders {
		_ = os.RemoveAll(f)
	}
	os.Exit(code)
}

// Kafka gives the seeds of the shared broker.
func Kafka(t testing.TB) string { return start(t, "kafka").Kafka }

// Postgres gives the URL of the shared Postgres' owner.
func Postgres(t testing.TB) string { return start(t, "postgres").Postgres }

// ClickHouse gives the URL of the shared ClickHouse.
func ClickHouse(t testing.TB) string { return start(t, "clickhouse").ClickHouse }

// Engine gives one running engine ("kafka", "postgres", "clickhouse"), for tests that kill it.
func Engine(t testing.TB, name string) *embedded.Engines { return start(t, name) }

func start(t testing.TB, name string) *embedded.Engines {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if e := started[name]; e != nil {
		return e
	}
	dir, err := os.MkdirTemp("", "outrider-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // Postgres runs as another user when we are root
		t.Fatal(err)
	}
	folders = append(folders, dir)
	o := embedded.Options{Data: dir, Kafka: "none", Postgres: "none", ClickHouse: "none"}
	switch name {
	case "kafka":
		o.Kafka = embedded.Embedded
	case "postgres":
		o.Postgres = embedded.Embedded
	case "clickhouse":
		o.ClickHouse = embedded.Embedded
	default:
		panic(fmt.Sprintf("no engine %q", name))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := embedded.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	started[name] = e
	return e
}
