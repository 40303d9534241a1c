package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"outrider/internal/app/node"
	"outrider/internal/rebuild"
)

type projectionsRebuildCmd struct {
	installation
	Name string `arg:"" help:"Projection; 'outrider projections list' names them."`
}

// Run tells of its progress once a second. It can be killed and started again.
func (c projectionsRebuildCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	return c.withProjection(ctx, f, log, c.Name, func(r *rebuild.Rebuild) error {
		p, err := r.Build(ctx, func(p rebuild.Progress) {
			if c.JSON {
				_ = json.NewEncoder(os.Stdout).Encode(p) // who reads had enough
				return
			}
			fmt.Fprintf(os.Stderr, "%s: %d of %d events, %.0f/s, %v left\n", p.Projection, p.Done, p.End, p.Rate, roundedSeconds(p.ETA))
		})
		if err != nil {
			return err
		}
		return c.printResult(p, "%s is rebuilt: %d events, %.0f/s. Next: outrider projections verify %s", c.Name, p.Done, p.Rate, c.Name)
	})
}

type projectionsVerifyCmd struct {
	installation
	Name string `arg:"" help:"Projection."`
}

// Run exits with status 1 when live and rebuilt rows differ.
func (c projectionsVerifyCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	return c.withProjection(ctx, f, log, c.Name, func(r *rebuild.Rebuild) error {
		v, err := r.Verify(ctx)
		if err != nil {
			return err
		}
		if err := c.printVerification(v); err != nil {
			return err
		}
		if !v.Equal {
			return node.ErrReported
		}
		return nil
	})
}

func (c projectionsVerifyCmd) printVerification(v rebuild.Verification) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(v)
	}
	for _, t := range v.Tables {
		verdict := "equal"
		if !t.Equal {
			verdict = fmt.Sprintf("DIFFERS: rebuilt %d rows, %s", t.RebuiltRows, t.RebuiltHash)
		}
		fmt.Printf("%s, partition %d, pseq %d: %d rows, %s, %s\n", t.Table, t.Partition, t.Pseq, t.Rows, t.Hash, verdict)
	}
	for _, d := range v.Differences {
		fmt.Printf("%s of organisation %s: %d rows live, %d rebuilt; rows that differ: %v\n", d.Table, d.OrgID, d.Rows, d.RebuiltRows, d.Keys)
	}
	return nil
}

type projectionsSwapCmd struct {
	installation
	Name string `arg:"" help:"Projection."`
}

// Run swaps at an equal position, so nobody who reads or writes notices.
func (c projectionsSwapCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	return c.withProjection(ctx, f, log, c.Name, func(r *rebuild.Rebuild) error {
		if err := r.Swap(ctx); err != nil {
			return err
		}
		return c.printResult(map[string]string{"swapped": c.Name}, "The rebuilt %s is live. Back: outrider projections rollback %s", c.Name, c.Name)
	})
}

type projectionsRollbackCmd struct {
	installation
	Name string `arg:"" help:"Projection."`
}

// Run lets the former rows catch up and puts them in the place of the live ones.
func (c projectionsRollbackCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	return c.withProjection(ctx, f, log, c.Name, func(r *rebuild.Rebuild) error {
		if err := r.Rollback(ctx); err != nil {
			return err
		}
		return c.printResult(map[string]string{"rolled_back": c.Name}, "The former %s is live again.", c.Name)
	})
}

type projectionsSkipCmd struct {
	installation
	Name      string `arg:"" help:"Projection."`
	Partition int32  `required:"" help:"Partition on which it stands still."`
	Pseq      int64  `required:"" help:"Position of the event, as 'outrider projections status' tells it."`
	Reason    string `required:"" help:"Why it may go on without the event; kept for ever."`
}

// Run records the decision; the projection goes on when it tries next, within a minute.
func (c projectionsSkipCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	in, closed, err := c.openRebuild(ctx, f, log)
	if err != nil {
		return err
	}
	defer closed()
	s, err := in.Skip(ctx, c.Name, c.Partition, c.Pseq, c.Reason)
	if err != nil {
		return err
	}
	return c.printResult(s, "%s goes on without %s %s (pseq %d of partition %d) when it tries next, within a minute.", s.Projection, s.EventType, s.EventID, s.Pseq, s.Partition)
}
