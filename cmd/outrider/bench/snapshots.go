package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
)

var errEnough = errors.New("enough")

// Keep writes a snapshot of every partition, which leaves at least tail records of each for an owner to read. One
// partition at a time, as a processor does. It gives the number of records that were left.
func Keep(ctx context.Context, log kafka.Log, store *snapshot.Store, tail int64) (left int64, err error) {
	for p := range log.Partitions {
		_, end, err := bounds(ctx, log, p)
		if err != nil {
			return 0, err
		}
		f, last := es.NewFold(commands.Domain()), (*kgo.Record)(nil)
		err = reader.ScanRecords(ctx, log, p, es.StartCheckpoint(), func(r *kgo.Record) error {
			if _, _, err := f.See(r); err != nil {
				return err
			}
			last = r
			if _, closed := f.Checkpoint(r.LeaderEpoch); closed && f.Next >= end-tail {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return 0, fmt.Errorf("read partition %d: %w", p, err)
		}
		if last == nil {
			continue
		}
		if err := store.Write(ctx, p, f, last.LeaderEpoch, snapshot.AnchorAt(last), func() {}); err != nil {
			return 0, err
		}
		left += end - f.Next
	}
	return left, nil
}

func bounds(ctx context.Context, log kafka.Log, p int32) (start, end int64, err error) {
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
		org := organization(i)
		if es.PartitionOf(org, partitions) != partition {
			continue
		}
		id := es.NewID()
		kind, data, err := commands.Encode(commands.RenameCampaign{CampaignID: es.DeriveID(org, "campaign"), Name: "Renamed " + id.String()})
		return &es.Command{ID: id, Type: kind, Org: org, Actor: es.Actor{Kind: es.ActorOperator, ID: "bench"}, CorrelationID: id, CausationID: id, Data: data}, err
	}
}
