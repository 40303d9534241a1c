package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// EachRecord gives every record that a topic holds now, whatever counts: its key, its value, and names and values of its headers. A topic
// that isn't there has none.
func (l Log) EachRecord(ctx context.Context, topic string, fn func(partition int32, offset int64, parts ...[]byte)) error {
	cl, err := l.Open(kgo.KeepControlRecords()) // the last record may be one
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("list ends of %s: %w", topic, err)
	}
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("list starts of %s: %w", topic, err)
	}
	left := map[int32]int64{} // ends of partitions that aren't read yet
	from := map[int32]kgo.Offset{}
	for p, end := range ends[topic] {
		if errors.Is(end.Err, kerr.UnknownTopicOrPartition) {
			continue
		}
		start, ok := starts.Lookup(topic, p)
		if err := errors.Join(end.Err, start.Err); !ok || err != nil {
			return fmt.Errorf("list offsets of %s partition %d: %w", topic, p, errors.Join(errors.New("no answer"), err))
		}
		if start.Offset < end.Offset {
			left[p], from[p] = end.Offset, kgo.NewOffset().At(start.Offset)
		}
	}
	cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: from})
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read %s: %w", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				parts := [][]byte{r.Key, r.Value}
				for _, h := range r.Headers {
					parts = append(parts, []byte(h.Key), h.Value)
				}
				fn(r.Partition, r.Offset, parts...)
			}
			if end, ok := left[r.Partition]; ok && r.Offset+1 >= end {
				delete(left, r.Partition)
			}
		})
	}
	return nil
}
