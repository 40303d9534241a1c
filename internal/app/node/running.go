package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Running is what `outrider dev` says of itself, on standard output with --json and in running.json of its data folder, so
// that other commands find it.
type Running struct {
	URL         string `json:"url"`
	Operations  string `json:"operations"` // host:port of /metrics and the details of /readyz
	PlatformKey string `json:"platform_key"`
	Kafka       string `json:"kafka"`
	Postgres    string `json:"postgres"`     // as its owner
	PostgresAPI string `json:"postgres_api"` // as the api role, under row-level security
	ClickHouse  string `json:"clickhouse"`
	Blobs       string `json:"blobs"`
	Data        string `json:"data"`
	PID         int    `json:"pid"`
	BootMS      int64  `json:"boot_ms"`
}

// Write leaves it for other commands; it holds a password, so it is for its owner only.
func (r Running) Write(data string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write running.json: %w", err)
	}
	if err := os.WriteFile(runningFile(data), b, 0o600); err != nil {
		return fmt.Errorf("write running.json: %w", err)
	}
	return nil
}

// Forget takes it away when the process ends.
func Forget(data string) error {
	if err := os.Remove(runningFile(data)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove running.json: %w", err)
	}
	return nil
}

func runningFile(data string) string { return filepath.Join(data, "running.json") }

// ErrNotRunning says that no `outrider dev` runs on the data folder, as far as its file tells.
var ErrNotRunning = errors.New("no outrider dev runs here")

// FindRunning reads what `outrider dev` wrote about itself into the data folder; ErrNotRunning when it wrote nothing.
func FindRunning(data string) (Running, error) {
	var r Running
	b, err := os.ReadFile(runningFile(data))
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("%w: %s has no running.json; start it, or name the address by flag", ErrNotRunning, data)
	}
	if err != nil {
		return r, fmt.Errorf("read running.json: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", runningFile(data), err)
	}
	if err := syscall.Kill(r.PID, 0); errors.Is(err, syscall.ESRCH) { // it was killed and couldn't take its file away
		return Running{}, fmt.Errorf("%w: process %d, which %s names, has ended; start it, or name the address by flag", ErrNotRunning, r.PID, runningFile(data))
	}
	return r, nil
}
