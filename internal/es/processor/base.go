package processor

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/snapshot"
)

// maxUnread bounds the records of the log that are fetched and not yet applied, per partition.
const maxUnread = 20_000

// base is the confirmed state that an owner or a follower starts from.
type base struct {
	fold *es.Fold
	snap *snapshot.Snapshot // where it comes from, until the log has confirmed it; nil = none
}

// loadBase reads the newest snapshot that the log [start, end) can confirm; without one the log is read from its start.
func (x *Processor) loadBase(ctx context.Context, p int32, start, end int64) base {
	for x.cfg.Snapshots != nil {
		snap := x.cfg.Snapshots.Newest(ctx, p)
		if snap == nil {
			break
		}
		if snap.Anchor.Offset >= start && snap.At.Offset <= end {
			return base{snap.Fold, snap}
		}
		x.cfg.Snapshots.Drop(ctx, snap, fmt.Errorf("it stands at offset %d, the log has %d to %d", snap.At.Offset, start, end-1))
		if ctx.Err() != nil {
			break
		}
	}
	return base{fold: es.NewFold(x.cfg.Domain)}
}

// nextOffset is the offset to read from: the anchor of a snapshot is read again.
func (b *base) nextOffset() int64 {
	if b.snap != nil {
		return b.snap.Anchor.Offset
	}
	return b.fold.Next
}

// checkAnchor compares the first record with the snapshot's anchor.
func (b *base) checkAnchor(ctx context.Context, x *Processor, r *kgo.Record) error {
	if b.snap == nil {
		return nil
	}
	snap := b.snap
	b.snap = nil
	if err := snap.Anchor.Check(r); err != nil {
		x.cfg.Snapshots.Drop(ctx, snap, err)
		return fmt.Errorf("%w: %w", es.ErrLoss, err)
	}
	return nil
}

// tapLog returns a tap that fills a work queue from the log, and pauses while it is full.
func (x *Processor) tapLog(p int32, next int64, q *workQueue) *partitionTap {
	return &partitionTap{p: p, next: next, lose: q.noteLost, full: q.full.Load, give: func(rs []*kgo.Record) {
		if q.putLog(rs) > maxUnread {
			q.full.Store(true)
			x.log.pausePartition(p)
			q.wakeUp() // it may just have been emptied
		}
	}}
}

// takeUnread returns what was fetched, and resumes fetching.
func (x *Processor) takeUnread(p int32, q *workQueue) (log [][]*kgo.Record, failed, lost error) {
	log, failed, lost = q.takeLog()
	if q.full.CompareAndSwap(true, false) {
		x.log.resumePartition(p)
	}
	return log, failed, lost
}
