// Command generate writes schemas/: new schemas with their lock, and asyncapi.yaml. It refuses to change a published one.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"outrider/schemas"
)

func main() {
	dir := "." // go generate runs in the package's folder
	if _, err := os.Stat("schemas"); err == nil {
		dir = "schemas"
	}
	if err := generateFiles(dir); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generateFiles(dir string) error {
	files, err := schemas.Published()
	if err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(dir, "published.lock"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lock, err := schemas.ReadLock(b)
	if err != nil {
		return err
	}
	if broken := lock.Broken(files); len(broken) > 0 {
		return errors.New(strings.Join(broken, "\n"))
	}
	lock.Publish(files)
	others, err := schemas.Others()
	if err != nil {
		return err
	}
	maps.Copy(files, others)
	files["published.lock"] = lock.Bytes()
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}
