// Package chtest gives tests a ClickHouse engine of their own, which they can kill.
package chtest

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Engine is a ClickHouse child on a data folder of its own.
type Engine struct {
	Conn driver.Conn

	t    testing.TB
	dir  string
	addr string
	cmd  *exec.Cmd
	in   io.Closer
}

// Start runs the command in OUTRIDER_TEST_CLICKHOUSE with -dir and -addr. It must print a line beginning with READY, speak
// ClickHouse's HTTP interface, and end when its standard input does.
func Start(t testing.TB) *Engine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{t: t, dir: t.TempDir(), addr: l.Addr().String()}
	_ = l.Close()
	e.start()
	e.Conn, err = clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{e.addr}, Compression: &clickhouse.Compression{Method: clickhouse.CompressionLZ4}, MaxOpenConns: 16, DialTimeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.Conn.Close()
		_ = e.in.Close()
		_ = e.cmd.Wait()
	})
	return e
}

func (e *Engine) start() {
	e.t.Helper()
	command := strings.Fields(os.Getenv("OUTRIDER_TEST_CLICKHOUSE"))
	if len(command) == 0 {
		e.t.Fatal("set OUTRIDER_TEST_CLICKHOUSE to the command of a ClickHouse child")
	}
	e.cmd = exec.Command(command[0], append(command[1:], "-dir", e.dir, "-addr", e.addr)...) //nolint:gosec // named by who runs the test
	e.cmd.Stderr = os.Stderr
	in, err := e.cmd.StdinPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.in = in
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "READY") {
		e.t.Fatalf("clickhouse child says %q: %v", line, err)
	}
}

// Crash kills the engine (SIGKILL) and starts it again on the same folder and port.
func (e *Engine) Crash() {
	e.t.Helper()
	_ = e.cmd.Process.Kill()
	_ = e.cmd.Wait()
	e.start()
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
