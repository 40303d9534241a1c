package processor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/kafka"
)

// reader reads partitions of one topic from given offsets, with one client for all.
type reader struct {
	topic  string
	cl     *kgo.Client
	report func(what string, attrs ...any)

	mu   sync.Mutex
	taps map[int32]*partitionTap
}

// partitionTap is where one partition's records go. Both functions are called under the reader's lock and must not block.
type partitionTap struct {
	p    int32
	next int64 // offset expected next
	gap  int64 // first offset that came instead of next, after which we asked again; -1 = none
	give func([]*kgo.Record)
	lose func(error)
}

func newReader(l kafka.Log, topic string, report func(string, ...any)) (*reader, error) {
	// NoResetOffset: the owner must learn of an offset out of range, which must never be skipped silently. KeepControlRecords: if a
	// foreign transaction's marker were the last record, an owner would wait for the end of the log for ever.
	cl, err := l.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{}), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.KeepControlRecords())
	if err != nil {
		return nil, err
	}
	return &reader{topic: topic, cl: cl, report: report, taps: map[int32]*partitionTap{}}, nil
}

func (r *reader) attachTap(t *partitionTap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.gap = -1
	r.taps[t.p] = t
	r.seekTap(t)
}

func (r *reader) seekTap(t *partitionTap) {
	r.cl.RemoveConsumePartitions(map[string][]int32{r.topic: {t.p}})
	r.cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: {t.p: kgo.NewOffset().At(t.next)}})
}

func (r *reader) detachTap(t *partitionTap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taps[t.p] == t {
		delete(r.taps, t.p)
		r.cl.RemoveConsumePartitions(map[string][]int32{r.topic: {t.p}})
		r.cl.ResumeFetchPartitions(map[string][]int32{r.topic: {t.p}})
	}
}

// purgeTopic makes the client forget the topic, so that it looks it up again; every tap ends.
func (r *reader) purgeTopic(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, t := range r.taps {
		t.lose(why)
		delete(r.taps, p)
	}
	r.cl.PurgeTopicsFromClient(r.topic)
}

func (r *reader) pausePartition(p int32) { r.cl.PauseFetchPartitions(map[string][]int32{r.topic: {p}}) }
func (r *reader) resumePartition(p int32) {
	r.cl.ResumeFetchPartitions(map[string][]int32{r.topic: {p}})
}

func (r *reader) pollFetches(ctx context.Context) {
	for ctx.Err() == nil {
		fs := r.cl.PollFetches(ctx)
		r.mu.Lock()
		fs.EachPartition(r.routeFetched)
		r.mu.Unlock()
	}
}

func (r *reader) routeFetched(f kgo.FetchTopicPartition) {
	if f.Err != nil && (errors.Is(f.Err, context.Canceled) || errors.Is(f.Err, kgo.ErrClientClosed)) {
		return
	}
	t := r.taps[f.Partition]
	if f.Topic != r.topic || t == nil {
		if f.Err != nil {
			r.report("fetch failed", "topic", f.Topic, "partition", f.Partition, "error", f.Err)
		}
		return
	}
	if rs := f.Records; len(rs) > 0 {
		// A record ahead of the expected one is left over from an earlier tap of the partition, or there is a gap: ask
		// again, from here between two polls, where nothing can be left over; then what comes is reliable.
		if rs[0].Offset > t.next && rs[0].Offset != t.gap {
			t.gap = rs[0].Offset
			r.seekTap(t)
			return
		}
		if last := rs[len(rs)-1].Offset; last >= t.next {
			t.next = last + 1
			t.give(rs)
		}
	}
	if f.Err != nil {
		t.lose(fmt.Errorf("read partition %d at %d: %w", t.p, t.next, &topicError{r.topic, f.Err}))
	}
}

// topicError is an error with its topic.
type topicError struct {
	topic string
	err   error
}

func (e *topicError) Error() string { return e.topic + ": " + e.err.Error() }
func (e *topicError) Unwrap() error { return e.err }

// dataLoss reports whether a fetch failed because records have disappeared.
func dataLoss(err error) bool {
	var loss *kgo.ErrDataLoss
	return errors.As(err, &loss) || errors.Is(err, kerr.OffsetOutOfRange) || errors.Is(err, kerr.UnknownTopicID)
}
