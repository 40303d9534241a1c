package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"outrider/internal/lab/hostile"
)

// Hostile is `outrider hostile`.
type Hostile struct {
	Short bool          `help:"A sample: all mail servers at once, and fewer callers."`
	For   time.Duration `help:"How long each attack is; default: 6 s, in short 2 s."`
	Only  []string      `help:"Attacks whose name begins so; default: all." placeholder:"NAME"`
	List  bool          `help:"List the names of all attacks."`
	In    string        `help:"Data folder to use and keep; default: one that goes afterwards, unless something is wrong." placeholder:"DIR"`
	JSON  bool          `help:"Print one line of JSON for each attack."`
}

// Run exits with status 1 when an attack left something wrong; one that only slowed the neighbour down is told, and no failure: how fast a machine is decides that too.
func (c Hostile) Run(ctx context.Context) error {
	if c.List {
		fmt.Println(strings.Join(hostile.Names(), "\n"))
		return nil
	}
	dir, gone, err := scratchFolder(c.In)
	if err != nil {
		return err
	}
	if there, _ := os.ReadDir(dir); len(there) > 0 {
		return fmt.Errorf("--in %s: it must be empty or new, as the audit is about this run alone", dir)
	}
	lines, err := hostile.Run(ctx, hostile.Config{Dir: dir, Short: c.Short, Only: c.Only, For: c.For, Out: os.Stderr, Report: c.printLine})
	var wrong []string
	for _, l := range lines {
		if !l.Alive || len(l.Wrong) > 0 {
			wrong = append(wrong, l.Attack)
		}
	}
	if err == nil && len(wrong) == 0 {
		gone()
		return nil
	}
	fmt.Fprintln(os.Stderr, "the data folder is kept:", dir)
	if err != nil {
		return err
	}
	return errors.New("something was wrong after: " + strings.Join(wrong, ", "))
}

func (c Hostile) printLine(l hostile.Line) {
	if c.JSON {
		_ = json.NewEncoder(os.Stdout).Encode(l) // who reads it has gone away
		return
	}
	verdict := "held"
	if !l.Held {
		verdict = "NOT HELD"
	}
	fmt.Printf("%-45s %-8s neighbour %6.0f ms (alone %.0f, bound %.0f), %5.0f MB  %s\n", l.Attack, verdict, l.P99, l.Alone, l.Bound, l.RSS, strings.Join(append(l.Wrong, l.Slow...), "; "))
}
