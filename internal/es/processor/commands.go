package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// rescanMargin shortens a rescan of commands: an id at the very edge of the window may be forgotten already, and a
// forgotten command would be decided twice.
const rescanMargin = time.Minute

// check compares the record in commands with the newest command that the log knows.
type check struct {
	offset int64
	id     uuid.UUID
	at     time.Time
}

func (a *attempt) bounds(ctx context.Context, topic string) (start, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	starts, err := a.x.adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list start of %s/%d: %w", topic, a.p, err)
	}
	ends, err := a.x.adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list end of %s/%d: %w", topic, a.p, err)
	}
	s, ok1 := starts.Lookup(topic, a.p)
	e, ok2 := ends.Lookup(topic, a.p)
	if err := errors.Join(s.Err, e.Err); err != nil || !ok1 || !ok2 {
		return 0, 0, fmt.Errorf("list bounds of %s/%d: %w", topic, a.p, errors.Join(err, kerr.UnknownTopicOrPartition))
	}
	return s.Offset, e.Offset, nil
}

// acquired begins to read commands, at the newest one that the log knows so that it can be compared.
func (a *attempt) acquired(ctx context.Context) {
	a.epoch = a.owner.Epoch()
	a.x.stats.Epochs.Add(1)
	a.x.stats.Owned.Add(1)
	topic := a.x.cfg.Log.Commands()
	start, end, err := a.bounds(context.WithoutCancel(ctx), topic)
	if err != nil {
		a.over(ReasonOther, err, false)
		return
	}
	next, id, at, known := a.owner.Start()
	from := next
	switch {
	case start >= next: // nothing there to compare with
		if start > next {
			a.x.cfg.Report("commands are missing; nobody was answered to them", "partition", a.p, "from", next, "to", start-1)
			a.owner.Rewind(start)
		}
		from = start
	case !known:
	case end < next: // the newest command that the log knows is not there
		if from, err = a.rewind(ctx, at, start, fmt.Sprintf("commands end at offset %d, but the log knows a command at %d", end, next-1)); err != nil {
			a.over(ReasonOther, err, false)
			return
		}
	case a.x.cfg.Control.NoDedupe:
		from = max(start, next-controlRange)
		a.owner.Rewind(from)
	default:
		a.check = &check{next - 1, id, at}
		from = next - 1
	}
	a.x.set(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now()})
	a.readCommands(from)
}

func (a *attempt) readCommands(from int64) {
	if a.cmds != nil {
		a.x.commands.detach(a.cmds)
		a.mail.dropCommands()
	}
	a.cmds = &tap{p: a.p, next: from, lose: a.mail.lose, give: func(rs []*kgo.Record) {
		if a.mail.putCommands(rs) > maxQueued {
			a.paused.Store(true)
			a.x.commands.pause(a.p)
		}
	}}
	a.x.commands.attach(a.cmds)
}

// rewind goes back as far as the id window reaches, because commands isn't the topic that it was.
func (a *attempt) rewind(ctx context.Context, at time.Time, start int64, why string) (int64, error) {
	topic := a.x.cfg.Log.Commands()
	since := at.Add(rescanMargin - es.WindowAge)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	offsets, err := a.x.adm.ListOffsetsAfterMilli(ctx, since.UnixMilli(), topic)
	if err != nil {
		return 0, fmt.Errorf("list offset of %s/%d at %v: %w", topic, a.p, since, err)
	}
	o, ok := offsets.Lookup(topic, a.p)
	if o.Err != nil || !ok {
		return 0, fmt.Errorf("list offset of %s/%d at %v: %w", topic, a.p, since, errors.Join(o.Err, kerr.UnknownTopicOrPartition))
	}
	from := max(o.Offset, start)
	a.x.cfg.Report("commands was truncated or made anew: reading it again as far as ids are remembered", "partition", a.p, "why", why, "from", from, "since", since)
	a.owner.Rewind(from)
	return from, nil
}

// compare looks at the first record that came; false = commands are read anew from elsewhere.
func (a *attempt) compare(ctx context.Context, r *kgo.Record) bool {
	c := a.check
	a.check = nil
	why := fmt.Sprintf("commands begin again at offset %d, but the log knows a command at %d", r.Offset, c.offset)
	if r.Offset == c.offset {
		got, err := es.ParseCommand(r)
		if err == nil && got.ID == c.id {
			return true
		}
		why = fmt.Sprintf("the command at offset %d is not the one that the log knows (%s)", c.offset, c.id)
	}
	start, _, err := a.bounds(ctx, a.x.cfg.Log.Commands())
	if err == nil {
		var from int64
		if from, err = a.rewind(ctx, c.at, start, why); err == nil {
			a.readCommands(from)
		}
	}
	if err != nil {
		a.over(ReasonOther, err, false)
	}
	return false
}

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
	a.batch = a.batch[n:]
	a.x.stats.Commands.Add(int64(n))
	a.x.stats.Events.Add(int64(events))
	a.x.stats.DecideNs.Add(int64(time.Since(began)))
	if a.heldFor.IsZero() {
		a.mail.kick() // there may be more
	}
}

// hold says whether a command is too far ahead of our clock: then the partition waits, because a refusal would rest on
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

// tick sends what is due and arms the clock for what comes next.
func (a *attempt) tick(ctx context.Context) {
	if a.finished() {
		return
	}
	now := a.x.cfg.Now()
	next := a.owner.NextDue()
	if !next.IsZero() && !next.After(now) {
		for _, c := range a.owner.Ticks(now) {
			r := es.CommandRecord(a.p, c)
			r.Topic = a.x.cfg.Log.Commands()
			a.x.stats.Ticks.Add(1)
			a.x.prod.Produce(ctx, r, nil) // the owner sends it again when it has no effect
		}
		next = a.owner.NextDue()
	}
	if until := a.heldFor.Add(-future); !a.heldFor.IsZero() && (next.IsZero() || until.Before(next)) {
		next = until
	}
	if next.Equal(a.armed) {
		return
	}
	if a.disarm != nil {
		a.disarm()
		a.disarm = nil
	}
	if a.armed = next; !next.IsZero() {
		a.disarm = a.x.cfg.Timers.At(next, func() { a.mail.kick() })
	}
}

// dataLoss says whether a fetch failed because records are gone that were there.
func dataLoss(err error) bool {
	var loss *kgo.ErrDataLoss
	return errors.As(err, &loss) || errors.Is(err, kerr.OffsetOutOfRange) || errors.Is(err, kerr.UnknownTopicID)
}
