package reader

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// jump is how many records are skipped by reading rather than by a new fetch.
const jump = 500

// NameCommands fills in the types of those commands of a trace that are still kept.
func NameCommands(ctx context.Context, log kafka.Log, partition int32, roots []*es.TracedCommand) error {
	commands := es.Commands(roots)
	offsets := make([]int64, len(commands))
	for i, c := range commands {
		offsets[i] = c.First.CommandOffset
	}
	kept, err := CommandsAt(ctx, log, partition, offsets)
	if err != nil {
		return err
	}
	for _, c := range commands {
		if k := kept[c.First.CommandOffset]; k != nil && k.ID == c.ID {
			c.Type = k.Type
		}
	}
	return nil
}

// CommandsAt returns the commands at some offsets of a partition; those that are no longer kept are missing.
func CommandsAt(ctx context.Context, log kafka.Log, partition int32, offsets []int64) (map[int64]*es.Command, error) {
	topic := log.Commands()
	cl, err := log.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{}), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchMaxPartitionBytes(64<<10))
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	from, end, err := Bounds(ctx, cl, topic, partition, es.Checkpoint{})
	if err != nil && end == 0 { // the start is later than offset 0 when the oldest are gone
		return nil, err
	}
	want := slices.Sorted(slices.Values(offsets))
	want = slices.DeleteFunc(slices.Compact(want), func(o int64) bool { return o < from || o >= end })
	found := map[int64]*es.Command{}
	for next := int64(-1); len(want) > 0; {
		if next < 0 || want[0]-next > jump {
			cl.RemoveConsumePartitions(map[string][]int32{topic: {partition}})
			cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(want[0])}})
		}
		fetches := cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read commands of partition %d: %w", partition, err)
		}
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("read commands of partition %d: %w", partition, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			for len(want) > 0 && want[0] < r.Offset { // compacted or deleted
				want = want[1:]
			}
			if len(want) > 0 && want[0] == r.Offset {
				if c, err := es.ParseCommand(r); err == nil { // a malformed one has no events anyway
					found[r.Offset] = c
				}
				want = want[1:]
			}
			next = r.Offset + 1
		})
	}
	return found, nil
}
