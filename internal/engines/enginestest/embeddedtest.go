// Package enginestest gives tests the real engines: one of each a test process, started when first asked for.
package enginestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"outrider/internal/disk"
	"outrider/internal/engines"
)

// shared is an engine that the tests of a process share.
type shared struct {
	once   sync.Once
	folder string
	e      *engines.Engines
	err    error
}

//nolint:gochecknoglobals // one of each a test process is the point
var (
	kafka      shared
	postgres   shared
	clickhouse shared
)

// Main is the body of a TestMain: it runs engine children, then the tests, then stops what they started.
func Main(m *testing.M) {
	engines.RunChild()
	code := m.Run()
	var wg sync.WaitGroup
	for _, s := range []*shared{&kafka, &postgres, &clickhouse} {
		wg.Go(s.stopEngine)
	}
	wg.Wait()
	os.Exit(code)
}

// KafkaVariable has the address of the Kafka that tests use; without it they run brokers of their own (kfake). See
// withkafka.
const KafkaVariable = "OUTRIDER_TEST_KAFKA"

// Kafka gives the seeds of the shared broker.
func Kafka(t testing.TB) string {
	t.Helper()
	if at := os.Getenv(KafkaVariable); at != "" {
		return at
	}
	return Engine(t, engines.Kafka).Kafka
}

// NeedApacheKafka skips the test where Java or the jars are missing. With CI=true the test fails then.
func NeedApacheKafka(t testing.TB) {
	t.Helper()
	switch err := engines.CanRunApache(t.Context()); {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip("NOT TESTED ON APACHE KAFKA: ", err)
	}
}

// ApacheKafka starts an Apache Kafka that the test may kill and freeze; it ends with the test. See NeedApacheKafka.
func ApacheKafka(t testing.TB, o engines.ApacheOptions) *engines.ApacheCluster {
	t.Helper()
	NeedApacheKafka(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	o.Quick = true
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	c, err := engines.StartApache(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// Postgres gives the URL of the shared Postgres' owner. It doesn't fsync: a test's data need not survive a power cut.
func Postgres(t testing.TB) string { return Engine(t, engines.Postgres).Postgres }

// ClickHouse gives the DSN of the shared ClickHouse.
func ClickHouse(t testing.TB) string { return Engine(t, engines.ClickHouse).ClickHouse }

// Engine gives one running engine (engines.Kafka, Postgres, ClickHouse), for tests that kill it.
func Engine(t testing.TB, name string) *engines.Engines {
	t.Helper()
	o := engines.Options{Kafka: engines.None, Postgres: engines.None, ClickHouse: engines.None}
	var s *shared
	switch name {
	case engines.Kafka:
		s, o.Kafka = &kafka, engines.Embedded
	case engines.Postgres:
		s, o.Postgres = &postgres, engines.Embedded
		o.PostgresSettings = map[string]string{"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
	case engines.ClickHouse:
		s, o.ClickHouse = &clickhouse, engines.Embedded
	default:
		t.Fatalf("no engine is called %q", name)
	}
	s.once.Do(func() { s.startEngine(o) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.e
}

func (s *shared) startEngine(o engines.Options) {
	if s.folder, s.err = os.MkdirTemp(inMemory(), fmt.Sprintf("outrider-test-%d-", os.Getpid())); s.err != nil {
		return
	}
	if s.err = os.Chmod(s.folder, 0o755); s.err != nil { // Postgres runs as another user when we are root
		return
	}
	o.Data = s.folder
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.e, s.err = engines.Start(ctx, o)
}

// roomInMemory is how many bytes must be free in a file system in memory for engines to keep their data in it.
const roomInMemory = 2 << 30

// inMemory returns a folder of a file system in memory, or "" for the usual one: copying a database there takes a tenth of the time,
// and a test's data need not outlive it.
func inMemory() string {
	const shm = "/dev/shm"
	if free, err := disk.Free(shm); err != nil || free < roomInMemory || os.Getenv("TMPDIR") != "" {
		return ""
	}
	removeLeftovers(shm)
	return shm
}

// removeLeftovers deletes what test processes that were killed left in memory.
func removeLeftovers(folder string) {
	left, _ := filepath.Glob(filepath.Join(folder, "outrider-test-*"))
	for _, f := range left {
		pid := 0
		if n, _ := fmt.Sscanf(filepath.Base(f), "outrider-test-%d-", &pid); n == 1 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(f)
		}
	}
}

func (s *shared) stopEngine() {
	if s.e != nil {
		s.e.Stop()
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
	}
}
