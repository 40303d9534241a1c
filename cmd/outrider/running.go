package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"outrider/internal/kafka"
)

// running is what `outrider dev` says of itself, on standard output with --json and in running.json of its data folder, so
// that other commands find it.
type running struct {
	URL         string `json:"url"`
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

// write leaves it for other commands; it holds a password, so it is for its owner only.
func (r running) write(data string) error {
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write running.json: %w", err)
	}
	if err := os.WriteFile(runningFile(data), b, 0o600); err != nil {
		return fmt.Errorf("write running.json: %w", err)
	}
	return nil
}

// forget takes it away when the process ends.
func forget(data string) error {
	if err := os.Remove(runningFile(data)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove running.json: %w", err)
	}
	return nil
}

func runningFile(data string) string { return filepath.Join(data, "running.json") }

// errNotRunning says that no `outrider dev` runs on the data folder, as far as its file tells.
var errNotRunning = errors.New("no outrider dev runs here")

func findRunning(data string) (running, error) {
	var r running
	b, err := os.ReadFile(runningFile(data))
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("%w: %s has no running.json; start it, or name the address by flag", errNotRunning, data)
	}
	if err != nil {
		return r, fmt.Errorf("read running.json: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", runningFile(data), err)
	}
	if err := syscall.Kill(r.PID, 0); errors.Is(err, syscall.ESRCH) { // it was killed and couldn't take its file away
		return running{}, fmt.Errorf("%w: process %d, which %s names, has ended; start it, or name the address by flag", errNotRunning, r.PID, runningFile(data))
	}
	return r, nil
}

// log finds the topics of the log that a reading command was told to read.
func (a LogAddress) log(f *Folder) (kafka.Log, error) {
	seeds := a.Kafka
	if seeds == "" {
		r, err := findRunning(f.Data)
		if err != nil {
			return kafka.Log{}, err
		}
		seeds = r.Kafka
	}
	return kafka.Log{Seeds: strings.Split(seeds, ","), Generation: a.Generation}, nil
}
