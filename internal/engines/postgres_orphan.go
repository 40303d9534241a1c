package engines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// readPostmaster is the process that serves data, 0 if none does; a pid file whose number has gone to another program
// doesn't count.
func readPostmaster(data string) int {
	f := pidFile(data)
	if len(f) < 2 || f[1] != data {
		return 0
	}
	pid, _ := strconv.Atoi(f[0])
	if pid <= 1 || !processAlive(pid) {
		return 0
	}
	if !strings.Contains(commandLine(pid), data) {
		return 0
	}
	return pid
}

func interruptPostmaster(data string) {
	if pid := readPostmaster(data); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGINT)
	}
}

// stopOrphan ends a Postgres that outlived its parent; we hold the folder's lock, so nobody uses it.
func stopOrphan(ctx context.Context, data string) error {
	pid := readPostmaster(data)
	if pid == 0 {
		return nil
	}
	_ = syscall.Kill(pid, syscall.SIGINT)
	for began := time.Now(); processAlive(pid); {
		if time.Since(began) > stopPatience {
			return fmt.Errorf("stop an earlier postgres (process %d): it does not end", pid)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// linkLibraries makes the version links of the shared libraries, which npm can't ship: the package's install script
// would, but install scripts are switched off.
func linkLibraries(native string) error {
	b, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var links []struct{ Source, Target string }
	if err == nil {
		err = json.Unmarshal(b, &links)
	}
	if err != nil {
		return fmt.Errorf("read the links of the Postgres libraries: %w", err)
	}
	root := filepath.Dir(native)
	for _, l := range links {
		target := filepath.Join(root, l.Target)
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		rel, err := filepath.Rel(filepath.Dir(target), filepath.Join(root, l.Source))
		if err == nil {
			err = os.Symlink(rel, target)
		}
		if err != nil && !errors.Is(err, os.ErrExist) { // another process may be doing the same
			return &Problem{What: "can't complete the Postgres installation in " + native, Fix: "run once as the user that ran `make engines`", Err: err}
		}
	}
	return nil
}
