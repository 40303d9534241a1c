package reader

import (
	"context"
	"errors"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// Shared reads the newest part of the log once for all readers of a process: fetched, parsed and passed through the rule once, and decoded at
// most once. Everybody keeps a position of their own and nobody waits for anybody: who falls out of what is kept fetches alone until
// they have caught up.
type Shared struct {
	cfg    SharedConfig
	cl     *kgo.Client
	cancel context.CancelFunc
	done   chan struct{}

	mu        sync.Mutex
	tails     map[int32]*tail // that somebody takes from
	interrupt context.CancelFunc

	reading map[int32]*tail // what the client fetches; only the poll knows it
}

// SharedConfig is what a Shared needs. The zero value of an option is its default.
type SharedConfig struct {
	Log     kafka.Log
	Bytes   int   // of memory for what is kept of all partitions, 0 = 64 MiB
	Near    int64 // records before the end of the log at which reading may begin, 0 = 2,000
	Options []kgo.Opt
	Report  func(what string, attrs ...any)
}

// OpenShared connects; nothing is read before somebody subscribes.
func OpenShared(cfg SharedConfig) (*Shared, error) {
	if cfg.Bytes == 0 {
		cfg.Bytes = 64 << 20
	}
	if cfg.Near == 0 {
		cfg.Near = 2000
	}
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	cl, err := cfg.Log.Open(fetchOptions(append([]kgo.Opt{kgo.FetchMaxPartitionBytes(1 << 20)}, cfg.Options...))...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Shared{cfg: cfg, cl: cl, cancel: cancel, done: make(chan struct{}), tails: map[int32]*tail{}, interrupt: func() {}, reading: map[int32]*tail{}}
	go s.pollFetches(ctx)
	return s, nil
}

// Join returns a reader that takes from a Shared of the same log, or one that is alone if shared is nil. Close it.
func Join(shared *Shared, log kafka.Log) (*Reader, error) {
	if shared == nil {
		return Open(log)
	}
	return &Reader{log: log, shared: shared}, nil
}

// Close ends the reading; who still takes goes on alone.
func (s *Shared) Close() {
	s.cancel()
	<-s.done
	s.cl.Close()
}

func (s *Shared) pollFetches(ctx context.Context) {
	defer close(s.done)
	for ctx.Err() == nil {
		once, interrupt := context.WithCancel(ctx)
		s.mu.Lock()
		s.interrupt = interrupt
		s.changePartitions()
		s.mu.Unlock()
		s.cl.PollFetches(once).EachPartition(s.takeFetched)
		interrupt()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, t := range s.tails {
		delete(s.tails, p)
		t.end()
	}
}

// changePartitions fetches what is wanted now. It is called between two polls, so that nothing is left over of what a partition's former tail
// had asked for. s.mu is held.
func (s *Shared) changePartitions() {
	topic := s.cfg.Log.Events()
	for p, t := range s.reading {
		if s.tails[p] != t {
			delete(s.reading, p)
			s.cl.RemoveConsumePartitions(map[string][]int32{topic: {p}})
		}
	}
	for p, t := range s.tails {
		if s.reading[p] == nil {
			s.reading[p] = t
			s.seek(p, t.from)
		}
	}
}

func (s *Shared) seek(p int32, at es.Checkpoint) {
	topic := s.cfg.Log.Events()
	s.cl.RemoveConsumePartitions(map[string][]int32{topic: {p}})
	s.cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {p: kgo.NewOffset().At(at.Offset).WithEpoch(at.LeaderEpoch)}})
}

func (s *Shared) takeFetched(f kgo.FetchTopicPartition) {
	t := s.reading[f.Partition]
	if t == nil || f.Topic != s.cfg.Log.Events() {
		return
	}
	if t.mustAskAgain(f.Records) { // here, between two polls, nothing is left over of what was asked before
		s.seek(f.Partition, es.Checkpoint{Offset: t.rule.gate.Next, LeaderEpoch: -1})
		return
	}
	err := t.takeRecords(f.Records, f.HighWatermark)
	if err == nil && f.Err != nil {
		err = FetchError(f.Partition, f.Err)
	}
	if err == nil || errors.Is(err, kgo.ErrClientClosed) {
		return
	}
	s.cfg.Report("the log can't be read for all; each goes on alone", "partition", f.Partition, "error", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(f.Partition, t)
	if errors.Is(err, kerr.UnknownTopicID) { // it was made anew: a client knows a topic by its id, and doesn't look it up again
		for p, t := range s.tails {
			s.drop(p, t)
		}
		clear(s.reading)
		s.cl.PurgeTopicsFromClient(s.cfg.Log.Events())
	}
}

// drop ends a tail; s.mu is held.
func (s *Shared) drop(p int32, t *tail) {
	if s.tails[p] == t {
		delete(s.tails, p)
	}
	t.end()
}

// begin returns a place for a new subscription, nil when it has to read alone. It starts reading a partition that nobody reads yet, if the
// subscription isn't far from the end.
func (s *Shared) begin(ctx context.Context, sub *Subscription) (*place, error) {
	s.mu.Lock()
	t := s.tails[sub.cfg.Partition]
	if t != nil {
		if p := t.join(sub, false); p != nil {
			s.mu.Unlock()
			return p, nil
		}
	}
	s.mu.Unlock()
	_, end, err := Bounds(ctx, s.cl, s.cfg.Log.Events(), sub.cfg.Partition, sub.last)
	if err != nil {
		return nil, err
	}
	sub.high = end
	return s.rejoin(sub), nil
}

// rejoin returns a place for a subscription that has caught up, nil when it hasn't.
func (s *Shared) rejoin(sub *Subscription) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tails[sub.cfg.Partition]
	if t == nil {
		select {
		case <-s.done:
			return nil
		default:
		}
		if sub.high < 0 || sub.high-sub.last.Offset > s.cfg.Near {
			return nil
		}
		t = newTail(s, sub.cfg.Partition, sub.last)
		s.tails[sub.cfg.Partition] = t
		s.interrupt()
	}
	return t.join(sub, true)
}

// leave is called when nobody takes from a tail any more.
func (s *Shared) leave(t *tail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tails[t.partition] == t && t.isUnused() {
		delete(s.tails, t.partition)
		s.interrupt()
	}
}

// Reads returns the number of partitions that are read for all, and of the subscriptions that take from them.
func (s *Shared) Reads() (partitions, subscriptions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tails {
		t.mu.Lock()
		subscriptions += len(t.places)
		t.mu.Unlock()
	}
	return len(s.tails), subscriptions
}

// From is where reading a partition for all began; the zero value = nobody reads it for all.
func (s *Shared) From(partition int32) es.Checkpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tails[partition]; t != nil {
		return t.from
	}
	return es.Checkpoint{}
}
