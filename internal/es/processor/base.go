package processor

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/snapshot"
)

// maxUnread bounds the records of the log that are fetched ahead of who applies them, per partition.
const maxUnread = 20_000

// base is confirmed state that an owner or a follower begins from.
type base struct {
	fold *es.Fold
	snap *snapshot.Snapshot // that it comes from, while the log has not proven it; nil = none
}

// base reads the newest snapshot that the log [start, end) can bear out; without one the log is read from its start.
func (x *Processor) base(ctx context.Context, p int32, start, end int64) base {
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

// next is the offset to read from: the anchor of a snapshot is looked at once more.
func (b *base) next() int64 {
	if b.snap != nil {
		return b.snap.Anchor.Offset
	}
	return b.fold.Next
}

// prove compares the first record with the snapshot's anchor.
func (b *base) prove(ctx context.Context, x *Processor, r *kgo.Record) error {
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

// tapLog makes the tap that fills a handoff from the log, and stops for a while when it is full.
func (x *Processor) tapLog(p int32, next int64, m *handoff) *tap {
	return &tap{p: p, next: next, lose: m.lose, give: func(rs []*kgo.Record) {
		if m.putLog(rs) > maxUnread {
			m.full.Store(true)
			x.log.pause(p)
			m.kick() // it may have been emptied just before
		}
	}}
}

// unread takes what has come, and lets more come.
func (x *Processor) unread(p int32, m *handoff) (log [][]*kgo.Record, failed, lost error) {
	log, failed, lost = m.takeLog()
	if m.full.CompareAndSwap(true, false) {
		x.log.resume(p)
	}
	return log, failed, lost
}
