package engines

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func (p *postgres) spawnProcess(ctx context.Context) (*process, error) {
	if err := stopOrphan(ctx, p.data); err != nil {
		return nil, err
	}
	args := []string{"-D", p.data, "-p", strconv.Itoa(p.port)}
	for _, k := range slices.Sorted(maps.Keys(p.settings)) {
		args = append(args, "-c", k+"="+p.settings[k])
	}
	log, err := openLog(p.logPath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	from, _ := log.Seek(0, 2)
	cmd := p.prepareFolder(exec.Command(p.programPath("postgres"), args...)) //nolint:noctx // our own installation; it outlives the context
	cmd.Stdout, cmd.Stderr = log, log
	r, err := launchProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	r.stop = func() { _ = cmd.Process.Signal(syscall.SIGINT) } // fast shutdown
	if err := p.awaitAnswer(ctx, r); err != nil {
		r.kill()
		<-r.exited
		b, _ := os.ReadFile(p.logPath)
		return nil, fmt.Errorf("start postgres: %w: %s", err, strings.Join(strings.Fields(string(b[min(int(from), len(b)):])), " "))
	}
	return r, nil
}

// awaitAnswer looks for the line that the postmaster writes into its pid file when it takes connections.
func (p *postgres) awaitAnswer(ctx context.Context, r *process) error {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		if f := pidFile(p.data); len(f) >= 8 && f[0] == strconv.Itoa(r.pid) && strings.TrimSpace(f[7]) == "ready" {
			return nil
		}
		select {
		case <-r.exited:
			return fmt.Errorf("it ended with %w", r.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func pidFile(data string) []string {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return nil
	}
	return strings.Split(string(b), "\n")
}
