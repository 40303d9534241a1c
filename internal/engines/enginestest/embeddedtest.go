// Package enginestest gives tests the real engines: those of withengines, which all packages share, else one of each a test process, started
// when first asked for.
package enginestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// The addresses of engines that all packages share (see withengines). Without them each test process starts its own; its Kafka is kfake then.
const (
	KafkaVariable      = "OUTRIDER_TEST_KAFKA"
	PostgresVariable   = "OUTRIDER_TEST_POSTGRES"
	ClickHouseVariable = "OUTRIDER_TEST_CLICKHOUSE"
)

// Kafka gives the seeds of the shared broker.
func Kafka(t testing.TB) string {
	t.Helper()
	if at := os.Getenv(KafkaVariable); at != "" {
		return at
	}
	return startOwn(t, engines.Kafka).Kafka
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
func Postgres(t testing.TB) string {
	t.Helper()
	if at := os.Getenv(PostgresVariable); at != "" {
		return at
	}
	return startOwn(t, engines.Postgres).Postgres
}

// ClickHouse gives the DSN of the shared ClickHouse.
func ClickHouse(t testing.TB) string {
	t.Helper()
	if at := os.Getenv(ClickHouseVariable); at != "" {
		return at
	}
	return startOwn(t, engines.ClickHouse).ClickHouse
}

// startOwn gives one running engine of this process.
func startOwn(t testing.TB, name string) *engines.Engines {
	t.Helper()
	s := map[string]*shared{engines.Kafka: &kafka, engines.Postgres: &postgres, engines.ClickHouse: &clickhouse}[name]
	s.once.Do(func() { s.startEngine(name) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.e
}

// IsShared reports whether this process was told of an engine that is for the tests of many.
func IsShared(name string) bool {
	return os.Getenv(map[string]string{engines.Kafka: KafkaVariable, engines.Postgres: PostgresVariable, engines.ClickHouse: ClickHouseVariable}[name]) != ""
}

// StartShared starts an engine for the tests of many processes, and gives the environment variable that tells them of it. Kafka is Apache's.
func StartShared(ctx context.Context, name string) (variable string, stop func(), err error) {
	if name == engines.Kafka {
		data, err := os.MkdirTemp("", "outrider-test-kafka-")
		if err != nil {
			return "", nil, fmt.Errorf("make a data folder: %w", err)
		}
		c, err := engines.StartApache(ctx, engines.ApacheOptions{Data: data, Quick: true})
		if err != nil {
			return "", nil, errors.Join(err, os.RemoveAll(data))
		}
		return KafkaVariable + "=" + strings.Join(c.Seeds(), ","), func() { c.Stop(); _ = os.RemoveAll(data) }, nil
	}
	var s shared
	if s.startEngine(name); s.err != nil {
		s.stopEngine()
		return "", nil, s.err
	}
	if name == engines.Postgres {
		return PostgresVariable + "=" + s.e.Postgres, s.stopEngine, nil
	}
	return ClickHouseVariable + "=" + s.e.ClickHouse, s.stopEngine, nil
}

// optionsFor run one engine and nothing else.
func optionsFor(name string) (o engines.Options, _ error) {
	o = engines.Options{Kafka: engines.None, Postgres: engines.None, ClickHouse: engines.None}
	switch name {
	case engines.Kafka:
		o.Kafka = engines.Embedded
	case engines.Postgres:
		o.Postgres = engines.Embedded
		o.PostgresSettings = map[string]string{"fsync": "off", "full_page_writes": "off", "max_connections": "600"}
	case engines.ClickHouse:
		o.ClickHouse = engines.Embedded
	default:
		return o, fmt.Errorf("no engine is called %q", name)
	}
	return o, nil
}

func (s *shared) startEngine(name string) {
	o, err := optionsFor(name)
	if err != nil {
		s.err = err
		return
	}
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
