// Command update copies the time zone database of the Go release that runs it, with its version, into package zone:
//
//	cd internal/zone && go run ./update
//
// It is no part of `make generate`: another database changes what is decided, and drops every snapshot.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

func main() {
	if err := copyDatabase(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func copyDatabase() error {
	root, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // ends by itself
	if err != nil {
		return fmt.Errorf("ask for GOROOT: %w", err)
	}
	from := filepath.Join(strings.TrimSpace(string(root)), "lib", "time")
	script, err := os.ReadFile(filepath.Join(from, "update.bash"))
	if err != nil {
		return err
	}
	found := regexp.MustCompile(`(?m)^DATA=(\S+)$`).FindSubmatch(script)
	if found == nil {
		return errors.New("lib/time/update.bash names no version of the data")
	}
	database, err := os.ReadFile(filepath.Join(from, "zoneinfo.zip"))
	if err != nil {
		return err
	}
	if err := os.WriteFile("zoneinfo.zip", database, 0o644); err != nil {
		return err
	}
	text := fmt.Sprintf("%s\nIANA time zone database as in lib/time/zoneinfo.zip of %s\n", found[1], runtime.Version())
	return os.WriteFile("VERSION", []byte(text), 0o644)
}
