package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// quick tests are run together, the others one by one. It is computing time, as all is here that isn't a last resort: how busy the machine is changes
// no verdict.
const quick = 300 * time.Millisecond

// ranAway is the status that a process ends with when it has taken far more memory than any test should.
const ranAway = 97

// test is one test function.
type test struct {
	suite   *suite
	name    string
	took    time.Duration // of computing
	waited  time.Duration // until its end
	reaches map[int]bool  // mutants
}

type runner struct {
	suites  []*suite
	workers int
	out     string
}

// measure runs each test alone without a mutant, and notes how long it takes and which mutants it reaches.
func (r *runner) measure(skip string) error {
	left, err := regexp.Compile(skip)
	if err != nil {
		return err
	}
	var all []*test
	for _, s := range r.suites {
		cmd := exec.CommandContext(context.Background(), s.binary, "-test.list", ".") //nolint:gosec // built above
		cmd.Dir = s.folder
		names, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("list the tests of %s: %w", s.folder, err)
		}
		for _, name := range strings.Fields(string(names)) {
			if strings.HasPrefix(name, "Test") && (skip == "" || !left.MatchString(name)) {
				s.tests = append(s.tests, test{suite: s, name: name})
			}
		}
		for i := range s.tests {
			all = append(all, &s.tests[i])
		}
	}
	return r.each(len(all), func(i int) error { return all[i].measure(filepath.Join(r.out, fmt.Sprintf("trace%d", i))) })
}

func (t *test) measure(trace string) error {
	began := time.Now()
	v, took, err := t.suite.try("MUTANT_TRACE="+trace, []*test{t}, time.Hour)
	if err != nil {
		return err
	}
	if v != survived {
		return fmt.Errorf("%s of %s fails without a mutant", t.name, t.suite.folder)
	}
	t.took, t.waited = took, time.Since(began)
	t.reaches, err = readTrace(trace)
	return err
}

func readTrace(file string) (map[int]bool, error) {
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
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

// each does n things, as many at a time as there are workers.
func (r *runner) each(n int, do func(int) error) error {
	errs := make([]error, n)
	var done sync.WaitGroup
	next := make(chan int)
	for range r.workers {
		done.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	done.Wait()
	return errors.Join(errs...)
}

// judgeAll prints each mutant that isn't killed.
func (r *runner) judgeAll(mutants []mutant) ([]verdict, error) {
	verdicts := make([]verdict, len(mutants))
	err := r.each(len(mutants), func(i int) (err error) {
		m := mutants[i]
		verdicts[i], err = r.judge(m.id)
		if verdicts[i] != killed {
			fmt.Printf("%s:%d: %s: %s\n", m.file, m.line, m.what, verdicts[i])
		}
		return err
	})
	return verdicts, err
}

func (r *runner) judge(id int) (verdict, error) {
	var slow []*test
	v, env := unreached, "MUTANT="+strconv.Itoa(id)
	for _, s := range r.suites {
		var together []*test
		for i := range s.tests {
			switch t := &s.tests[i]; {
			case !t.reaches[id]:
			case t.took < quick:
				together = append(together, t)
			default:
				slow = append(slow, t)
			}
		}
		if len(together) > 0 {
			var err error
			if v, _, err = s.try(env, together, 0); err != nil || v != survived {
				return v, err
			}
		}
	}
	slices.SortFunc(slow, func(a, b *test) int { return int(a.took - b.took) })
	for _, t := range slow {
		var err error
		if v, _, err = t.suite.try(env, []*test{t}, 0); err != nil || v != survived {
			return v, err
		}
	}
	return v, nil
}

// try runs tests in one process, and returns what they have computed. They may compute ten times as long as without a mutant; who waits for ever
// is ended by a limit of time, of which 0 is one that a busy machine doesn't reach.
func (s *suite) try(env string, tests []*test, limit time.Duration) (verdict, time.Duration, error) {
	var names []string
	var took, waited time.Duration
	for _, t := range tests {
		names, took, waited = append(names, t.name), took+t.took, waited+t.waited
	}
	if limit == 0 {
		limit = 10*waited + 2*time.Minute
		env += fmt.Sprintf(" MUTANT_SECONDS=%d", int((10*took+5*time.Second)/time.Second))
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	args := append([]string{"-test.short", "-test.failfast", "-test.timeout=0", "-test.run", "^(" + strings.Join(names, "|") + ")$"}, s.flags...)
	cmd := exec.CommandContext(ctx, s.binary, args...) //nolint:gosec // built above
	cmd.Dir, cmd.Env = s.folder, append(append(os.Environ(), "GOMAXPROCS=1"), strings.Fields(env)...)
	err := cmd.Run()
	var computed time.Duration
	if p := cmd.ProcessState; p != nil {
		computed = p.UserTime() + p.SystemTime()
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return survived, computed, nil
	case ctx.Err() != nil:
		return endless, computed, nil
	case errors.As(err, &exit) && (exit.ExitCode() == ranAway || !exit.Exited()): // by itself, or by the kernel
		return endless, computed, nil
	case errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.ExitCode() == 2): // a test failed, or the process panicked
		return killed, computed, nil
	}
	return survived, computed, fmt.Errorf("run the tests of %s with %s: %w", s.folder, env, err)
}
