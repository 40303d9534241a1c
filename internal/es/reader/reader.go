// Package reader follows partitions of the log through the rule and delivers the events of complete commands in batches.
package reader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// ErrTruncated reports that the log no longer has the records after a checkpoint: its reader must stop and be rebuilt.
var ErrTruncated = errors.New("the log was truncated")

// ErrTaken reports that this reader follows the partition already.
var ErrTaken = errors.New("partition is already followed by this reader")

// waiting bounds the records of one partition that were fetched and not yet taken; after it the fetch is paused.
const waiting = 20_000

// Reader follows partitions, each once at a time. Alone it fetches them all with one Kafka client; one of a Shared does so only where it isn't
// near the end of the log.
type Reader struct {
	log    kafka.Log
	opts   []kgo.Opt
	shared *Shared // nil = alone

	mu     sync.Mutex
	cl     *kgo.Client // nil = nothing was fetched yet
	cancel context.CancelFunc
	done   chan struct{}
	closed bool
	queues map[int32]*queue
	turn   pollTurn
}

// pollTurn is one poll, including the delivery of what it fetched.
type pollTurn struct {
	interrupt context.CancelFunc
	over      chan struct{}
}

// fetchOptions are those of all who fetch the log.
func fetchOptions(more []kgo.Opt) []kgo.Opt {
	return append([]kgo.Opt{
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // out of range is an error for us, never a jump
		kgo.FetchMaxWait(100 * time.Millisecond),    // a partition added or resumed waits for the fetch under way
		kgo.FetchMaxBytes(16 << 20), kgo.FetchMaxPartitionBytes(4 << 20),
	}, more...)
}

// Open starts a reader of the log's events. Close ends it.
func Open(log kafka.Log, opts ...kgo.Opt) (*Reader, error) {
	r := &Reader{log: log, opts: opts}
	_, err := r.client()
	return r, err
}

// client returns the reader's own client, and opens it at first.
func (r *Reader) client() (*kgo.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, kgo.ErrClientClosed
	}
	if r.cl != nil {
		return r.cl, nil
	}
	cl, err := r.log.Open(fetchOptions(r.opts)...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cl, r.cancel, r.done, r.queues, r.turn = cl, cancel, make(chan struct{}), map[int32]*queue{}, pollTurn{func() {}, make(chan struct{})}
	close(r.turn.over)
	go r.pollFetches(ctx)
	return cl, nil
}

// Close ends every Follow with an error.
func (r *Reader) Close() {
	r.mu.Lock()
	r.closed = true
	opened := r.cl != nil
	r.mu.Unlock()
	if opened {
		r.cancel()
		<-r.done
		r.cl.Close()
	}
}

// fetchedRecords is what a poll fetched for a partition.
type fetchedRecords struct {
	records []*kgo.Record
	high    int64 // high watermark
	err     error
}

// queue holds what was fetched of one partition until it is taken.
type queue struct {
	mu      sync.Mutex
	parts   []fetchedRecords
	records int
	paused  bool
	ready   chan struct{} // has one element when parts isn't empty
}

func (r *Reader) pollFetches(ctx context.Context) {
	defer close(r.done)
	for ctx.Err() == nil {
		once, interrupt := context.WithCancel(ctx)
		t := pollTurn{interrupt, make(chan struct{})}
		r.mu.Lock()
		r.turn = t
		r.mu.Unlock()
		fetches := r.cl.PollFetches(once)
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			r.mu.Lock()
			q := r.queues[p.Partition]
			r.mu.Unlock()
			if q != nil && p.Topic == r.log.Events() && (len(p.Records) > 0 || p.Err != nil) {
				r.putFetched(q, p.Partition, fetchedRecords{p.Records, p.HighWatermark, p.Err})
			}
		})
		interrupt()
		close(t.over)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, q := range r.queues {
		r.putFetched(q, p, fetchedRecords{err: kgo.ErrClientClosed})
	}
}

func (r *Reader) putFetched(q *queue, partition int32, f fetchedRecords) {
	q.mu.Lock()
	q.parts = append(q.parts, f)
	q.records += len(f.records)
	if q.records > waiting && !q.paused {
		q.paused = true
		r.cl.PauseFetchPartitions(map[string][]int32{r.log.Events(): {partition}})
	}
	q.mu.Unlock()
	trySignal(q.ready)
}

func (r *Reader) takeFetched(q *queue, partition int32) []fetchedRecords {
	q.mu.Lock()
	defer q.mu.Unlock()
	parts := q.parts
	q.parts, q.records = nil, 0
	if q.paused {
		q.paused = false
		r.cl.ResumeFetchPartitions(map[string][]int32{r.log.Events(): {partition}})
	}
	return parts
}

// addPartition starts fetching a partition after a checkpoint that the log can still serve.
func (r *Reader) addPartition(ctx context.Context, partition int32, from es.Checkpoint, ready chan struct{}) (*queue, error) {
	cl, err := r.client()
	if err != nil {
		return nil, err
	}
	if _, _, err := Bounds(ctx, cl, r.log.Events(), partition, from); err != nil {
		return nil, err
	}
	q := &queue{ready: ready}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.queues[partition] != nil {
		return nil, ErrTaken
	}
	r.queues[partition] = q
	r.cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.log.Events(): {partition: kgo.NewOffset().At(from.Offset).WithEpoch(from.LeaderEpoch)}})
	return q, nil
}

// removePartition stops fetching a partition. A poll under way may hold records of it, which must not reach a next follower
// that starts elsewhere, so it waits for the turn to end.
func (r *Reader) removePartition(partition int32) {
	m := map[string][]int32{r.log.Events(): {partition}}
	r.mu.Lock()
	r.queues[partition] = &queue{ready: make(chan struct{}, 1), paused: true} // still fetched; what comes is dropped
	r.cl.RemoveConsumePartitions(m)
	r.cl.ResumeFetchPartitions(m)
	t := r.turn
	r.mu.Unlock()
	t.interrupt()
	<-t.over
	r.mu.Lock()
	delete(r.queues, partition)
	r.mu.Unlock()
}

// Bounds returns where a partition's log starts and ends (the offset to be written next), and ErrTruncated when a reader
// at the checkpoint can't continue there.
func Bounds(ctx context.Context, cl *kgo.Client, topic string, partition int32, from es.Checkpoint) (start, end int64, err error) {
	adm := kadm.NewClient(cl)
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list start of %s: %w", topic, err)
	}
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list end of %s: %w", topic, err)
	}
	s, ok := starts.Lookup(topic, partition)
	e, ok2 := ends.Lookup(topic, partition)
	if err := errors.Join(s.Err, e.Err); !ok || !ok2 || err != nil {
		return 0, 0, fmt.Errorf("list offsets of %s partition %d: %w", topic, partition, errors.Join(errors.New("no answer"), err))
	}
	switch {
	case from.Offset < s.Offset:
		err = fmt.Errorf("%w: partition %d begins at offset %d, but its reader stands at %d", ErrTruncated, partition, s.Offset, from.Offset)
	case from.Offset > e.Offset:
		err = fmt.Errorf("%w: partition %d ends at offset %d, but its reader stands at %d", ErrTruncated, partition, e.Offset, from.Offset)
	}
	return s.Offset, e.Offset, err
}
