package main

import (
	"bufio"
	"context"
	"os"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/app/node"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

type tailCmd struct {
	node.LogAddress
	Last   int    `short:"n" default:"50" help:"How many of the newest to begin with; 0 = all."`
	Follow bool   `short:"f" help:"Go on with what comes."`
	Org    string `help:"Only this organisation." placeholder:"UUID"`
	Type   string `help:"Only types that begin so: lead. or lead.created.v1." placeholder:"PREFIX"`
	Raw    bool   `help:"Every record: fences and void ones too, with the reason."`
	JSON   bool   `help:"One line of JSON each."`
}

// Run prints the log. Across partitions there is no order but the events' times, and those are only as good as the
// clocks of the edges; within an organisation order is exact.
func (c tailCmd) Run(ctx context.Context, f *node.Folder) error {
	log, err := c.Log(f)
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	t := &tail{log: log, raw: c.Raw, keep: c.Last, prefix: c.Type, print: linePrinter(c.JSON)}
	for p := range log.Partitions {
		t.partitions = append(t.partitions, p)
	}
	if c.Org != "" {
		if t.org, err = uuid.Parse(c.Org); err != nil {
			return err
		}
		t.partitions = []int32{es.PartitionOf(t.org, log.Partitions)}
	}
	t.out = bufio.NewWriter(os.Stdout)
	defer t.out.Flush()
	ends, err := t.printHistory(ctx)
	if err != nil || !c.Follow {
		return err
	}
	return t.followNew(ctx, ends)
}

// tail prints lines of the log.
type tail struct {
	log        kafka.Log
	partitions []int32
	org        uuid.UUID
	prefix     string
	raw        bool
	keep       int // 0 = all
	print      func(*bufio.Writer, line) error

	mu  sync.Mutex
	out *bufio.Writer
}

// printHistory prints what there is now and tells where each partition ended.
func (t *tail) printHistory(ctx context.Context) (map[int32]es.Checkpoint, error) {
	g, gctx := errgroup.WithContext(ctx)
	heads := make([]chan line, len(t.partitions))
	ends := make([]es.Checkpoint, len(t.partitions))
	for i, p := range t.partitions {
		heads[i] = make(chan line, 256)
		g.Go(func() (err error) {
			defer close(heads[i])
			ends[i], err = t.scanPartition(gctx, p, es.StartCheckpoint(), false, func(l line) error {
				select {
				case heads[i] <- l:
					return nil
				case <-gctx.Done():
					return gctx.Err()
				}
			})
			return err
		})
	}
	g.Go(func() error {
		newest := newestLines{keep: t.keep}
		for l := range mergeByTime(heads) {
			if old, ok := newest.addLine(l); ok {
				if err := t.print(t.out, old); err != nil {
					return err
				}
			}
		}
		for _, l := range newest.inOrder() {
			if err := t.print(t.out, l); err != nil {
				return err
			}
		}
		return t.out.Flush()
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	m := map[int32]es.Checkpoint{}
	for i, p := range t.partitions {
		m[p] = ends[i]
	}
	return m, nil
}

// followNew prints what comes, in the order of its arrival, until ctx ends.
func (t *tail) followNew(ctx context.Context, from map[int32]es.Checkpoint) error {
	g, gctx := errgroup.WithContext(ctx)
	for p, checkpoint := range from {
		g.Go(func() error {
			_, err := t.scanPartition(gctx, p, checkpoint, true, func(l line) error {
				t.mu.Lock()
				defer t.mu.Unlock()
				if err := t.print(t.out, l); err != nil {
					return err
				}
				return t.out.Flush()
			})
			return err
		})
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return nil //nolint:nilerr // who reads had enough
	}
	return err
}

// scanPartition hands out a partition's lines and gives the newest checkpoint that it passed.
func (t *tail) scanPartition(ctx context.Context, p int32, from es.Checkpoint, follow bool, fn func(line) error) (es.Checkpoint, error) {
	before, end := es.Rule{Epoch: from.Epoch, Pseq: from.Pseq, Complete: from.Pseq}, from
	var open []line
	emit := func(l line) error {
		if t.org != uuid.Nil && l.orgID() != t.org || !l.hasType(t.prefix) {
			return nil
		}
		return fn(l)
	}
	err := reader.ScanRaw(ctx, t.log, p, from, follow, func(r reader.Raw) error {
		l := line{Raw: r}
		if r.Verdict == es.Void {
			l.why = voidReason(&before, r)
		}
		if r.Err == nil {
			before.See(&r.Entry)
		}
		if !before.Open() {
			end = es.Checkpoint{Epoch: before.Epoch, Pseq: before.Complete, Offset: r.Record.Offset + 1, LeaderEpoch: r.Record.LeaderEpoch}
		}
		if t.raw {
			return emit(l)
		}
		switch r.Verdict {
		case es.Fenced:
			open = nil
		case es.Pending:
			open = append(open, l)
		case es.Counted:
			for _, o := range append(open, l) {
				if err := emit(o); err != nil {
					return err
				}
			}
			open = nil
		case es.Void:
		}
		return nil
	})
	return end, err
}
