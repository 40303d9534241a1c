package processor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// attempt is one es.Owner with its I/O, on one goroutine.
type attempt struct {
	x     *Processor
	p     int32
	lease *kafka.Lease
	mail  *mailbox
	owner *es.Owner
	log   *tap
	cmds  *tap
	check *check // the record at our start in commands has to be compared first; nil = done

	fenced   int         // fences sent
	paused   atomic.Bool // too many commands are fetched already
	batch    []*kgo.Record
	moved    time.Time // real time of the last progress
	inFlight int64
	armed    time.Time // when the clock wakes us
	disarm   func()
	heldFor  time.Time // command from the future; zero = none
	stopping time.Time // when a clean stop gives up; zero = not stopping
	seen     struct{ voids, malformed int64 }

	epoch  int64
	reason string // class, see Reason...
	why    string
	fatal  error
}

func newAttempt(x *Processor, lease *kafka.Lease) *attempt {
	return &attempt{x: x, p: lease.Partition, lease: lease, mail: newMailbox(), moved: time.Now()}
}

func (a *attempt) run(ctx context.Context) {
	defer a.end()
	defer func() {
		if r := recover(); r != nil { // a fault in Apply stops its partition, not the process
			a.over(ReasonOther, fmt.Errorf("owner of partition %d: %v\n%s", a.p, r, debug.Stack()), true)
		}
	}()
	a.x.set(Status{Partition: a.p, State: Acquiring, Since: time.Now()})
	start, end, err := a.bounds(ctx, a.x.cfg.Log.Events())
	if err != nil {
		a.over(ReasonOther, err, false)
		return
	}
	fold := es.NewFold(a.x.cfg.Domain)
	next := fold.Next
	a.owner = es.NewOwner(a.x.ownerConfig(a.p), fold)
	a.do(ctx, a.owner.Begin(start, end))
	if a.finished() {
		return
	}
	a.log = &tap{p: a.p, next: next, give: a.mail.putLog, lose: a.mail.lose}
	a.x.log.attach(a.log)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	done := ctx.Done()
	for !a.finished() {
		select {
		case <-a.mail.wake:
		case <-tick.C:
		case <-done:
			done = nil
			a.stopping = time.Now().Add(stopTimeout)
			a.mail.dropCommands()
		}
		a.turn(ctx)
	}
}

// turn looks at the log, then at some commands, then at the clocks.
func (a *attempt) turn(ctx context.Context) {
	log, failed, lost := a.mail.takeLog()
	for _, rs := range log {
		a.readLog(ctx, rs)
	}
	switch {
	case a.finished():
	case failed != nil:
		a.owner.Fail(failed)
	case lost != nil:
		reason := ReasonOther
		if dataLoss(lost) {
			reason, lost = ReasonLoss, fmt.Errorf("%w: %w", es.ErrLoss, lost)
		}
		a.over(reason, lost, false)
	case !a.stopping.IsZero():
		if !a.owner.Owns() || a.owner.InFlight() == 0 {
			a.over(ReasonLeft, errors.New("stopped"), false)
		} else if time.Now().After(a.stopping) {
			a.over(ReasonLeft, fmt.Errorf("stopped with %d events in flight", a.owner.InFlight()), false)
		}
	case a.owner.Owns():
		a.decide(ctx)
		a.tick(ctx)
		a.watchSilence()
	case time.Since(a.moved) > fenceTimeout:
		a.over(ReasonNoFence, fmt.Errorf("no fence within %v", fenceTimeout), false)
	}
	a.count()
}

func (a *attempt) readLog(ctx context.Context, rs []*kgo.Record) {
	a.x.stats.LogRead.Add(int64(len(rs)))
	a.moved = time.Now()
	for _, r := range rs {
		s := a.owner.Log(r)
		if s.Append != nil || s.Replies != nil || s.Acquired {
			a.do(ctx, s)
		}
		if a.finished() {
			return
		}
	}
}

// do carries a step out.
func (a *attempt) do(ctx context.Context, s es.Step) {
	if len(s.Append) > 0 && a.owner.Epoch() == 0 { // a fence
		if a.fenced++; a.fenced > 1 {
			if !a.lease.Held() {
				a.over(ReasonFenced, errors.New("another's fence came first, and the group has given the partition away"), false)
				return
			}
			sleep(ctx, time.Duration(rand.Int64N(int64(50*time.Millisecond))))
		}
	}
	for _, r := range s.Append {
		a.append(r)
	}
	for i := range s.Replies {
		a.reply(&s.Replies[i])
	}
	if s.Acquired {
		a.acquired(ctx)
	}
}

// append outlives ctx: what was given a number has to reach the log, or be known not to have.
func (a *attempt) append(r *kgo.Record) {
	r.Topic = a.x.cfg.Log.Events()
	a.x.prod.Produce(context.Background(), r, a.appended)
}

func (a *attempt) appended(_ *kgo.Record, err error) {
	if err != nil {
		a.mail.fail(err)
	}
}

// Headers of a reply, beside its key (command id, 16 bytes) and its value (es.Answer as JSON).
const (
	HeaderFingerprint = "fingerprint" // hexadecimal, of the command record that is answered
	HeaderAsk         = "ask"         // the record was an ask
)

func (a *attempt) reply(rp *es.Reply) {
	b, err := es.Marshal(rp.Answer)
	if err != nil {
		a.x.cfg.Report("answer can't be written", "command", rp.Answer.CommandID, "error", err)
		return
	}
	id := rp.Answer.CommandID
	r := &kgo.Record{Topic: a.x.cfg.Log.ReplyTopic(), Partition: rp.To, Key: id[:], Value: b}
	if rp.Fingerprint != 0 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: HeaderFingerprint, Value: strconv.AppendUint(nil, rp.Fingerprint, 16)})
	}
	if rp.Ask {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: HeaderAsk})
	}
	a.x.stats.Answers.Add(1)
	a.x.prod.Produce(context.Background(), r, nil) // a lost one costs a repeat
}

// over ends the attempt for a reason of the shell's; the first one stays.
func (a *attempt) over(reason string, err error, fatal bool) {
	if a.reason != "" {
		return
	}
	a.reason, a.why = reason, err.Error()
	if fatal {
		a.fatal = err
	}
	if a.owner != nil {
		a.owner.Leave(a.why)
	}
}

func (a *attempt) finished() bool {
	if a.reason != "" {
		return true
	}
	if a.owner == nil {
		return false
	}
	why, fatal := a.owner.Over()
	if why == "" {
		return false
	}
	a.reason, a.why, a.fatal = reasonOf(why, fatal), why, fatal
	return true
}

func (a *attempt) end() {
	if a.log != nil {
		a.x.log.detach(a.log)
	}
	if a.cmds != nil {
		a.x.commands.detach(a.cmds)
	}
	if a.disarm != nil {
		a.disarm()
	}
	if a.epoch != 0 {
		a.x.stats.Owned.Add(-1)
	}
	a.x.stats.InFlight.Add(-a.inFlight)
	if !a.heldFor.IsZero() {
		a.x.stats.Held.Add(-1)
	}
}

func (a *attempt) watchSilence() {
	if n := a.owner.InFlight(); n == 0 {
		a.moved = time.Now()
	} else if time.Since(a.moved) > silentTimeout {
		a.over(ReasonSilent, fmt.Errorf("%d events in flight didn't show up within %v", n, silentTimeout), false)
	}
}

// count brings the counters up to date.
func (a *attempt) count() {
	s := &a.x.stats
	v, m := a.owner.Voids()
	s.Voids.Add(v - a.seen.voids)
	s.Malformed.Add(m - a.seen.malformed)
	a.seen.voids, a.seen.malformed = v, m
	n := a.owner.InFlight()
	s.InFlight.Add(n - a.inFlight)
	a.inFlight = n
}
