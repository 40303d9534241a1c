package processor

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// decideCommands takes commands, a chunk at a time so that the log is looked at in between.
func (a *attempt) decideCommands(ctx context.Context) {
	if a.owner.InFlight() >= a.x.cfg.Limit {
		return // the log wakes us
	}
	if len(a.batch) == 0 {
		var queued int
		a.batch, queued = a.work.takeCommands()
		if queued < maxQueued/2 && a.paused.Load() {
			a.paused.Store(false)
			a.x.commands.resumePartition(a.p)
		}
	}
	if len(a.batch) == 0 {
		return
	}
	began := time.Now()
	if a.check != nil && !a.compareFirst(ctx, a.batch[0]) {
		a.batch = nil
		return
	}
	n, events := 0, 0
	for n < len(a.batch) && n < chunk && !a.isOver() {
		if a.holdIfFuture(a.batch[n]) {
			break
		}
		s := a.owner.Command(a.batch[n])
		n++
		events += len(s.Append)
		a.carryOut(ctx, s)
	}
	if n > 0 {
		a.decided = a.batch[n-1].Offset + 1
	}
	a.batch = a.batch[n:]
	a.x.stats.Commands.Add(int64(n))
	a.x.stats.Events.Add(int64(events))
	a.x.stats.DecideNs.Add(int64(time.Since(began)))
	if a.heldFor.IsZero() {
		a.work.wakeUp() // there may be more
	}
}

// holdIfFuture reports whether a command is a little ahead of our clock: then the partition waits, because a refusal would depend on
// which owner's clock it is. The owner refuses a command that is so far ahead that the sender's clock must be wrong.
func (a *attempt) holdIfFuture(r *kgo.Record) bool {
	t, ok := es.CommandTime(r)
	now := a.x.cfg.Now()
	if !ok || !t.After(now.Add(future)) || t.After(now.Add(es.MaxAhead)) || a.x.checkCommand(r) != nil {
		if !a.heldFor.IsZero() {
			a.heldFor = time.Time{}
			a.x.stats.Held.Add(-1)
			a.x.setStatus(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now()})
		}
		return false
	}
	if !a.heldFor.Equal(t) {
		if a.heldFor.IsZero() {
			a.x.stats.Held.Add(1)
		}
		a.heldFor = t
		a.x.cfg.Report("a command is from the future; its partition waits", "partition", a.p, "offset", r.Offset, "time", t, "now", now)
		a.x.setStatus(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now(), HeldUntil: t.Add(-future)})
	}
	return true
}
