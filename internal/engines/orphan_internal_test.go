package engines

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Where the kernel has no parent-death signal, a Postgres can outlive its parent; the next start ends it first.
func TestAnOrphanedPostgresIsStoppedByTheNextStart(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "outrider-orphan-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as another user when we are root
		t.Fatal(err)
	}
	o := Options{Data: dir, Kafka: None, ClickHouse: None}
	e, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e.Stop()
	p := &postgres{native: e.install.postgres, data: filepath.Join(e.Data, Postgres)}
	if p.as, err = whoRunsPostgres(p.native, p.data); err != nil {
		t.Fatal(err)
	}
	cmd := p.prepareFolder(exec.Command(p.programPath("postgres"), "-D", p.data, "-p", "5432", "-c", "listen_addresses=", "-c", "unix_socket_directories="+dir))
	cmd.ExtraFiles, cmd.SysProcAttr = nil, &syscall.SysProcAttr{Credential: cmd.SysProcAttr.Credential}
	if err := os.Chmod(dir, 0o777); err != nil { // for the socket
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for began := time.Now(); readPostmaster(p.data) != cmd.Process.Pid; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("the orphan does not start")
		}
	}
	if e, err = Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if err := <-ended; err != nil {
		t.Errorf("the orphan was not stopped cleanly: %v", err)
	}
	if got := e.PIDs()[Postgres]; got == cmd.Process.Pid || !processAlive(got) {
		t.Errorf("process %d serves", got)
	}
}
