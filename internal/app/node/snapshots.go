package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/processor"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
)

// Restarting says how a process that decides commands comes to its state.
type Restarting struct {
	Standby bool `help:"Keep the state of all partitions in memory, so that those of a process which stops are taken over at once."`
	Snapshots
}

// Validate says what can't be so.
func (r Restarting) Validate() error {
	if r.SnapshotEvery < 0 || r.SnapshotRecords < 0 {
		return errors.New("--snapshot-every and --snapshot-records must not be negative")
	}
	return nil
}

// Snapshots says when a partition's state is written.
type Snapshots struct {
	SnapshotEvery   time.Duration `default:"10m" help:"How often the state of a partition is written to the blobs."`
	SnapshotRecords int64         `default:"100000" help:"Records of the log after which it is written sooner."`
}

func (r Snapshots) snapshotPace() processor.SnapshotPace {
	return processor.SnapshotPace{Every: r.SnapshotEvery, Records: r.SnapshotRecords}
}

// stateInSnapshot reads organisations in the snapshots of their partitions, one at a time.
func (n *Node) stateInSnapshot() func(context.Context, uuid.UUID) (es.State, es.ChainVerifier, error) {
	turn := make(chan struct{}, 1)
	return func(ctx context.Context, org uuid.UUID) (es.State, es.ChainVerifier, error) {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return nil, es.ChainVerifier{}, fmt.Errorf("wait to read a snapshot: %w", ctx.Err())
		}
		defer func() { <-turn }()
		store, err := OpenSnapshots(ctx, n.Stores.Log, n.blobs, n.log.Warn)
		if err != nil {
			return nil, es.ChainVerifier{}, err
		}
		state, at := store.Organization(ctx, es.PartitionOf(org, n.Stores.Log.Partitions), org)
		return state, at, nil
	}
}

// OpenSnapshots gives the snapshots that this very code has made of a log.
func OpenSnapshots(ctx context.Context, l kafka.Log, b *blob.Bucket, report func(string, ...any)) (*snapshot.Store, error) {
	code, err := snapshot.Code(commands.Domain(), commands.Sources()...)
	if err != nil {
		return nil, err
	}
	return snapshot.Open(ctx, snapshot.Config{Log: l, Domain: commands.Domain(), Code: code, Bucket: b, Report: report})
}
