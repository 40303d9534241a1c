package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Assignment is a consumer group used only to share partitions out; it never fetches and commits nothing.
type Assignment struct {
	Group   string
	Topic   string
	Session time.Duration // 0 = 6 s
	// Run works on one partition until ctx ends. Runs of the same partition never overlap in this process.
	Run func(ctx context.Context, partition int32)
	// KeepLost goes on working on partitions that the group took from us without asking (session lost), until they are
	// assigned anew or Serve ends: for owners, who are fenced by the log and by nothing else.
	KeepLost bool
}

// Serve joins the group and runs what is assigned until ctx ends; it returns when every run has ended.
func (a Assignment) Serve(ctx context.Context, l Log) error {
	if a.Session == 0 {
		a.Session = 6 * time.Second
	}
	r := &runs{ctx: ctx, run: a.Run, cancel: map[int32]context.CancelFunc{}, done: map[int32]chan struct{}{}}
	defer r.wait()
	revoked := func(_ context.Context, _ *kgo.Client, m map[string][]int32) { r.stop(m[a.Topic]) }
	lost := revoked
	if a.KeepLost {
		lost = func(context.Context, *kgo.Client, map[string][]int32) {}
	}
	cl, err := l.Open(
		kgo.ConsumerGroup(a.Group), kgo.ConsumeTopics(a.Topic), kgo.DisableAutoCommit(),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.SessionTimeout(a.Session), kgo.HeartbeatInterval(a.Session/12),
		kgo.RebalanceTimeout(max(a.Session, 15*time.Second)),
		kgo.OnPartitionsAssigned(func(_ context.Context, cl *kgo.Client, m map[string][]int32) {
			cl.PauseFetchTopics(a.Topic)
			r.start(m[a.Topic]) //nolint:contextcheck // runs live as long as Serve, not as long as a rebalance
		}),
		kgo.OnPartitionsRevoked(revoked), kgo.OnPartitionsLost(lost),
	)
	if err != nil {
		return err
	}
	cl.PauseFetchTopics(a.Topic)
	for ctx.Err() == nil {
		cl.PollFetches(ctx) // nothing comes; polling keeps rebalances going
	}
	r.wait() // hand over before we leave, so that the next owner finds a finished log
	cl.Close()
	return nil
}

type runs struct {
	ctx    context.Context //nolint:containedctx // the life of Serve, for callbacks that get another
	run    func(context.Context, int32)
	mu     sync.Mutex
	cancel map[int32]context.CancelFunc
	done   map[int32]chan struct{} // of the newest run
}

func (r *runs) start(partitions []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range partitions {
		if r.cancel[p] != nil {
			continue // kept when its session was lost
		}
		ctx, cancel := context.WithCancel(r.ctx)
		before, done := r.done[p], make(chan struct{})
		r.cancel[p], r.done[p] = cancel, done
		go func() {
			defer close(done)
			if before != nil {
				<-before
			}
			r.run(ctx, p)
		}()
	}
}

func (r *runs) stop(partitions []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range partitions {
		if c := r.cancel[p]; c != nil {
			c()
			delete(r.cancel, p)
		}
	}
}

func (r *runs) wait() {
	r.mu.Lock()
	var all []chan struct{}
	for p, d := range r.done {
		all = append(all, d)
		if c := r.cancel[p]; c != nil && r.ctx.Err() != nil {
			c()
		}
	}
	r.mu.Unlock()
	for _, d := range all {
		<-d
	}
}
