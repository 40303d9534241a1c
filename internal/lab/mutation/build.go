package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// suite is the tests of a package, built with all mutants of all packages.
type suite struct {
	folder, binary string
	flags          []string
	tests          []test
}

// build writes the mutants into copies of the sources, and builds the tests of each folder with them.
func build(folders []string, out string) ([]mutant, []*suite, error) {
	if len(folders) == 0 {
		return nil, nil, errors.New("name folders to make mutants in")
	}
	g := generator{fset: token.NewFileSet()}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, folder := range folders {
		files, err := g.mutatePackage(filepath.Clean(folder), out)
		if err != nil {
			return nil, nil, err
		}
		for file, by := range files {
			path, err := filepath.Abs(file)
			if err != nil {
				return nil, nil, err
			}
			overlay.Replace[path] = by
		}
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(out, "overlay.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return nil, nil, err
	}
	var suites []*suite
	for _, folder := range folders {
		s := &suite{folder: folder, binary: filepath.Join(out, filepath.Base(folder)+".test")}
		if err := s.build(file); err != nil {
			return nil, nil, err
		}
		suites = append(suites, s)
	}
	return g.mutants, suites, nil
}

func (s *suite) build(overlay string) error {
	cmd := exec.CommandContext(context.Background(), "go", "test", "-vet=off", "-overlay", overlay, "-c", "-o", s.binary, s.folder) //nolint:gosec // its own arguments
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build mutants: %w\n%s", err, said)
	}
	list := exec.CommandContext(context.Background(), "go", "list", "-test", "-deps", s.folder) //nolint:gosec // its own arguments
	deps, err := list.Output()
	if err != nil {
		return fmt.Errorf("list what %s imports: %w", s.folder, err)
	}
	if strings.Contains(string(deps), "pgregory.net/rapid\n") { // the same cases each time, and nothing written into the sources
		s.flags = []string{"-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=0s"}
	}
	return nil
}
