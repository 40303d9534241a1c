// Command mutation makes small mistakes in packages, one at a time, and counts those that the tests of a package find:
//
//	go run ./internal/lab/mutation -least 85 ./commands ./aggregates
//
// All mutants stand in one build of the tests, which is run once a mutant; that takes a tenth of the time of a build each. A
// mistake that no test comes by counts as not found.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	least := flag.Float64("least", 85, "percent that must be found")
	every := flag.Int("every", 1, "make only every n-th mutant")
	skip := flag.String("skip", "", "tests that are run only when the others have found nothing (pattern)")
	tests := flag.String("tests", "./commands", "package whose tests are to find them")
	flag.Parse()
	found, made, err := runMutants(flag.Args(), *tests, *skip, max(*every, 1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	share := 100 * float64(found) / float64(max(made, 1))
	fmt.Printf("%d of %d mutants found: %.1f %%\n", found, made, share)
	if share < *least {
		fmt.Printf("want at least %.1f %%\n", *least)
		os.Exit(1)
	}
}

func runMutants(folders []string, tests, skip string, every int) (found, made int, err error) {
	if len(folders) == 0 {
		return 0, 0, errors.New("name folders to make mutants in")
	}
	out, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(out)
	mutants, binary, err := buildMutants(folders, tests, out)
	if err != nil {
		return 0, 0, err
	}
	r := runner{binary: binary, folder: tests, skip: skip, limit: time.Hour}
	trace := filepath.Join(out, "trace")
	began := time.Now()
	if !r.testsPass("MUTANT_TRACE="+trace, "") {
		return 0, 0, errors.New("the tests fail without a mutant")
	}
	r.limit = 10*time.Since(began) + 10*time.Second // what takes longer never ends, and is found
	reached, err := readTrace(trace)
	if err != nil {
		return 0, 0, err
	}
	for i := 0; i < len(mutants); i += every {
		m := mutants[i]
		made++
		if reached[m.id] && !r.mutantSurvives(m.id) {
			found++
			continue
		}
		why := ""
		if !reached[m.id] {
			why = " (no test comes by)"
		}
		fmt.Printf("%s: %s%s\n", m.where, m.what, why)
	}
	return found, made, nil
}

func buildMutants(folders []string, tests, out string) ([]mutant, string, error) {
	g := generator{fset: token.NewFileSet()}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, folder := range folders {
		files, err := g.mutatePackage(filepath.Clean(folder), out)
		if err != nil {
			return nil, "", err
		}
		for file, by := range files {
			path, err := filepath.Abs(file)
			if err != nil {
				return nil, "", err
			}
			overlay.Replace[path] = by
		}
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, "", err
	}
	file, binary := filepath.Join(out, "overlay.json"), filepath.Join(out, "mutated.test")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return nil, "", err
	}
	cmd := exec.CommandContext(context.Background(), "go", "test", "-vet=off", "-overlay", file, "-c", "-o", binary, tests)
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("build mutants: %w\n%s", err, said)
	}
	return g.mutants, binary, nil
}

type runner struct {
	binary, folder, skip string
	limit                time.Duration
}

// mutantSurvives runs the quick tests first.
func (r runner) mutantSurvives(id int) bool {
	env := "MUTANT=" + strconv.Itoa(id)
	if r.skip != "" && !r.testsPass(env, r.skip) {
		return false
	}
	return r.testsPass(env, "")
}

// testsPass reports whether all tests pass in time.
func (r runner) testsPass(env, skip string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), r.limit)
	defer cancel()
	args := []string{"-test.short", "-test.failfast"}
	if skip != "" {
		args = append(args, "-test.skip", skip)
	}
	cmd := exec.CommandContext(ctx, r.binary, args...)
	cmd.Dir, cmd.Env = r.folder, append(os.Environ(), env)
	return cmd.Run() == nil
}

func readTrace(file string) (map[int]bool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	reached := map[int]bool{}
	for _, line := range strings.Fields(string(b)) {
		id, err := strconv.Atoi(line)
		if err != nil {
			return nil, err
		}
		reached[id] = true
	}
	return reached, nil
}
