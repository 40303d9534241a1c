package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// lock holds a data folder for this process; the kernel lets go of it when the process ends, however it ends.
type lock struct{ f *os.File }

func lockFolder(data string) (*lock, error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder %s: %w; choose another with --data", data, err)
	}
	f, err := os.OpenFile(filepath.Join(data, "LOCK"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("write in the data folder %s: %w; choose another with --data", data, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		b, _ := os.ReadFile(f.Name())
		_ = f.Close()
		return nil, fmt.Errorf("the data folder %s is in use by process %s; stop it, or choose another with --data", data, strings.TrimSpace(string(b)))
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &lock{f}, nil
}

func (l *lock) release() { _ = l.f.Close() }

// Reset empties a data folder that nobody uses.
func Reset(data string) error {
	l, err := lockFolder(data)
	if err != nil {
		return err
	}
	defer l.release()
	entries, err := os.ReadDir(data)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	for _, e := range entries {
		if e.Name() == "LOCK" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(data, e.Name())); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	return nil
}
