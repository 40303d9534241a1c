package engines

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"outrider/internal/disk"
)

// Problem is something missing or wrong that a person can put right: one sentence with the fix.
type Problem struct {
	What, Fix string
	Err       error // the cause, where there is one
}

// Error gives the sentence.
func (p *Problem) Error() string { return p.What + ": " + p.Fix }

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }

// noBroker is what a build without an embedded broker says when it is asked for one.
func noBroker() error {
	return &Problem{What: "this build is a server and has no embedded Kafka", Fix: "name a Kafka with --kafka host:port, or --kafka apache (see `make kafka`); `make build` builds a program with everything"}
}

// noClickHouse is what a build without an embedded ClickHouse says when it is asked for one.
func noClickHouse() error {
	return &Problem{What: "this build is a server and has no embedded ClickHouse", Fix: "name one with --clickhouse http://user:password@host:8123/database; `make build` builds a program with everything"}
}

// leastFree is what a new data folder needs: Postgres and ClickHouse write about 100 MB before the first row.
const leastFree = 256 << 20

// checkSpace needs free bytes on the file system of dir.
func checkSpace(dir string, need uint64) error {
	free, err := disk.Free(dir)
	if err != nil {
		return err
	}
	if free < need {
		return &Problem{What: fmt.Sprintf("only %d MB are free for the data folder %s, %d MB are needed", free>>20, dir, need>>20),
			Fix: "free some space or choose another folder with --data"}
	}
	return nil
}

// makeData makes the data folder and says plainly when it can't.
func makeData(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find data folder %s: %w", dir, err)
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // Postgres runs as another user and must get through
	}
	if err := os.MkdirAll(abs, mode); err != nil {
		return "", unwritableProblem(abs, err)
	}
	return abs, checkSpace(abs, leastFree)
}

func unwritableProblem(dir string, err error) error {
	why := "can't be written"
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return &Problem{What: "the disk of the data folder " + dir + " is full", Fix: "free some space or choose another folder with --data", Err: err}
	case errors.Is(err, syscall.ENOTDIR):
		why = "is not a folder"
	}
	return &Problem{What: "the data folder " + dir + " " + why, Fix: "choose another folder with --data, or change its owner or rights", Err: err}
}
