package react

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/turns"
)

// subscription is one member of the group.
type subscription struct {
	cfg    Config
	cl     *kgo.Client // in the group; it fetches nothing
	reader *reader.Reader
	out    chan *message.Message
	turns  *turns.Queue[laneTurn]
	taken  atomic.Uint64
	cancel context.CancelFunc
	done   chan struct{}

	commits sync.Mutex // one commit at a time, so that an older one never comes after a newer one
	mu      sync.Mutex
	parts   map[int32]*partition
	stored  map[int32]stored // what the group had committed of partitions that are about to start
}

// stored is a committed offset with its metadata.
type stored struct {
	offset   int64
	metadata string
}

// arbiter is the metadata of a committed offset: what the rule needs to continue there.
type arbiter struct {
	Epoch int64 `json:"epoch"`
	Pseq  int64 `json:"pseq"`
}

func newSubscription(ctx context.Context, cfg Config) (*subscription, error) {
	s := &subscription{cfg: cfg, out: make(chan *message.Message), turns: turns.NewQueue[laneTurn](cfg.PerOrg), done: make(chan struct{}),
		parts: map[int32]*partition{}, stored: map[int32]stored{}}
	var err error
	if s.reader, err = reader.Join(cfg.Shared, cfg.Log); err != nil {
		return nil, err
	}
	s.cl, err = cfg.Log.Open(append(cfg.Log.InGroup(cfg.Group),
		kgo.ConsumeTopics(cfg.Log.Events()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.SessionTimeout(cfg.Log.GroupSession()), kgo.HeartbeatInterval(cfg.Log.GroupSession()/12),
		kgo.RebalanceTimeout(cfg.Drain+15*time.Second), kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.OnOffsetsFetched(s.keepOffsets), kgo.AdjustFetchOffsetsFn(s.beginPartitions),
		kgo.OnPartitionsAssigned(func(_ context.Context, cl *kgo.Client, _ map[string][]int32) { cl.PauseFetchTopics(cfg.Log.Events()) }),
		kgo.OnPartitionsRevoked(func(ctx context.Context, _ *kgo.Client, m map[string][]int32) {
			s.endPartitions(ctx, m[cfg.Log.Events()], true)
		}),
		kgo.OnPartitionsLost(func(ctx context.Context, _ *kgo.Client, m map[string][]int32) {
			s.endPartitions(ctx, m[cfg.Log.Events()], false)
		}),
	)...)
	if err != nil {
		s.reader.Close()
		return nil, err
	}
	s.cl.PauseFetchTopics(cfg.Log.Events())
	ctx, s.cancel = context.WithCancel(ctx)
	go s.runLoop(ctx)
	return s, nil
}

func (s *subscription) runLoop(ctx context.Context) {
	defer close(s.done)
	defer close(s.out) // after every worker has ended
	var workers, committer sync.WaitGroup
	for range s.cfg.Concurrency {
		workers.Go(func() {
			for org, x, ok := s.turns.Next(); ok; org, x, ok = s.turns.Next() {
				x.p.handleNext(x)
				s.turns.Done(org)
			}
		})
	}
	committer.Go(func() {
		every := time.NewTicker(s.cfg.CommitEvery)
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
				s.commitOffsets(ctx)
				s.nudgePartitions()
			}
		}
	})
	for ctx.Err() == nil {
		s.cl.PollFetches(ctx) // nothing comes; polling keeps rebalances going
		s.cl.AllowRebalance()
	}
	committer.Wait()
	s.mu.Lock()
	var all []int32
	for p := range s.parts {
		all = append(all, p)
	}
	s.mu.Unlock()
	s.endPartitions(context.WithoutCancel(ctx), all, true)
	s.turns.End()
	workers.Wait()
	s.cl.CloseAllowingRebalance()
	s.reader.Close()
}

// nudgePartitions has each pass over what isn't wanted, so that the next commit is behind it.
func (s *subscription) nudgePartitions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		p.nudge()
	}
}

// keepOffsets stores what the group has committed; beginPartitions is called next.
func (s *subscription) keepOffsets(_ context.Context, _ *kgo.Client, res *kmsg.OffsetFetchResponse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	keep := func(topic string, partition int32, offset int64, metadata *string) {
		if topic != s.cfg.Log.Events() || offset < 0 {
			return
		}
		st := stored{offset: offset}
		if metadata != nil {
			st.metadata = *metadata
		}
		s.stored[partition] = st
	}
	for _, t := range res.Topics {
		for _, p := range t.Partitions {
			keep(t.Topic, p.Partition, p.Offset, p.Metadata)
		}
	}
	for _, g := range res.Groups {
		for _, t := range g.Topics {
			name := t.Topic
			if name == "" {
				name = s.cfg.Log.Events() // by topic id; we consume one topic only
			}
			for _, p := range t.Partitions {
				keep(name, p.Partition, p.Offset, p.Metadata)
			}
		}
	}
	return nil
}

// beginPartitions starts on partitions that were assigned, before anything of them is fetched.
func (s *subscription) beginPartitions(_ context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, at := range offsets[s.cfg.Log.Events()] {
		from, deliver := es.StartCheckpoint(), int64(0)
		if st, ok := s.stored[n]; ok && st.offset > 0 {
			var a arbiter
			if err := json.Unmarshal([]byte(st.metadata), &a); err == nil && a.Epoch > 0 {
				from = es.Checkpoint{Epoch: a.Epoch, Pseq: a.Pseq, Offset: st.offset, LeaderEpoch: at.EpochOffset().Epoch}
			} else {
				// Somebody moved the offset with Kafka's tools: the rule needs the log from its start to know what counts there.
				s.cfg.Report("committed offset without the arbiter's state; reading from the start", "group", s.cfg.Group, "partition", n, "offset", st.offset)
				deliver = st.offset
			}
		}
		delete(s.stored, n)
		offsets[s.cfg.Log.Events()][n] = kgo.NewOffset().At(from.Offset).WithEpoch(from.LeaderEpoch)
		if s.parts[n] == nil {
			s.parts[n] = newPartition(s, n, from, deliver)
		}
	}
	return offsets, nil
}

// endPartitions stops work on partitions: running messages get some time to finish, and what is finished is committed if still possible.
func (s *subscription) endPartitions(ctx context.Context, partitions []int32, drain bool) {
	var wg sync.WaitGroup
	s.mu.Lock()
	var ending []*partition
	for _, n := range partitions {
		if p := s.parts[n]; p != nil {
			ending = append(ending, p)
		}
	}
	s.mu.Unlock()
	for _, p := range ending {
		wg.Go(func() { p.stopAndWait(drain) })
	}
	wg.Wait()
	if drain {
		s.commitOffsets(ctx)
	}
	s.mu.Lock()
	for _, p := range ending {
		delete(s.parts, p.n)
	}
	s.mu.Unlock()
}

// commitOffsets stores up to where everything is finished. A failure is retried at the next tick; it causes repetition, never loss.
func (s *subscription) commitOffsets(ctx context.Context) {
	s.commits.Lock()
	defer s.commits.Unlock()
	topic := s.cfg.Log.Events()
	at := map[int32]es.Checkpoint{}
	s.mu.Lock()
	parts := make(map[int32]*partition, len(s.parts))
	for n, p := range s.parts {
		if c, news := p.checkpointToCommit(); news {
			at[n], parts[n] = c, p
		}
	}
	s.mu.Unlock()
	if len(at) == 0 {
		return
	}
	offsets := map[int32]kgo.EpochOffset{}
	for n, c := range at {
		offsets[n] = kgo.EpochOffset{Epoch: c.LeaderEpoch, Offset: c.Offset}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ctx = kgo.PreCommitFnContext(ctx, func(req *kmsg.OffsetCommitRequest) error {
		for i := range req.Topics {
			for j := range req.Topics[i].Partitions {
				p := &req.Topics[i].Partitions[j]
				b, err := json.Marshal(arbiter{at[p.Partition].Epoch, at[p.Partition].Pseq})
				if err != nil {
					return err
				}
				text := string(b)
				p.Metadata = &text
			}
		}
		return nil
	})
	s.cl.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{topic: offsets}, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, res *kmsg.OffsetCommitResponse, err error) {
		if errors.Is(ctx.Err(), context.Canceled) {
			return // the subscription is ending; the last commit comes after this one
		}
		if err != nil {
			s.cfg.Report("commit of offsets failed", "group", s.cfg.Group, "error", err)
			return
		}
		for _, t := range res.Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					s.cfg.Report("commit of offsets failed", "group", s.cfg.Group, "partition", p.Partition, "error", fmt.Errorf("commit: %w", err))
				} else if q := parts[p.Partition]; q != nil {
					q.noteCommitted(at[p.Partition])
				}
			}
		}
	})
}
