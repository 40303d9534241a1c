// Command mutation makes small mistakes in packages, one at a time, and counts those that their tests find:
//
//	go run ./internal/lab/mutation -least 85 ./commands ./aggregates
//
// All mutants stand in one build of each package's tests, and the environment says which of them is made. First each test is
// run alone, to see which mutants it reaches; then each mutant is made for the tests that reach it, the quickest first, until one
// fails. A mutant that no test reaches survives, and so does one that means the same as the original; one whose tests don't come
// to an end is counted apart and doesn't count as killed.
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

type options struct {
	folders       []string
	skip, files   string
	every, sample int
	workers       int
}

func main() {
	var o options
	least := flag.Float64("least", 85, "percent that must be killed")
	flag.IntVar(&o.every, "every", 1, "make only every n-th mutant")
	flag.IntVar(&o.sample, "sample", 0, "make only so many mutants, drawn with a fixed seed (0 = all)")
	flag.IntVar(&o.workers, "workers", 2, "mutants that are tried at a time")
	flag.StringVar(&o.files, "files", "", "make mutants only in files whose path matches (pattern)")
	flag.StringVar(&o.skip, "skip", "", "tests that are left out (pattern)")
	flag.Parse()
	o.folders = flag.Args()
	share, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if share < *least {
		fmt.Printf("want at least %.1f %%\n", *least)
		os.Exit(1)
	}
}

// run returns the percentage that was killed.
func run(o options) (float64, error) {
	out, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(out)
	mutants, suites, err := build(o.folders, out)
	if err != nil {
		return 0, err
	}
	total := len(mutants)
	only, err := regexp.Compile(o.files)
	if err != nil {
		return 0, err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !only.MatchString(m.file) })
	mutants = choose(mutants, o.every, o.sample)
	fmt.Printf("%d of %d mutants are made\n", len(mutants), total)
	r := runner{suites: suites, workers: max(o.workers, 1), out: out}
	if err := r.measure(o.skip); err != nil {
		return 0, err
	}
	verdicts, err := r.judgeAll(mutants)
	if err != nil {
		return 0, err
	}
	var all verdictCounts
	for _, folder := range o.folders {
		var t verdictCounts
		for i, m := range mutants {
			if filepath.Dir(m.file) == filepath.Clean(folder) {
				t[verdicts[i]]++
				all[verdicts[i]]++
			}
		}
		fmt.Printf("%s: %s\n", folder, t)
	}
	fmt.Printf("all: %s\n", all)
	return all.share(), nil
}

// choose takes every n-th mutant, and of these a sample that is the same each time.
func choose(mutants []mutant, every, sample int) (out []mutant) {
	for i := 0; i < len(mutants); i += max(every, 1) {
		out = append(out, mutants[i])
	}
	if sample > 0 && sample < len(out) {
		rand.New(rand.NewSource(1)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] }) //nolint:gosec // not a secret
		out = out[:sample]
		slices.SortFunc(out, func(a, b mutant) int { return a.id - b.id })
	}
	return out
}

// verdict is what became of a mutant.
type verdict int

const (
	killed verdict = iota
	endless
	survived
	unreached
)

func (v verdict) String() string {
	return [...]string{"killed", "without end", "survived", "reached by no test"}[v]
}

type verdictCounts [4]int

func (t verdictCounts) share() float64 {
	return 100 * float64(t[killed]) / float64(max(t[killed]+t[endless]+t[survived]+t[unreached], 1))
}

func (t verdictCounts) String() string {
	return fmt.Sprintf("%d of %d mutants killed: %.1f %% (%d without end, %d survived, %d reached by no test)",
		t[killed], t[killed]+t[endless]+t[survived]+t[unreached], t.share(), t[endless], t[survived], t[unreached])
}
