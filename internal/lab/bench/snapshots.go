package bench

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
)

// Keep folds every partition, one at a time as a processor does, and writes a snapshot of it twice: to older, which leaves about
// tail records for an owner to read, and to fresh at its end. It gives the number of records that older leaves.
func Keep(ctx context.Context, log kafka.Log, older, fresh *snapshot.Store, tail int64) (left int64, err error) {
	for p := range log.Partitions {
		_, end, err := partitionBounds(ctx, log, p)
		if err != nil {
			return 0, err
		}
		f, last, stands := es.NewFold(commands.Domain()), (*kgo.Record)(nil), int64(-1)
		write := func(store *snapshot.Store) error {
			return store.Write(ctx, p, f, last.LeaderEpoch, snapshot.AnchorAt(last), func() {})
		}
		err = reader.ScanRecords(ctx, log, p, es.StartCheckpoint(), func(r *kgo.Record) error {
			if _, _, err := f.See(r); err != nil {
				return err
			}
			last = r
			if _, closed := f.Checkpoint(r.LeaderEpoch); !closed || stands >= 0 || f.Next < end-tail {
				return nil
			}
			stands = f.Next
			return write(older)
		})
		if err == nil && last != nil {
			err = write(fresh)
		}
		if err != nil {
			return 0, fmt.Errorf("keep partition %d: %w", p, err)
		}
		left += end - max(stands, 0)
	}
	return left, nil
}

func partitionBounds(ctx context.Context, log kafka.Log, p int32) (start, end int64, err error) {
	cl, err := log.Open()
	if err != nil {
		return 0, 0, err
	}
	defer cl.Close()
	return reader.Bounds(ctx, cl, log.Events(), p, es.StartCheckpoint())
}

// Rename gives a command that a history's first organisation on a partition accepts, a new one at every call.
func Rename(partition, partitions int32) (*es.Command, error) {
	for i := 0; ; i++ {
		org := organizationID(i)
		if es.PartitionOf(org, partitions) != partition {
			continue
		}
		id := es.NewID()
		kind, data, err := commands.Encode(commands.RenameCampaign{CampaignID: es.DeriveID(org, "campaign"), Name: "Renamed " + id.String()})
		return &es.Command{ID: id, Type: kind, Org: org, Actor: es.Actor{Kind: es.ActorOperator, ID: "bench"}, CorrelationID: id, CausationID: id, Data: data}, err
	}
}
