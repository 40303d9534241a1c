package processor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
	"outrider/internal/retry"
)

// attempt is one es.Owner with its I/O, on one goroutine.
type attempt struct {
	x     *Processor
	p     int32
	lease *kafka.Lease
	work  *workQueue
	owner *es.Owner
	log   *partitionTap
	cmds  *partitionTap
	check *commandCheck // the record at our start in commands has to be compared first; nil = done

	base     base        // what the owner began from; its fold is the owner's now
	from     int64       // its offset in the log
	high     int64       // of the log, as far as it was ever read
	fenced   int         // fences sent
	paused   atomic.Bool // too many commands are fetched already
	batch    []*kgo.Record
	moved    time.Time // real time of the last progress
	inFlight int64
	decided  int64     // offset in commands before which everything is decided
	armed    time.Time // when the clock wakes us
	disarm   func()
	heldFor  time.Time // command from the future; zero = none
	stopping time.Time // when a clean stop gives up; zero = not stopping
	seen     struct{ voids, malformed, forged int64 }

	epoch  int64
	reason string // class, see Reason...
	why    string
	fatal  error
}

// newAttempt starts from a warm state if it is given one.
func newAttempt(x *Processor, lease *kafka.Lease, high int64, warm *es.Fold) *attempt {
	return &attempt{x: x, p: lease.Partition, lease: lease, work: newWorkQueue(), base: base{fold: warm}, high: high, moved: time.Now()}
}

func (a *attempt) runUntilOver(ctx context.Context) {
	defer a.releaseAll()
	defer func() {
		if r := recover(); r != nil { // a fault in Apply stops its partition, not the process
			a.stepDown(ReasonOther, fmt.Errorf("owner of partition %d: %v\n%s", a.p, r, debug.Stack()), true)
		}
	}()
	if err := a.x.checkForeign(ctx, a.p); err != nil {
		a.stepDown(ReasonForeign, err, true)
		return
	}
	a.x.setStatus(Status{Partition: a.p, State: Acquiring, Since: time.Now()})
	start, end, err := a.x.listBounds(ctx, a.x.cfg.Log.Events(), a.p)
	if err != nil {
		a.stepDown(ReasonOther, err, false)
		return
	}
	if end < a.high {
		a.x.cfg.Report("the log has lost its end; what stood there no longer counts", "partition", a.p, "from", end, "to", a.high-1)
		a.high = end
	}
	if a.base.fold == nil || a.base.fold.Next > end {
		a.base = a.x.loadBase(ctx, a.p, start, end)
	}
	next := a.base.nextOffset()
	a.from = a.base.fold.Next
	a.moved = time.Now()
	a.owner = es.NewOwner(a.x.ownerConfig(a.p), a.base.fold)
	a.carryOut(ctx, a.owner.Begin(start, end))
	if a.isOver() {
		return
	}
	a.log = a.x.tapLog(a.p, next, a.work)
	a.x.log.attachTap(a.log)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	done := ctx.Done()
	for !a.isOver() {
		select {
		case <-a.work.wake:
		case <-tick.C:
		case <-done:
			done = nil
			a.stopping = time.Now().Add(stopTimeout)
			a.work.dropCommands()
		}
		a.takeTurn(ctx)
	}
}

// takeTurn handles what is new in the log, then some commands, then the clocks.
func (a *attempt) takeTurn(ctx context.Context) {
	log, failed, lost := a.x.takeUnread(a.p, a.work)
	for _, rs := range log {
		a.readLog(ctx, rs)
	}
	a.x.relearnTopic(failed)
	a.x.relearnTopic(lost)
	switch {
	case a.isOver():
	case failed != nil:
		a.owner.Fail(failed)
	case lost != nil:
		reason := ReasonOther
		if dataLoss(lost) {
			reason, lost = ReasonLoss, fmt.Errorf("%w: %w", es.ErrLoss, lost)
		}
		a.stepDown(reason, lost, false)
	case !a.stopping.IsZero():
		if !a.owner.Owns() || a.owner.InFlight() == 0 {
			a.stepDown(ReasonLeft, errors.New("stopped"), false)
		} else if time.Now().After(a.stopping) {
			a.stepDown(ReasonLeft, fmt.Errorf("stopped with %d events in flight", a.owner.InFlight()), false)
		}
	case a.owner.Owns():
		a.decideCommands(ctx)
		a.sendTicks(ctx)
		a.watchSilence()
	case time.Since(a.moved) > fenceTimeout:
		a.stepDown(ReasonNoFence, fmt.Errorf("no fence within %v", fenceTimeout), false)
	}
	a.updateCounters()
	a.noteProgress()
}

func (a *attempt) readLog(ctx context.Context, rs []*kgo.Record) {
	a.x.stats.LogRead.Add(int64(len(rs)))
	a.moved = time.Now()
	a.high = max(a.high, rs[len(rs)-1].Offset+1)
	if err := a.base.checkAnchor(ctx, a.x, rs[0]); err != nil {
		a.stepDown(ReasonLoss, err, false)
		return
	}
	for _, r := range rs {
		s := a.owner.Log(r)
		if s.Append != nil || s.Replies != nil || s.Acquired {
			a.carryOut(ctx, s)
		}
		if a.isOver() {
			return
		}
	}
}

// carryOut carries out a step.
func (a *attempt) carryOut(ctx context.Context, s es.Step) {
	if len(s.Append) > 0 && a.owner.Epoch() == 0 { // a fence
		if a.fenced++; a.fenced > 1 {
			if !a.lease.Held() {
				a.stepDown(ReasonFenced, errors.New("another's fence came first, and the group has given the partition away"), false)
				return
			}
			_ = retry.Sleep(ctx, time.Duration(rand.Int64N(int64(50*time.Millisecond))))
		}
	}
	for _, r := range s.Append {
		a.appendRecord(r)
	}
	for i := range s.Replies {
		a.sendReply(&s.Replies[i])
	}
	if s.Acquired {
		a.beginCommands(ctx)
	}
}
