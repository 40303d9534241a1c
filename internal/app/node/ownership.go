package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"outrider/internal/es/processor"
)

// ownershipWait is how long a start waits for its partitions; another process may keep some of them.
const ownershipWait = 30 * time.Second

// ownership knows when every partition is decided by this process.
type ownership struct {
	mu      sync.Mutex
	missing map[int32]bool
	all     chan struct{}
}

func newOwnership(partitions int32) *ownership {
	o := &ownership{missing: map[int32]bool{}, all: make(chan struct{})}
	for p := range partitions {
		o.missing[p] = true
	}
	return o
}

// observeStatus is told of every change.
func (o *ownership) observeStatus(partition int32, s processor.Status) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.State != processor.Owned || !o.missing[partition] {
		return
	}
	delete(o.missing, partition)
	if len(o.missing) == 0 {
		close(o.all)
	}
}

// waitForAll returns when all have been owned once; ending ctx is no error of its own.
func (o *ownership) waitForAll(ctx context.Context) error {
	t := time.NewTimer(ownershipWait)
	defer t.Stop()
	select {
	case <-o.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return errors.New("not every partition came to this process within 30 s; does another outrider decide commands on this log?")
	}
}
