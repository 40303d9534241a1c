package quiescence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ends are the offsets behind the last records, by partition.
type ends struct{ commands, events []int64 }

// logEnds asks the broker for both topics with one request.
func (p *Clock) logEnds(ctx context.Context) (out ends, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	for _, name := range []string{p.log.Commands(), p.log.Events()} {
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic = name
		for n := range p.log.Partitions {
			part := kmsg.NewListOffsetsRequestTopicPartition()
			part.Partition, part.CurrentLeaderEpoch, part.Timestamp = n, -1, -1
			t.Partitions = append(t.Partitions, part)
		}
		req.Topics = append(req.Topics, t)
	}
	res, err := req.RequestWith(ctx, p.cl)
	if err != nil {
		return out, fmt.Errorf("list ends of the log: %w", err)
	}
	out.commands, out.events = make([]int64, p.log.Partitions), make([]int64, p.log.Partitions)
	n := 0
	for _, t := range res.Topics {
		for _, part := range t.Partitions {
			err = errors.Join(err, kerr.ErrorForCode(part.ErrorCode))
			switch t.Topic {
			case p.log.Commands():
				out.commands[part.Partition] = part.Offset
			case p.log.Events():
				out.events[part.Partition] = part.Offset
			}
			n++
		}
	}
	if err == nil && n != 2*int(p.log.Partitions) {
		err = errors.New("partitions are missing")
	}
	if err != nil {
		return out, fmt.Errorf("list ends of the log: %w", err)
	}
	return out, nil
}
