package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	follow "outrider/internal/es/reader"
	"outrider/internal/es/snapshot"
	"outrider/internal/retry"
)

// SnapshotPace says when a partition gets a snapshot; zero values are the defaults.
type SnapshotPace struct {
	Every   time.Duration // 10 min, when the log has grown by Least records
	Least   int64         // 1,000 records
	Records int64         // 100,000: sooner, however young the newest is
}

func (p *SnapshotPace) setDefaults() {
	if p.Every == 0 {
		p.Every = 10 * time.Minute
	}
	if p.Least == 0 {
		p.Least = 1000
	}
	if p.Records == 0 {
		p.Records = 100_000
	}
}

// lastSnapshot is what is known of a partition's newest snapshot.
type lastSnapshot struct {
	offset int64     // of the newest snapshot; 0 = none
	at     time.Time // when it was taken or tried
}

// takeSnapshots writes those of the partitions that are owned here, one at a time, until ctx ends. Owners never wait for
// it: each snapshot is made of a fold of its own, from the one before and the log since.
func (x *Processor) takeSnapshots(ctx context.Context) {
	if x.cfg.Snapshots == nil {
		return
	}
	known := map[int32]lastSnapshot{}
	tick := time.NewTicker(min(time.Second, x.cfg.SnapshotPace.Every/2))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		owned := map[int32]bool{}
		for _, pr := range x.Progress() {
			if !pr.Owned {
				continue
			}
			owned[pr.Partition] = true
			k, ok := known[pr.Partition]
			if !ok {
				k = lastSnapshot{pr.From, time.Now()}
			}
			if x.snapshotDue(pr.Events-k.offset, time.Since(k.at)) {
				next, err := x.takeSnapshot(ctx, pr.Partition, pr.Events)
				switch {
				case ctx.Err() != nil:
					return
				case err == nil:
					x.stats.Snapshots.Add(1)
					k.offset = next
				case errors.Is(err, es.ErrNoSnapshot):
				default:
					x.cfg.Report("no snapshot was taken", "partition", pr.Partition, "error", err)
				}
				k.at = time.Now()
			}
			known[pr.Partition] = k
		}
		for p := range known {
			if !owned[p] {
				delete(known, p)
			}
		}
	}
}

// snapshotDue reports whether it is time for a snapshot; after a failure that is a tenth of the interval later.
func (x *Processor) snapshotDue(grown int64, age time.Duration) bool {
	pace := &x.cfg.SnapshotPace
	return grown >= pace.Records && age >= pace.Every/10 || grown >= pace.Least && age >= pace.Every
}

// errReached ends a scan that has read far enough.
var errReached = errors.New("there")

// takeSnapshot reads from the newest snapshot up to the first record, at to or later, after which no command is open.
func (x *Processor) takeSnapshot(ctx context.Context, p int32, to int64) (next int64, err error) {
	pace := throttle{ctx: ctx, since: time.Now()}
	start, end, err := x.listBounds(ctx, x.cfg.Log.Events(), p)
	if err != nil {
		return 0, err
	}
	b := x.loadBase(ctx, p, start, end)
	var last *kgo.Record
	for tries := 0; ; tries++ {
		n := 0
		from := es.Checkpoint{Offset: b.nextOffset(), LeaderEpoch: -1}
		if last != nil {
			from = es.Checkpoint{Offset: b.fold.Next, LeaderEpoch: last.LeaderEpoch}
		}
		err := follow.ScanRecords(ctx, x.cfg.Log, p, from, func(r *kgo.Record) error {
			if err := b.checkAnchor(ctx, x, r); err != nil {
				return err
			}
			if r.Offset < b.fold.Next {
				return nil
			}
			if _, _, err := b.fold.See(r); err != nil {
				return err
			}
			last = r
			if n++; n%4096 == 0 {
				pace.pauseWork()
			}
			if _, closed := b.fold.Checkpoint(r.LeaderEpoch); closed && b.fold.Next >= to {
				return errReached
			}
			return nil
		})
		if err != nil && !errors.Is(err, errReached) {
			return 0, fmt.Errorf("read to a snapshot of partition %d: %w", p, err)
		}
		if errors.Is(err, errReached) {
			break
		}
		if last == nil || tries == 3 {
			return 0, es.ErrNoSnapshot // a command is still open, or nothing new has come
		}
		_ = retry.Sleep(ctx, 50*time.Millisecond)
	}
	return b.fold.Next, x.cfg.Snapshots.Write(ctx, p, b.fold, last.LeaderEpoch, snapshot.AnchorAt(last), pace.pauseWork)
}

// throttle pauses as long as it has worked, so that a snapshot takes half a core at most.
type throttle struct {
	ctx   context.Context //nolint:containedctx // of one snapshot
	since time.Time
}

func (b *throttle) pauseWork() {
	_ = retry.Sleep(b.ctx, min(time.Since(b.since), 100*time.Millisecond))
	b.since = time.Now()
}
