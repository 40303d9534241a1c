package processor

import (
	"context"
	"errors"
	"sync"
	"time"

	"outrider/internal/es"
)

// standby follows the log of the partitions that are not ours, so that taking one over costs a fence and the newest
// records. It keeps the state of all of them in memory. The zero value follows nothing.
type standby struct {
	ctx       context.Context //nolint:containedctx // the life of Run
	mu        sync.Mutex
	followers map[int32]*follower
	running   sync.WaitGroup
	turn      chan struct{} // held while restoring: one at a time, since the state of all partitions is large
}

type follower struct {
	wanted chan struct{} // closed when the partition is ours
	ended  chan struct{}
	fold   *es.Fold // at the end; nil = it failed
}

// startStandby follows every partition until each is taken, or ctx ends.
func (x *Processor) startStandby(ctx context.Context) {
	if !x.cfg.Standby {
		return
	}
	x.standby.mu.Lock()
	x.standby.ctx, x.standby.followers, x.standby.turn = ctx, map[int32]*follower{}, make(chan struct{}, 1)
	x.standby.mu.Unlock()
	for p := range x.cfg.Log.Partitions {
		x.followAgain(p)
	}
}

// followAgain starts following a partition that is not ours, or not any more.
func (x *Processor) followAgain(p int32) {
	x.standby.mu.Lock()
	defer x.standby.mu.Unlock()
	ctx := x.standby.ctx
	if ctx == nil || ctx.Err() != nil {
		return
	}
	f := &follower{wanted: make(chan struct{}), ended: make(chan struct{})}
	x.standby.followers[p] = f
	x.standby.running.Go(func() {
		defer close(f.ended)
		x.followUntilWanted(ctx, p, f)
	})
}

// takeOver stops following a partition and returns the state that was reached; nil = none.
func (x *Processor) takeOver(p int32) *es.Fold {
	x.standby.mu.Lock()
	f := x.standby.followers[p]
	delete(x.standby.followers, p)
	x.standby.mu.Unlock()
	if f == nil {
		return nil
	}
	close(f.wanted)
	<-f.ended
	return f.fold
}

// followUntilWanted follows a partition, again after every failure, until it is wanted.
func (x *Processor) followUntilWanted(ctx context.Context, p int32, f *follower) {
	again := time.NewTimer(slowRetry)
	defer again.Stop()
	for ctx.Err() == nil {
		fold, err := x.followOnce(ctx, p, f.wanted)
		if err == nil {
			f.fold = fold
			return
		}
		if ctx.Err() != nil {
			return
		}
		x.cfg.Report("a standby starts again", "partition", p, "error", err, "again_in", slowRetry)
		again.Reset(slowRetry)
		select {
		case <-f.wanted:
			return
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// followOnce follows a partition from a snapshot. The fold is nil when the partition was wanted before it started.
func (x *Processor) followOnce(ctx context.Context, p int32, wanted <-chan struct{}) (*es.Fold, error) {
	select {
	case x.standby.turn <- struct{}{}:
	case <-wanted:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	start, end, err := x.listBounds(ctx, x.cfg.Log.Events(), p)
	if err != nil {
		<-x.standby.turn
		return nil, err
	}
	b := x.loadBase(ctx, p, start, end)
	<-x.standby.turn
	if start > b.fold.Next {
		return nil, errors.New("the log doesn't begin at its start")
	}
	m := newWorkQueue()
	t := x.tapLog(p, b.nextOffset(), m)
	x.log.attachTap(t)
	defer x.log.detachTap(t)
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-wanted:
			if b.snap != nil {
				return nil, nil // not confirmed yet: the owner will do that
			}
			return b.fold, nil
		case <-m.wake:
		}
		log, _, lost := x.takeUnread(p, m)
		for _, rs := range log {
			if err := b.checkAnchor(ctx, x, rs[0]); err != nil {
				return nil, err
			}
			for _, r := range rs {
				if _, _, err := b.fold.See(r); err != nil {
					return nil, err
				}
			}
		}
		if lost != nil {
			return nil, lost
		}
	}
}
