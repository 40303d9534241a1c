package reader

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// Scan reads a partition once, from cfg.From to where the log ends now, or to offset to when that is above 0. It returns the
// checkpoint after the last complete command, and a summary of the rest. cfg.Linger and cfg.Cut have no meaning.
func Scan(ctx context.Context, log kafka.Log, cfg Config, to int64, fn func(context.Context, Batch) error) (es.Checkpoint, Summary, error) {
	cfg.Linger, cfg.Cut = 0, 0
	a := newAssembler(cfg)
	rule := sieve{es.NewGate(cfg.From), a.cfg.Report}
	out, failed := make(chan Batch, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer close(out)
		var high int64
		send := func() error {
			if len(a.events) == 0 {
				return nil
			}
			select {
			case out <- a.nextBatch(high):
				a.startNext()
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := scanPartition(ctx, log, cfg, to, func(f fetchedRecords) error {
			high = max(high, f.high)
			for _, r := range f.records {
				c, err := rule.pass(r)
				if err != nil {
					a.decodeFresh()
					return err
				}
				if c != nil {
					a.takeCommand(c)
				}
				if a.isFull() {
					if a.decodeFresh(); a.failed != nil {
						return a.failed
					}
					if err := send(); err != nil {
						return err
					}
				}
			}
			a.decodeFresh()
			return a.failed
		})
		if e := send(); err == nil {
			err = e
		}
		failed <- err
	}()
	var err error
	for b := range out {
		if err == nil {
			if err = fn(ctx, b); err != nil {
				cancel()
			}
		}
	}
	if e := <-failed; err == nil {
		err = e
	}
	return a.end, Summary{Records: rule.gate.Next - cfg.From.Offset, Voids: rule.gate.Rule.Voids, Malformed: rule.gate.Malformed, Open: rule.gate.Rule.Open()}, err
}

// Summary is what a scan saw besides events.
type Summary struct {
	Records   int64 // offsets passed
	Voids     int64 // records that don't count, malformed ones included
	Malformed int64
	Open      bool // the log ends inside a command
}

// Raw is a record with the rule's verdict, for inspecting a log.
type Raw struct {
	Record  *kgo.Record
	Verdict es.Verdict
	Entry   es.Entry
	Err     error // why it is malformed
}

// ScanRaw yields every record of a partition; follow = continue at the end until ctx ends.
func ScanRaw(ctx context.Context, log kafka.Log, partition int32, from es.Checkpoint, follow bool, fn func(Raw) error) error {
	gate := es.NewGate(from)
	to := int64(0)
	if follow {
		to = -1
	}
	err := scanPartition(ctx, log, Config{Partition: partition, From: from}, to, func(f fetchedRecords) error {
		for _, r := range f.records {
			if r.Offset < gate.Next {
				continue
			}
			bad := gate.Malformed
			v, entry, _, err := gate.See(r)
			if err != nil {
				return err
			}
			raw := Raw{Record: r, Verdict: v, Entry: entry}
			if gate.Malformed > bad {
				raw.Err = gate.LastBad
			}
			if err := fn(raw); err != nil {
				return err
			}
		}
		return nil
	})
	if follow {
		return dropIfEnded(ctx, err)
	}
	return err
}

// ScanRecords yields a partition's records as they are, from a checkpoint to where the log ends now.
func ScanRecords(ctx context.Context, log kafka.Log, partition int32, from es.Checkpoint, fn func(*kgo.Record) error) error {
	return scanPartition(ctx, log, Config{Partition: partition, From: from}, 0, func(f fetchedRecords) error {
		for _, r := range f.records {
			if err := fn(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// scanPartition fetches a partition with a client of its own. to: offset to stop before, 0 = the end as it is now, -1 = never.
func scanPartition(ctx context.Context, log kafka.Log, cfg Config, to int64, fn func(fetchedRecords) error) error {
	cl, err := log.Open(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{log.Events(): {cfg.Partition: kgo.NewOffset().At(cfg.From.Offset).WithEpoch(cfg.From.LeaderEpoch)}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(4<<20))
	if err != nil {
		return err
	}
	defer cl.Close()
	_, end, err := Bounds(ctx, cl, log.Events(), cfg.Partition, cfg.From)
	if err != nil {
		return err
	}
	switch {
	case to == 0:
		to = end
	case to > end:
		return fmt.Errorf("%w: partition %d ends at offset %d, but %d was expected", ErrTruncated, cfg.Partition, end, to)
	}
	for next := cfg.From.Offset; to < 0 || next < to; {
		fetches := cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		var failed error
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			f := fetchedRecords{records: p.Records, high: p.HighWatermark}
			for len(f.records) > 0 && to >= 0 && f.records[len(f.records)-1].Offset >= to {
				f.records = f.records[:len(f.records)-1]
			}
			if n := len(p.Records); n > 0 {
				next = p.Records[n-1].Offset + 1
			}
			if failed == nil {
				failed = fn(f)
			}
			if failed == nil && p.Err != nil {
				failed = FetchError(cfg.Partition, p.Err)
			}
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}
