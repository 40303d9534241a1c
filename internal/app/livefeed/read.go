package livefeed

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// startReading reads every partition from where the read models are.
func (f *Feed) startReading(ctx context.Context) error {
	from, err := f.readCheckpoints(ctx)
	if err != nil {
		return err
	}
	rd, err := reader.Join(f.cfg.Shared, f.cfg.Log)
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(f.life)
	running := &sync.WaitGroup{}
	f.running, f.stop, f.at = running, stop, map[int32]int64{}
	var partitions sync.WaitGroup
	for p := range f.cfg.Partitions {
		f.at[p] = from[p].Pseq
		partitions.Go(func() {
			err := rd.Follow(life, reader.Config{Partition: p, From: from[p]}, func(ctx context.Context, b reader.Batch) error { return f.handOut(ctx, p, b) })
			if err != nil {
				f.cfg.Logger.Error("the stream of events broke off", "partition", p, "error", err)
			}
			stop() // one without the others would have holes
		})
	}
	running.Go(func() {
		partitions.Wait()
		rd.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running = nil // the next stream begins anew
		for _, of := range f.listeners {
			for l := range of {
				f.dropListener(l)
			}
		}
	})
	return nil
}

// readCheckpoints returns, for each partition, that of the read model that is farthest behind.
func (f *Feed) readCheckpoints(ctx context.Context) ([]es.Checkpoint, error) {
	var names []string
	var versions []int32
	for _, k := range f.readModels {
		names, versions = append(names, k.Name), append(versions, int32(k.Version))
	}
	out := make([]es.Checkpoint, f.cfg.Partitions)
	for p := range out {
		out[p] = es.StartCheckpoint()
	}
	rows, err := f.cfg.Pool.Query(ctx, `
		select distinct on (c.partition) c.partition, c.epoch, c.pseq, c."offset", c.leader_epoch, count(*) over (partition by c.partition)
		from unnest($1::text[], $2::int[]) as k(name, version) join kernel.checkpoints c on c.projection = k.name and c.version = k.version
		order by c.partition, c.pseq`, names, versions)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	var p int32
	var c es.Checkpoint
	var known int
	if _, err := pgx.ForEachRow(rows, []any{&p, &c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch, &known}, func() error {
		if known == len(names) && int(p) < len(out) {
			out[p] = c
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return out, nil
}

// handOut gives a batch to those who listen, once all read models have it.
func (f *Feed) handOut(ctx context.Context, partition int32, b reader.Batch) error {
	for _, k := range f.readModels {
		if err := f.cfg.Positions.Wait(ctx, k, partition, b.Checkpoint.Pseq); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[partition] = b.Checkpoint.Pseq
	for _, e := range b.Events {
		of := f.listeners[e.Org]
		if len(of) == 0 {
			continue
		}
		h := f.eventOf(e)
		for l := range of {
			if len(l.queue) == maxQueue {
				f.dropListener(l)
				continue
			}
			l.queue = append(l.queue, h)
			select {
			case l.more <- struct{}{}:
			default:
			}
		}
	}
	return nil
}
