package engines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const lockName = "outrider.lock"

// takeLock makes the data folder ours. Every child inherits the open file, so the lock outlives a killed parent until
// the last of its children is gone; a start right after such a death waits for them.
func takeLock(ctx context.Context, data string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(data, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unwritableProblem(data, err)
	}
	for began, asked := time.Now(), false; ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = f.Close()
			return nil, fmt.Errorf("lock data folder %s: %w", data, err)
		}
		pid := lockHolder(f)
		if pid == 0 || processAlive(pid) || time.Since(began) > 20*time.Second {
			_ = f.Close()
			return nil, inUse(data, pid)
		}
		if !asked && time.Since(began) > 2*time.Second {
			asked = true // engines that outlived their parent (no parent-death signal here)
			interruptPostmaster(filepath.Join(data, Postgres))
			killOrphanBrokers(data)
			killOrphanBrokers(filepath.Join(data, apacheFolder))
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("wait for the children of process %d to leave %s: %w", pid, data, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err := writePID(f); err != nil {
		_ = f.Close()
		return nil, unwritableProblem(data, err)
	}
	return f, nil
}

func inUse(data string, pid int) error {
	who := "another process"
	fix := "stop it, or choose another folder with --data"
	switch {
	case pid != 0 && !processAlive(pid):
		who = "children of process " + strconv.Itoa(pid) + ", which has died"
		fix = "end them (pgrep -fa internal-, pgrep -fa " + data + "), or choose another folder with --data"
	case pid != 0:
		who = "process " + strconv.Itoa(pid)
		fix = fmt.Sprintf("stop it (kill %d), or choose another folder with --data", pid)
	}
	return &Problem{What: "the data folder " + data + " is in use by " + who, Fix: fix}
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func lockHolder(f *os.File) int {
	b := make([]byte, 32)
	n, _ := f.ReadAt(b, 0)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	return pid
}

func processAlive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// Reset empties a data folder. It refuses a folder that is in use and one that no outrider has made.
func Reset(data string) error {
	if _, err := os.Stat(filepath.Join(data, lockName)); errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(data)
		if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
			return nil
		}
		return &Problem{What: data + " does not look like an outrider data folder (it has no " + lockName + ")", Fix: "empty it by hand if you mean it"}
	}
	f, err := takeLock(context.Background(), data)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	entries, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("list data folder %s: %w", data, err)
	}
	for _, e := range entries {
		if e.Name() == lockName {
			continue // it is what keeps others out while we work
		}
		if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
			return fmt.Errorf("empty data folder %s: %w", data, err)
		}
	}
	return nil
}
