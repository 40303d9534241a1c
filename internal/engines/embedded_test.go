package engines_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/clickhouse"
	"outrider/internal/engines"
	"outrider/internal/retry"
)

// parentEnv makes the test binary a program that starts the engines in a folder and says so, to be killed.
const parentEnv = "OUTRIDER_TEST_PARENT"

// parentKafkaEnv is the kind of its broker.
const parentKafkaEnv = "OUTRIDER_TEST_PARENT_KAFKA"

func TestMain(m *testing.M) {
	engines.RunChild()
	if dir := os.Getenv(parentEnv); dir != "" {
		parent(dir)
	}
	os.Exit(m.Run())
}

// parent prints one line of JSON (said) and stays until its standard input ends.
func parent(dir string) {
	began := time.Now()
	e, err := engines.Start(context.Background(), engines.Options{Data: dir, Kafka: os.Getenv(parentKafkaEnv), KafkaQuick: true})
	var s said
	if err == nil {
		s = said{PIDs: e.PIDs(), Took: time.Since(began), User: os.Getuid()}
		err = put(context.Background(), e, "from the parent")
	}
	if err != nil {
		s.Error = err.Error()
	}
	b, _ := json.Marshal(s)
	fmt.Println(string(b))
	_, _ = os.Stdin.Read(make([]byte, 1))
	if e != nil {
		e.Stop()
	}
	os.Exit(0)
}

type said struct {
	PIDs  map[string]int
	Took  time.Duration
	User  int
	Error string
}

func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "outrider-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func start(t *testing.T, o engines.Options) *engines.Engines {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	began := time.Now()
	e, err := engines.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	took := time.Since(began)
	if err := put(ctx, e, "first"); err != nil {
		t.Fatal(err)
	}
	t.Logf("up after %v, a record in each after %v; %v; resident MB %v", took.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), e.Boot, resident(e))
	return e
}

// put writes a value to every engine and returns when each has acknowledged it.
func put(ctx context.Context, e *engines.Engines, v string) error {
	var errs []error
	for name, f := range puts() {
		if err := f(ctx, e, v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

type putter = func(ctx context.Context, e *engines.Engines, v string) error

func puts() map[string]putter {
	return map[string]putter{
		engines.Kafka: func(ctx context.Context, e *engines.Engines, v string) error {
			k, err := kgo.NewClient(kgo.SeedBrokers(e.Kafka), kgo.MetadataMinAge(50*time.Millisecond))
			if err != nil {
				return err
			}
			defer k.Close()
			if r, err := kadm.NewClient(k).CreateTopic(ctx, 1, 1, nil, "t"); err != nil && r.ErrMessage == "" && !strings.Contains(err.Error(), "already exists") {
				return err
			}
			return k.ProduceSync(ctx, &kgo.Record{Topic: "t", Value: []byte(v)}).FirstErr()
		},
		engines.Postgres: func(ctx context.Context, e *engines.Engines, v string) error {
			c, err := pgx.Connect(ctx, e.Postgres)
			if err != nil {
				return err
			}
			defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
			if _, err := c.Exec(ctx, `create table if not exists t (v text)`); err != nil {
				return err
			}
			_, err = c.Exec(ctx, `insert into t values ($1)`, v)
			return err
		},
		engines.ClickHouse: func(ctx context.Context, e *engines.Engines, v string) error {
			c, err := clickhouse.Open(e.ClickHouse)
			if err != nil {
				return err
			}
			defer func() { _ = c.Close() }()
			if err := c.Exec(ctx, `CREATE TABLE IF NOT EXISTS t (v String) ENGINE = MergeTree ORDER BY v`); err != nil {
				return err
			}
			return c.Exec(ctx, `INSERT INTO t VALUES (?)`, v)
		},
	}
}

// held is what an engine has, sorted, each value once.
func held(t *testing.T, e *engines.Engines, name string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var vs []string
	var err error
	switch name {
	case engines.Kafka:
		vs, err = consumed(ctx, e.Kafka)
	case engines.Postgres:
		var c *pgx.Conn
		if c, err = pgx.Connect(ctx, e.Postgres); err != nil {
			break
		}
		defer func() { _ = c.Close(ctx) }()
		rows, _ := c.Query(ctx, `select v from t`)
		vs, err = pgx.CollectRows(rows, pgx.RowTo[string])
	case engines.ClickHouse:
		c, openErr := clickhouse.Open(e.ClickHouse)
		if openErr != nil {
			t.Fatal(openErr)
		}
		defer func() { _ = c.Close() }()
		err = c.QueryRow(ctx, `SELECT groupArray(v) FROM t`).Scan(&vs)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	slices.Sort(vs)
	return slices.Compact(vs) // the broker may repeat a record when it was killed before its answer
}

func consumed(ctx context.Context, seeds string) (vs []string, err error) {
	k, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(seeds, ",")...), kgo.ConsumeTopics("t"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	defer k.Close()
	var ends kadm.ListedOffsets
	for { // brokers that come back don't know all at once who leads
		if ends, err = kadm.NewClient(k).ListEndOffsets(ctx, "t"); err == nil {
			err = ends.Error()
		}
		if err == nil {
			break
		}
		if retry.Sleep(ctx, 100*time.Millisecond) != nil {
			return nil, err
		}
	}
	end, _ := ends.Lookup("t", 0)
	for next := int64(0); next < end.Offset; {
		f := k.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.EachRecord(func(r *kgo.Record) {
			vs = append(vs, string(r.Value))
			next = r.Offset + 1
		})
	}
	return vs, nil
}

func resident(e *engines.Engines) map[string]int {
	mb := map[string]int{}
	for name, pid := range e.PIDs() {
		b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		_, rest, _ := strings.Cut(string(b), "VmRSS:")
		if f := strings.Fields(rest); len(f) > 0 {
			kb, _ := strconv.Atoi(f[0])
			mb[name] = kb >> 10
		}
	}
	return mb
}

// running says whether a process exists and is not only waiting to be reaped.
func running(pid int) bool {
	if b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
		return !strings.Contains(string(b), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}

// until waits for what another process brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("did not happen: " + what)
}
