package engines

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxLog is when an engine's log file is put aside (one older file is kept), in bytes.
const maxLog = 10 << 20

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, unwritableProblem(filepath.Dir(path), err)
	}
	if fi, err := os.Stat(path); err == nil && fi.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, fmt.Errorf("put aside %s: %w", path, err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, unwritableProblem(filepath.Dir(path), err)
	}
	return f, nil
}

// lastWords are the newest lines of a log, for an error's text.
func lastWords(path string) string {
	b, err := os.ReadFile(path)
	if err != nil || len(b) == 0 {
		return "none"
	}
	b = b[max(0, len(b)-2000):]
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-4):], " | ")
}
