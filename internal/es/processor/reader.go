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

// maxEarly bounds the records that wait for those in front of them, per partition.
const maxEarly = 4096

// partitionTap is where one partition's records go. Both functions are called under the reader's lock and must not block.
type partitionTap struct {
	p     int32
	next  int64                 // offset expected next
	gap   int64                 // first offset that came instead of next, after which we asked again; -1 = none
	full  func() bool           // too much waits already for a record to come before it is fetched
	deaf  bool                  // the broker has acknowledged a record without saying where it is: acknowledgements tell nothing any more
	early map[int64]*kgo.Record // by offset, acknowledged before those in front of them have come
	give  func([]*kgo.Record)
	lose  func(error)
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
	t.gap, t.deaf, t.early = -1, false, map[int64]*kgo.Record{}
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
	rs := f.Records
	for len(rs) > 0 && rs[0].Offset < t.next { // they came before, by their acknowledgements
		rs = rs[1:]
	}
	if len(rs) > 0 {
		// A record ahead of the expected one is left over from an earlier tap of the partition, or there is a gap: ask
		// again, from here between two polls, where nothing can be left over; then what comes is reliable.
		if rs[0].Offset > t.next && rs[0].Offset != t.gap {
			t.gap = rs[0].Offset
			r.seekTap(t)
			return
		}
		t.next = rs[len(rs)-1].Offset + 1
		t.give(rs)
		t.giveEarly()
	}
	if f.Err != nil {
		t.lose(fmt.Errorf("read partition %d at %d: %w", t.p, t.next, &topicError{r.topic, f.Err}))
	}
}

// takeAcknowledged gives a record that this process wrote to its partition's tap, if it is the one that is expected next. Any other is fetched.
func (r *reader) takeAcknowledged(record *kgo.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.taps[record.Partition]
	if t == nil {
		return
	}
	if record.Offset < 0 { // it was sent twice, and the broker doesn't know any more where it is; those behind it would be counted from here
		t.deaf = true
	}
	switch {
	case t.deaf || record.Offset < t.next || t.full():
	case record.Offset == t.next:
		t.next++
		t.give([]*kgo.Record{record})
		t.giveEarly()
	case len(t.early) < maxEarly:
		t.early[record.Offset] = record
	default: // they will all be fetched
		clear(t.early)
	}
}

// giveEarly gives what was acknowledged early and is expected now.
func (t *partitionTap) giveEarly() {
	for offset := range t.early {
		if offset < t.next { // it was fetched
			delete(t.early, offset)
		}
	}
	var rs []*kgo.Record
	for r := t.early[t.next]; r != nil; r = t.early[t.next] {
		delete(t.early, t.next)
		t.next++
		rs = append(rs, r)
	}
	if len(rs) > 0 {
		t.give(rs)
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
