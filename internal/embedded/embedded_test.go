package embedded_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/embedded"
)

// parentEnv makes the test binary a program that starts the engines in a folder and says so, to be killed.
const parentEnv = "OUTRIDER_TEST_PARENT"

func TestMain(m *testing.M) {
	embedded.RunChild()
	if dir := os.Getenv(parentEnv); dir != "" {
		e, err := embedded.Start(context.Background(), embedded.Options{Data: dir})
		if err != nil {
			fmt.Println("ERROR", err)
			os.Exit(1)
		}
		b, _ := json.Marshal(e.PIDs())
		fmt.Println(string(b))
		select {}
	}
	os.Exit(m.Run())
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

func start(t *testing.T, dir string) *embedded.Engines {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	e, err := embedded.Start(ctx, embedded.Options{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("up after %v: %v", time.Since(began).Round(time.Millisecond), e.Boot)
	return e
}

// record puts a value in every engine; held says which have it.
func record(ctx context.Context, e *embedded.Engines, v string) error {
	k, err := kgo.NewClient(kgo.SeedBrokers(e.Kafka), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer k.Close()
	_, _ = kadm.NewClient(k).CreateTopic(ctx, 1, 1, nil, "t")
	if err := k.ProduceSync(ctx, &kgo.Record{Topic: "t", Value: []byte(v)}).FirstErr(); err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	pg, err := pgx.Connect(ctx, e.Postgres)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	defer func() { _ = pg.Close(ctx) }()
	if _, err := pg.Exec(ctx, `create table if not exists t (v text)`); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if _, err := pg.Exec(ctx, `insert into t values ($1)`, v); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	ch, err := openClickHouse(e.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	if err := ch.Exec(ctx, `CREATE TABLE IF NOT EXISTS t (v String) ENGINE = MergeTree ORDER BY v`); err != nil {
		return fmt.Errorf("clickhouse: %w", err)
	}
	if err := ch.Exec(ctx, `INSERT INTO t VALUES (?)`, v); err != nil {
		return fmt.Errorf("clickhouse: %w", err)
	}
	return nil
}

func openClickHouse(url string) (clickhouse.Conn, error) {
	o, err := clickhouse.ParseDSN(url)
	if err != nil {
		return nil, err
	}
	return clickhouse.Open(o)
}

func count(t *testing.T, e *embedded.Engines) [3]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var n [3]int
	k, err := kgo.NewClient(kgo.SeedBrokers(e.Kafka), kgo.ConsumeTopics("t"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	ends, err := kadm.NewClient(k).ListEndOffsets(ctx, "t")
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup("t", 0)
	for n[0] < int(end.Offset) {
		f := k.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatal("kafka: records don't come")
		}
		n[0] += f.NumRecords()
	}
	pg, err := pgx.Connect(ctx, e.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pg.Close(ctx) }()
	if err := pg.QueryRow(ctx, `select count(*) from t`).Scan(&n[1]); err != nil {
		t.Fatal(err)
	}
	ch, err := openClickHouse(e.ClickHouse)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ch.Close() }()
	var c uint64
	if err := ch.QueryRow(ctx, `SELECT count() FROM t`).Scan(&c); err != nil {
		t.Fatal(err)
	}
	n[2] = int(c)
	return n
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

// until waits for a condition that another process brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1500 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("did not happen: " + what)
}

func TestEnginesKeepWhatTheyWereGiven(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	e := start(t, dir)
	if err := record(t.Context(), e, "one"); err != nil {
		t.Fatal(err)
	}
	addresses := [3]string{e.Kafka, e.Postgres, e.ClickHouse}

	if _, err := embedded.Start(t.Context(), embedded.Options{Data: dir}); err == nil || !strings.Contains(err.Error(), "in use by process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("a second start on the same folder: %v", err)
	}
	if err := embedded.Reset(dir); err == nil {
		t.Error("a folder in use was emptied")
	}

	for name, pid := range e.PIDs() { // a killed child comes back on its port
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, name+" is back", func() bool { return e.PIDs()[name] != pid && alive(e.PIDs()[name]) })
	}
	until(t, "all engines take records again", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		return record(ctx, e, "two") == nil
	})
	for i, n := range count(t, e) {
		if n < 2 {
			t.Errorf("engine %d has %d records", i, n)
		}
	}
	pids := e.PIDs()
	e.Stop()
	for name, pid := range pids {
		if alive(pid) {
			t.Errorf("%s runs on after Stop", name)
		}
	}

	again := start(t, dir) // warm
	defer again.Stop()
	if got := [3]string{again.Kafka, again.Postgres, again.ClickHouse}; got != addresses {
		t.Errorf("addresses changed from %v to %v", addresses, got)
	}
	for i, n := range count(t, again) {
		if n < 2 {
			t.Errorf("after a restart engine %d has %d records", i, n)
		}
	}
}

func TestAKilledParentLeavesNoChild(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), parentEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pids map[string]int
	if err := json.Unmarshal([]byte(line), &pids); err != nil || len(pids) != 3 {
		t.Fatalf("parent said %q", line)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for name, pid := range pids {
		until(t, name+" ends with its parent", func() bool { return !alive(pid) })
	}
	start(t, dir).Stop() // and the folder is free
}

func TestWhatIsMissingIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    embedded.Options
		want string
	}{
		"engines that are not installed": {embedded.Options{Data: folder(t), Engines: filepath.Join(folder(t), "nowhere"), Kafka: "none"}, "run `make engines`"},
		"an empty engines folder":        {embedded.Options{Data: folder(t), Engines: folder(t), Kafka: "none"}, "run `make engines`"},
		"a data folder that is a file":   {embedded.Options{Data: file}, "--data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := embedded.Start(t.Context(), c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
}
