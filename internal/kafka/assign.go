package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// handOver bounds how long a rebalance waits for a run whose partition is revoked, so that the next owner usually finds
// a finished log. A slower run goes on; the log arbitrates.
const handOver = time.Second

// Assignment is a consumer group used only to share partitions out; it never fetches and commits nothing.
type Assignment struct {
	Group   string
	Topic   string
	Session time.Duration // 0 = the log's
	// Run works on one partition until ctx ends. Runs of the same partition never overlap in this process.
	Run func(ctx context.Context, lease *Lease)
	// KeepLost goes on working on partitions that the group took from us without asking (session lost), until they are
	// assigned anew or Serve ends: for owners, who are fenced by the log and by nothing else.
	KeepLost bool
}

// Lease is the group's word on one partition. While a run is kept after a lost session its lease isn't held.
type Lease struct {
	Partition int32

	mu      sync.Mutex
	held    bool
	changed chan struct{} // closed at the next change
}

// Held reports whether the group assigns the partition to us now.
func (l *Lease) Held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}

// Wait blocks until the group assigns the partition to us; false when ctx ends first.
func (l *Lease) Wait(ctx context.Context) bool {
	for {
		l.mu.Lock()
		held, changed := l.held, l.changed
		l.mu.Unlock()
		if ctx.Err() != nil {
			return false
		}
		if held {
			return true
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

func (l *Lease) setHeld(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held != held {
		l.held = held
		close(l.changed)
		l.changed = make(chan struct{})
	}
}

// NewLease is a lease held for ever: one partition without a group.
func NewLease(partition int32) *Lease {
	return &Lease{Partition: partition, held: true, changed: make(chan struct{})}
}

// Serve joins the group and runs what is assigned until ctx ends; it returns when every run has ended.
func (a Assignment) Serve(ctx context.Context, l Log) error {
	if a.Session == 0 {
		a.Session = l.GroupSession()
	}
	r := &leaseRuns{ctx: ctx, run: a.Run, now: map[int32]*aRun{}}
	defer r.waitForAll()
	revoked := func(_ context.Context, _ *kgo.Client, m map[string][]int32) { r.stopRuns(m[a.Topic]) }
	lost := revoked
	if a.KeepLost {
		lost = func(_ context.Context, _ *kgo.Client, m map[string][]int32) { r.loseLeases(m[a.Topic]) }
	}
	cl, err := l.Open(append(l.InGroup(a.Group),
		kgo.ConsumeTopics(a.Topic), kgo.DisableAutoCommit(),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.SessionTimeout(a.Session), kgo.HeartbeatInterval(a.Session/12),
		kgo.RebalanceTimeout(max(a.Session, 15*time.Second)),
		kgo.OnPartitionsAssigned(func(_ context.Context, cl *kgo.Client, m map[string][]int32) {
			cl.PauseFetchTopics(a.Topic)
			r.startRuns(m[a.Topic]) // runs live as long as Serve, not as long as a rebalance
		}),
		kgo.OnPartitionsRevoked(revoked), kgo.OnPartitionsLost(lost),
	)...)
	if err != nil {
		return err
	}
	cl.PauseFetchTopics(a.Topic)
	for ctx.Err() == nil {
		cl.PollFetches(ctx) // nothing comes; polling keeps rebalances going
	}
	r.waitForAll() // hand over before we leave, so that the next owner finds a finished log
	cl.Close()
	return nil
}

type aRun struct {
	lease  *Lease
	cancel context.CancelFunc // nil once cancelled
	done   chan struct{}
}

type leaseRuns struct {
	ctx context.Context //nolint:containedctx // the life of Serve, for callbacks that get another
	run func(context.Context, *Lease)
	mu  sync.Mutex
	now map[int32]*aRun // the newest of each partition
}

func (r *leaseRuns) startRuns(partitions []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range partitions {
		before := r.now[p]
		if before != nil && before.cancel != nil {
			before.lease.setHeld(true) // kept when its session was lost
			continue
		}
		ctx, cancel := context.WithCancel(r.ctx)
		n := &aRun{NewLease(p), cancel, make(chan struct{})}
		r.now[p] = n
		go func() {
			defer close(n.done)
			if before != nil {
				<-before.done
			}
			r.run(ctx, n.lease)
		}()
	}
}

func (r *leaseRuns) stopRuns(partitions []int32) {
	timeout := time.After(handOver)
	for _, n := range r.cancelRuns(partitions) {
		select {
		case <-n.done:
		case <-timeout:
			return
		}
	}
}

func (r *leaseRuns) cancelRuns(partitions []int32) (ended []*aRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range partitions {
		if n := r.now[p]; n != nil && n.cancel != nil {
			n.lease.setHeld(false)
			n.cancel()
			n.cancel = nil
			ended = append(ended, n)
		}
	}
	return ended
}

func (r *leaseRuns) loseLeases(partitions []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range partitions {
		if n := r.now[p]; n != nil {
			n.lease.setHeld(false)
		}
	}
}

func (r *leaseRuns) waitForAll() {
	r.mu.Lock()
	all := make([]*aRun, 0, len(r.now))
	for _, n := range r.now {
		all = append(all, n)
	}
	r.mu.Unlock()
	for _, n := range all {
		<-n.done
	}
}
