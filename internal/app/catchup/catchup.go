// Package catchup waits until read models show what the log holds. What others tell of something that a read model doesn't show, as a mail about a message, may be early:
// it is of nothing of ours only where the read model has caught up.
package catchup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Reader knows where the log ends and how far read models are; all of it is needed.
type Reader struct {
	Pool *pgxpool.Pool // of any role that may read kernel.checkpoints
	Log  kafka.Log
	Wait func(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error // until a projection has stored pseq

	Key    func(name string) project.ProjectionKey // of the projection that runs now under a name
	AtMost time.Duration                           // for all that is waited for at once
}

// CatchUp returns when projections have stored all of an organisation that the log holds now, or with ctx's error.
func (r Reader) CatchUp(ctx context.Context, org uuid.UUID, names ...string) error {
	ctx, cancel := context.WithTimeout(ctx, r.AtMost)
	defer cancel()
	for _, name := range names {
		if err := r.catchUp(ctx, org, r.Key(name)); err != nil {
			return err
		}
	}
	return nil
}

func (r Reader) catchUp(ctx context.Context, org uuid.UUID, key project.ProjectionKey) error {
	partition, from := es.PartitionOf(org, r.Log.Partitions), es.StartCheckpoint()
	err := r.Pool.QueryRow(ctx, `select epoch, pseq, "offset", leader_epoch from kernel.checkpoints where projection = $1 and version = $2 and partition = $3`, key.Name, key.Version, partition).
		Scan(&from.Epoch, &from.Pseq, &from.Offset, &from.LeaderEpoch)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("look how far %s is on partition %d: %w", key, partition, err)
	}
	end, _, err := reader.Scan(ctx, r.Log, reader.Config{Partition: partition, From: from}, 0, func(context.Context, reader.Batch) error { return nil })
	if err != nil {
		return fmt.Errorf("find the end of partition %d: %w", partition, err)
	}
	return r.Wait(ctx, key, partition, end.Pseq)
}
