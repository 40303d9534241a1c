package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/kafka"
	"outrider/internal/rebuild"
)

// projectionsCmd is all that can be done with projections of a running installation.
type projectionsCmd struct {
	List     projectionsListCmd     `cmd:"" help:"List projections and their tables."`
	Status   projectionsStatusCmd   `cmd:"" help:"Where projections stand, what stopped them, what they skip; status 1 when one stands still."`
	Rebuild  projectionsRebuildCmd  `cmd:"" help:"Build a projection anew beside the live one, from the start of the log or from where a rebuild was broken off."`
	Verify   projectionsVerifyCmd   `cmd:"" help:"Compare live and rebuilt rows at an equal position; status 1 when they differ."`
	Swap     projectionsSwapCmd     `cmd:"" help:"Put the rebuilt rows in the place of the live ones."`
	Rollback projectionsRollbackCmd `cmd:"" help:"Put back what was live before the newest swap."`
	Skip     projectionsSkipCmd     `cmd:"" help:"Let a projection that stands still go on without the event that stopped it."`
}

// installation names the engines of commands that rebuild.
type installation struct {
	node.Addresses
	Generation int32 `default:"1" help:"Generation of the topics."`
	JSON       bool  `help:"Print lines of JSON."`
}

// findLog says where it is.
func (c installation) findLog(ctx context.Context, f *node.Folder) (a node.Addresses, l kafka.Log, err error) {
	if a, err = c.OrRunning(f); err != nil {
		return a, l, err
	}
	l, err = kafka.Log{Seeds: a.Seeds(), Generation: c.Generation, Access: a.Access}.Measure(ctx)
	return a, l, err
}

// openRebuild finds the installation; close gives back what it holds.
func (c installation) openRebuild(ctx context.Context, f *node.Folder, log *slog.Logger) (_ *rebuild.Installation, closed func(), err error) {
	a, l, err := c.findLog(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	return node.OpenInstallation(ctx, a, f.Keys(), l, log)
}

// withProjection works on one projection.
func (c installation) withProjection(ctx context.Context, f *node.Folder, log *slog.Logger, name string, work func(*rebuild.Rebuild) error) error {
	in, closed, err := c.openRebuild(ctx, f, log)
	if err != nil {
		return err
	}
	defer closed()
	r, err := in.Open(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	return work(r)
}

// listStandings tells of all projections.
func (c installation) listStandings(ctx context.Context, f *node.Folder, log *slog.Logger) ([]rebuild.Standing, error) {
	in, closed, err := c.openRebuild(ctx, f, log)
	if err != nil {
		return nil, err
	}
	defer closed()
	return in.Status(ctx)
}

// printResult prints a result: its words, or a line of JSON.
func (c installation) printResult(v any, words string, args ...any) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(v)
	}
	_, err := fmt.Printf(words+"\n", args...)
	return err
}

type projectionsListCmd struct {
	installation
}

// Run prints a line for each projection.
func (c projectionsListCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	all, err := c.listStandings(ctx, f, log)
	if err != nil {
		return err
	}
	return printTable(c.JSON, all, "PROJECTION\tSTORE\tTABLES", func(w io.Writer, s rebuild.Standing) {
		fmt.Fprintf(w, "%s.v%d\t%s\t%v\n", s.Projection, s.Version, s.Store, s.Tables)
	})
}

type projectionsStatusCmd struct {
	installation
}

// Run exits with status 1 when a projection stands still.
func (c projectionsStatusCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	all, err := c.listStandings(ctx, f, log)
	if err != nil {
		return err
	}
	err = printTable(c.JSON, all, "PROJECTION\tEVENTS\tREBUILT\tFORMER\tSTATE", func(w io.Writer, s rebuild.Standing) {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t", s.Projection, s.Events, standbyText(s.Rebuild), standbyText(s.Former))
		if len(s.Stopped) == 0 {
			fmt.Fprintln(w, "goes on")
		}
		for i, x := range s.Stopped {
			if i > 0 {
				fmt.Fprint(w, "\t\t\t\t")
			}
			fmt.Fprintf(w, "STOPPED on partition %d before pseq %d: %s %s: %s\n", x.Partition, x.Pseq, x.EventType, x.EventID, x.Error)
		}
		for _, x := range s.Skipped {
			fmt.Fprintf(w, "\t\t\t\tskips pseq %d of partition %d (%s): %s\n", x.Pseq, x.Partition, x.EventType, x.Reason)
		}
	})
	for _, s := range all {
		if len(s.Stopped) > 0 {
			return errors.Join(err, node.ErrReported)
		}
	}
	return err
}

func standbyText(s *rebuild.Standby) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprint(s.Events)
}

func printTable[V any](asJSON bool, all []V, head string, row func(io.Writer, V)) error {
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(all)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for _, v := range all {
		row(w, v)
	}
	return w.Flush()
}

func roundedSeconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}
