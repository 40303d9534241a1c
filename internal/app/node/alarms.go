package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"outrider/internal/blob"
	"outrider/internal/es/processor"
	"outrider/internal/kafka"
)

// Alarms keeps alarms of partitions in the blobs, where every process that decides commands finds them. What settles one stands beside
// it: both stay.
type Alarms struct {
	folder string
	bucket *blob.Bucket
}

const settledSuffix = ".settled"

// AlarmsOf gives those of a log.
func AlarmsOf(log kafka.Log, b *blob.Bucket) Alarms {
	return Alarms{"alarms/" + log.Events() + "/", b}
}

func (a Alarms) partitionFolder(partition int32) string {
	return a.folder + strconv.Itoa(int(partition)) + "/"
}

func (a Alarms) name(partition int32, offset int64) string {
	return a.partitionFolder(partition) + strconv.FormatInt(offset, 10)
}

// Raise is processor.Alarms'.
func (a Alarms) Raise(ctx context.Context, alarm processor.Alarm) error {
	return a.write(ctx, a.name(alarm.Partition, alarm.Offset), alarm)
}

func (a Alarms) write(ctx context.Context, name string, v any) error {
	err := a.bucket.WriteOnce(ctx, name, func(w io.Writer) error { return json.NewEncoder(w).Encode(v) })
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	return err
}

// Raised is processor.Alarms'.
func (a Alarms) Raised(ctx context.Context, partition int32) (*processor.Alarm, error) {
	open, err := a.open(ctx, a.partitionFolder(partition))
	if len(open) == 0 {
		return nil, err
	}
	return &open[0], err
}

// Open are all that nobody has settled.
func (a Alarms) Open(ctx context.Context) ([]processor.Alarm, error) { return a.open(ctx, a.folder) }

func (a Alarms) open(ctx context.Context, folder string) (out []processor.Alarm, _ error) {
	objects, err := a.bucket.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	settled := map[string]bool{}
	for _, o := range objects {
		if name, ok := strings.CutSuffix(o.Name, settledSuffix); ok {
			settled[name] = true
		}
	}
	for _, o := range objects {
		if settled[o.Name] || strings.HasSuffix(o.Name, settledSuffix) {
			continue
		}
		alarm, err := a.read(ctx, o.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, alarm)
	}
	return out, nil
}

func (a Alarms) read(ctx context.Context, name string) (alarm processor.Alarm, _ error) {
	r, err := a.bucket.Read(ctx, name)
	if err != nil {
		return alarm, err
	}
	defer r.Close()
	if err := json.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&alarm); err != nil {
		return alarm, fmt.Errorf("read %s: %w", name, err)
	}
	return alarm, nil
}

// settlement says why a partition may go on.
type settlement struct {
	Time   time.Time `json:"time"`
	Reason string    `json:"reason"`
}

// Settle lets a partition go on with what its log holds.
func (a Alarms) Settle(ctx context.Context, partition int32, offset int64, reason string, now time.Time) error {
	if _, err := a.read(ctx, a.name(partition, offset)); err != nil {
		if errors.Is(err, blob.ErrNotFound) {
			return fmt.Errorf("there is no alarm at offset %d of partition %d", offset, partition)
		}
		return err
	}
	return a.write(ctx, a.name(partition, offset)+settledSuffix, settlement{now.UTC(), reason})
}
