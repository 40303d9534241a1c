// Package logtail finds in the log what people look at: its newest lines, and what followed from one cause.
package logtail

import (
	"bufio"
	"context"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Tail prints lines of the log.
type Tail struct {
	Log        kafka.Log
	Partitions []int32
	Org        uuid.UUID // only this organisation; Nil = all
	Prefix     string    // only types that begin so
	Raw        bool      // every record, void ones too
	Keep       int       // how many of the newest PrintHistory prints; 0 = all
	Print      func(*bufio.Writer, Line) error
	Out        *bufio.Writer

	mu sync.Mutex // of Out
}

// PrintHistory prints what there is now and returns where each partition ended.
func (t *Tail) PrintHistory(ctx context.Context) (map[int32]es.Checkpoint, error) {
	g, gctx := errgroup.WithContext(ctx)
	heads := make([]chan Line, len(t.Partitions))
	ends := make([]es.Checkpoint, len(t.Partitions))
	for i, p := range t.Partitions {
		heads[i] = make(chan Line, 256)
		g.Go(func() (err error) {
			defer close(heads[i])
			ends[i], err = t.scanPartition(gctx, p, es.StartCheckpoint(), false, func(l Line) error {
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
		newest := newestLines{keep: t.Keep}
		for l := range mergeByTime(heads) {
			if old, ok := newest.addLine(l); ok {
				if err := t.Print(t.Out, old); err != nil {
					return err
				}
			}
		}
		for _, l := range newest.inOrder() {
			if err := t.Print(t.Out, l); err != nil {
				return err
			}
		}
		return t.Out.Flush()
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	m := map[int32]es.Checkpoint{}
	for i, p := range t.Partitions {
		m[p] = ends[i]
	}
	return m, nil
}

// FollowNew prints what comes after that, in the order of its arrival, until ctx ends.
func (t *Tail) FollowNew(ctx context.Context, from map[int32]es.Checkpoint) error {
	g, gctx := errgroup.WithContext(ctx)
	for p, checkpoint := range from {
		g.Go(func() error {
			_, err := t.scanPartition(gctx, p, checkpoint, true, func(l Line) error {
				t.mu.Lock()
				defer t.mu.Unlock()
				if err := t.Print(t.Out, l); err != nil {
					return err
				}
				return t.Out.Flush()
			})
			return err
		})
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the reader has had enough
	}
	return err
}

// scanPartition passes a partition's lines to fn and returns the newest checkpoint that it passed.
func (t *Tail) scanPartition(ctx context.Context, p int32, from es.Checkpoint, follow bool, fn func(Line) error) (es.Checkpoint, error) {
	before, end := es.Rule{Epoch: from.Epoch, Pseq: from.Pseq, Complete: from.Pseq}, from
	var open []Line
	emit := func(l Line) error {
		if t.Org != uuid.Nil && l.orgID() != t.Org || !l.hasType(t.Prefix) {
			return nil
		}
		return fn(l)
	}
	err := reader.ScanRaw(ctx, t.Log, p, from, follow, func(r reader.Raw) error {
		l := Line{Raw: r}
		if r.Verdict == es.Void {
			l.Why = voidReason(&before, r)
		}
		if r.Err == nil {
			before.See(&r.Entry)
		}
		if !before.Open() {
			end = es.Checkpoint{Epoch: before.Epoch, Pseq: before.Complete, Offset: r.Record.Offset + 1, LeaderEpoch: r.Record.LeaderEpoch}
		}
		if t.Raw {
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
