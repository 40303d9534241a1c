// Package keyfile keeps a secret in a file that only its owner reads, made once and the same at each start.
package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LoadOrCreate returns the text in the file at path, without surrounding blanks. A missing file is created with what
// create returns, mode 0600; its folder must exist. Of several processes at once one creates it and all return the same.
func LoadOrCreate(path string, create func() (string, error)) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var fresh string
		if fresh, err = create(); err != nil {
			return "", fmt.Errorf("create %s: %w", path, err)
		}
		// A link can't replace what another process put there meanwhile.
		if err = writeFile(path, fresh, os.Link); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("create %s: %w", path, err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// Replace writes text to the file at path, mode 0600, whether it exists or not.
func Replace(path, text string) error {
	if err := writeFile(path, text, os.Rename); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return nil
}

// writeFile makes a complete file beside path and then puts it into place, so nobody ever reads half of it.
func writeFile(path, text string, place func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".keyfile-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after a rename, which is fine
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return place(f.Name(), path)
}
