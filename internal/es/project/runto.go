package project

import (
	"context"
	"fmt"
	"slices"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// RunTo brings all projections of a partition to exactly one position, and ends; to is a checkpoint that somebody else
// has stored. It fails if an event can't be handled. moved is called for every batch.
func (r *Postgres) RunTo(ctx context.Context, partition int32, to es.Checkpoint, moved func(pseq int64)) error {
	g, from, err := r.loadGroup(ctx, r.Projections, partition)
	if err != nil {
		return err
	}
	if from.Pseq == to.Pseq {
		return nil
	}
	return scanTo(ctx, r.Log, r.readerConfig(partition, from), to, func(ctx context.Context, b reader.Batch) error {
		err := r.takeBatch(ctx, g, b)
		if err == nil {
			moved(b.Checkpoint.Pseq)
		}
		return err
	})
}

// RunTo does the same as Postgres.RunTo.
func (r *ClickHouse) RunTo(ctx context.Context, partition int32, to es.Checkpoint, moved func(pseq int64)) error {
	at, err := loadCheckpoints(ctx, r.Pool, []ProjectionKey{r.projectionKey()}, partition)
	if err != nil {
		return err
	}
	noted, err := loadPending(ctx, r.Pool, r.projectionKey(), partition, at[0].Pseq)
	if err != nil {
		return err
	}
	passed, err := loadSkips(ctx, r.Pool, partition, r.Table.Name)
	if err != nil || at[0].Pseq == to.Pseq {
		return err
	}
	var waiting []*es.Event // of the range that was begun, until it is complete
	apply := func(ctx context.Context, b reader.Batch) error {
		if len(b.Events) == 0 {
			return nil
		}
		err := r.applyBatch(ctx, partition, noted, passed[0], b, r.writeAlone)
		if noted = (pendingRange{}); err == nil {
			moved(b.Checkpoint.Pseq)
		}
		return err
	}
	return scanTo(ctx, r.Log, r.readerConfig(partition, at[0]), to, func(ctx context.Context, b reader.Batch) error {
		if noted.to == 0 {
			return apply(ctx, b)
		}
		waiting = append(waiting, b.Events...)
		i := slices.IndexFunc(waiting, func(e *es.Event) bool { return e.Pseq == noted.to })
		if i < 0 {
			return nil
		}
		first := reader.Batch{Events: waiting[:i+1], Checkpoint: b.After(waiting[i])}
		rest := reader.Batch{Events: waiting[i+1:], Checkpoint: b.Checkpoint}
		if err := apply(ctx, first); err != nil {
			return err
		}
		return apply(ctx, rest)
	})
}

func scanTo(ctx context.Context, log kafka.Log, cfg reader.Config, to es.Checkpoint, fn func(context.Context, reader.Batch) error) error {
	if cfg.From.Pseq > to.Pseq {
		return fmt.Errorf("partition %d stands at pseq %d, past the %d it should come to", cfg.Partition, cfg.From.Pseq, to.Pseq)
	}
	end, _, err := reader.Scan(ctx, log, cfg, to.Offset, fn)
	if err == nil && end.Pseq != to.Pseq {
		err = fmt.Errorf("%w: partition %d was read to offset %d and pseq %d, where %d was stored", es.ErrLoss, cfg.Partition, to.Offset, end.Pseq, to.Pseq)
	}
	return err
}
