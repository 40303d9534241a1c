package processor

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// decide takes commands, a chunk at a time so that the log is looked at in between.
func (a *attempt) decide(ctx context.Context) {
	if a.owner.InFlight() >= a.x.cfg.Limit {
		return // the log wakes us
	}
	if len(a.batch) == 0 {
		var queued int
		a.batch, queued = a.mail.takeCommands()
		if queued < maxQueued/2 && a.paused.Load() {
			a.paused.Store(false)
			a.x.commands.resume(a.p)
		}
	}
	if len(a.batch) == 0 {
		return
	}
	began := time.Now()
	if a.check != nil && !a.compare(ctx, a.batch[0]) {
		a.batch = nil
		return
	}
	n, events := 0, 0
	for n < len(a.batch) && n < chunk && !a.finished() {
		if a.hold(a.batch[n]) {
			break
		}
		s := a.owner.Command(a.batch[n])
		n++
		events += len(s.Append)
		a.do(ctx, s)
	}
	if n > 0 {
		a.decided = a.batch[n-1].Offset + 1
	}
	a.batch = a.batch[n:]
	a.x.stats.Commands.Add(int64(n))
	a.x.stats.Events.Add(int64(events))
	a.x.stats.DecideNs.Add(int64(time.Since(began)))
	if a.heldFor.IsZero() {
		a.mail.kick() // there may be more
	}
}

// hold reports whether a command is too far ahead of our clock: then the partition waits, because a refusal would rest on
// whose clock it is.
func (a *attempt) hold(r *kgo.Record) bool {
	t, ok := es.CommandTime(r)
	now := a.x.cfg.Now()
	if !ok || !t.After(now.Add(future)) {
		if !a.heldFor.IsZero() {
			a.heldFor = time.Time{}
			a.x.stats.Held.Add(-1)
			a.x.set(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now()})
		}
		return false
	}
	if !a.heldFor.Equal(t) {
		if a.heldFor.IsZero() {
			a.x.stats.Held.Add(1)
		}
		a.heldFor = t
		a.x.cfg.Report("a command is from the future; its partition waits", "partition", a.p, "offset", r.Offset, "time", t, "now", now)
		a.x.set(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now(), HeldUntil: t.Add(-future)})
	}
	return true
}
