package engines_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"outrider/internal/engines"
)

func allEngines() []string { return []string{engines.Kafka, engines.Postgres, engines.ClickHouse} }

func TestDataAndAddressesStayBetweenStarts(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cold := start(t, engines.Options{Data: dir})
	addresses := []string{cold.Kafka, cold.Postgres, cold.ClickHouse}
	pids := cold.PIDs()
	cold.Stop()
	cold.Stop() // again: nothing
	for name, pid := range pids {
		if running(pid) {
			t.Errorf("%s runs on after Stop", name)
		}
	}
	warm := start(t, engines.Options{Data: dir})
	if got := []string{warm.Kafka, warm.Postgres, warm.ClickHouse}; !slices.Equal(got, addresses) {
		t.Errorf("addresses changed from %v to %v", addresses, got)
	}
	for _, name := range allEngines() {
		if got := held(t, warm, name); !slices.Equal(got, []string{"first"}) {
			t.Errorf("%s has %v", name, got)
		}
	}
	warm.Stop()
	if err := engines.Reset(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 { // the lock
		t.Errorf("reset left %v", left)
	}
}

// Each engine is written to all the time and killed with SIGKILL three times: what it acknowledged is there, on the
// same port.
func TestAKilledChildComesBackWithAllItAcknowledged(t *testing.T) {
	t.Parallel()
	e := start(t, engines.Options{Data: folder(t)})
	for name, put := range puts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			var n atomic.Int64
			var acked []string
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					v := "value " + strconv.Itoa(i)
					one, stop := context.WithTimeout(t.Context(), 5*time.Second)
					if put(one, e, v) == nil {
						acked = append(acked, v)
						n.Add(1)
					}
					stop()
				}
			})
			for range 3 {
				more := n.Load() + 5
				until(t, "five more are acknowledged", func() bool { return n.Load() >= more })
				before := e.PIDs()[name]
				killed := time.Now()
				if err := e.Kill(name); err != nil {
					t.Fatal(err)
				}
				if err := e.WaitReady(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				t.Logf("back after %v", time.Since(killed).Round(time.Millisecond))
				if after := e.PIDs()[name]; after == before || running(before) {
					t.Fatalf("process %d was not replaced", before)
				}
			}
			more := n.Load() + 5
			until(t, "five more are acknowledged", func() bool { return n.Load() >= more })
			cancel()
			wg.Wait()
			got := held(t, e, name)
			for _, v := range acked {
				if _, ok := slices.BinarySearch(got, v); !ok {
					t.Errorf("%q was acknowledged and is lost", v)
				}
			}
			t.Logf("%d acknowledged, %d there", len(acked), len(got)-1)
		})
	}
}

// child runs this test binary as a parent of engines, as a user (0: ourselves).
func child(t *testing.T, dir string, uid uint32, more ...string) (*exec.Cmd, io.Closer, said) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if uid != 0 {
		exe = copied(t, exe)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), parentEnv+"="+dir, "HOME="+dir)
	cmd.Env = append(cmd.Env, more...)
	cmd.Stderr = os.Stderr
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var s said
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&s); err != nil {
		t.Fatal(err)
	}
	if s.Error != "" {
		t.Fatal(s.Error)
	}
	return cmd, in, s
}

func TestAKilledParentLeavesNoChild(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, _, s := child(t, dir, 0)
	_, err := engines.Start(t.Context(), engines.Options{Data: dir})
	if want := fmt.Sprintf("in use by process %d", cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a second start: %v", err)
	}
	if err := engines.Reset(dir); err == nil {
		t.Error("a folder in use was emptied")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for name, pid := range s.PIDs {
		until(t, name+" ends with its parent", func() bool { return !running(pid) })
	}
	e := start(t, engines.Options{Data: dir})
	for _, name := range allEngines() {
		if got := held(t, e, name); !slices.Contains(got, "from the parent") {
			t.Errorf("%s has %v", name, got)
		}
	}
}

// A child that has not ended yet still has its files open: nobody else may have them. Here we are that child.
func TestAStartWaitsForTheChildrenOfADeadParent(t *testing.T) {
	t.Parallel()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	o := engines.Options{Data: folder(t), Kafka: engines.None, Postgres: engines.None, ClickHouse: engines.None}
	f, err := os.OpenFile(filepath.Join(o.Data, "outrider.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintln(f, dead.Process.Pid)
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := engines.Start(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("started while a child was left: %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		e, err := engines.Start(t.Context(), o)
		if err == nil {
			e.Stop()
		}
		ended <- err
	}()
	_ = f.Close() // the child ends
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestEveryChildHoldsTheFolder(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("only Linux shows open files")
	}
	dir := folder(t)
	e := start(t, engines.Options{Data: dir})
	for name, pid := range e.PIDs() {
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(links, func(l string) bool {
			to, _ := os.Readlink(l)
			return to == filepath.Join(dir, "outrider.lock")
		}) {
			t.Errorf("%s doesn't hold the lock", name)
		}
	}
}

const nobody = 65534

func TestAPlainUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("all other tests run as a plain user already")
	}
	dir := folder(t)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd, in, s := child(t, filepath.Join(dir, "data"), nobody)
	if s.User != nobody {
		t.Errorf("ran as %d", s.User)
	}
	t.Logf("up after %v", s.Took.Round(time.Millisecond))
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	for name, pid := range s.PIDs {
		if running(pid) {
			t.Errorf("%s outlives its parent", name)
		}
	}
}

func TestRootInAClosedFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	e, err := engines.Start(t.Context(), engines.Options{Data: filepath.Join(dir, "data"), Kafka: engines.None, ClickHouse: engines.None})
	if err != nil && strings.Contains(err.Error(), "can't enter") {
		t.Skip("no capability to pass closed folders here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if err := puts()[engines.Postgres](t.Context(), e, "first"); err != nil {
		t.Error(err)
	}
}

// copied puts the test binary where every user may run it.
func copied(t *testing.T, exe string) string {
	t.Helper()
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(folder(t), "parent.test")
	if err := os.WriteFile(to, b, 0o755); err != nil { // to be run by another user
		t.Fatal(err)
	}
	return to
}

func TestWhatIsWrongIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	taken := l.Addr().(*net.TCPAddr).Port
	none := engines.Options{Kafka: engines.None, Postgres: engines.None, ClickHouse: engines.None}
	for name, c := range map[string]struct {
		change func(*engines.Options)
		want   string
	}{
		"engines in no folder":         {func(o *engines.Options) { o.Engines, o.Postgres = "/nowhere", "" }, "the embedded postgres is not installed"},
		"a folder without ClickHouse":  {func(o *engines.Options) { o.Engines, o.ClickHouse = folder(t), "" }, "the embedded clickhouse is not installed"},
		"a data folder that is a file": {func(o *engines.Options) { o.Data = file }, "is not a folder"},
		"a data folder in /proc":       {func(o *engines.Options) { o.Data = "/proc/outrider" }, "can't be written"},
		"a port that is taken, kafka":  {func(o *engines.Options) { o.Kafka, o.KafkaPort = "", taken }, fmt.Sprintf("port %d for kafka is taken", taken)},
		"a port that is taken, postgres": {func(o *engines.Options) { o.Postgres, o.PostgresPort = "", taken },
			fmt.Sprintf("port %d for postgres is taken", taken)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := none
			o.Data = folder(t)
			c.change(&o)
			_, err := engines.Start(t.Context(), o)
			var p *engines.Problem
			if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v", err)
			}
			if o.Data == file || strings.HasPrefix(o.Data, "/proc") {
				return
			}
			again := none
			again.Data = o.Data
			e, err := engines.Start(t.Context(), again) // the folder was let go
			if err != nil {
				t.Fatal(err)
			}
			e.Stop()
		})
	}
}

func TestAddressesOfOtherEnginesArePassedOn(t *testing.T) {
	t.Parallel()
	e, err := engines.Start(t.Context(), engines.Options{Data: folder(t), Kafka: "a:9092,b:9092", Postgres: "postgres://db.test/x", ClickHouse: "http://ch.test:8123"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if e.Kafka != "a:9092,b:9092" || e.Postgres != "postgres://db.test/x" || e.ClickHouse != "http://ch.test:8123" || len(e.PIDs()) != 0 {
		t.Errorf("%+v", e)
	}
	if err := e.Kill(engines.Kafka); err == nil {
		t.Error("a foreign engine was killed")
	}
}
