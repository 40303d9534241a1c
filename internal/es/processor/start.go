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

// commandCheck is the newest command that the log knows, to be compared with the record in commands.
type commandCheck struct {
	offset int64
	id     uuid.UUID
	at     time.Time
}

func (x *Processor) listBounds(ctx context.Context, topic string, p int32) (start, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	starts, err := x.adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list start of %s/%d: %w", topic, p, err)
	}
	ends, err := x.adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0, 0, fmt.Errorf("list end of %s/%d: %w", topic, p, err)
	}
	s, ok1 := starts.Lookup(topic, p)
	e, ok2 := ends.Lookup(topic, p)
	err = errors.Join(s.Err, e.Err)
	if err == nil && (!ok1 || !ok2) {
		err = kerr.UnknownTopicOrPartition
	}
	if err != nil {
		return 0, 0, fmt.Errorf("list bounds of %s/%d: %w", topic, p, err)
	}
	return s.Offset, e.Offset, nil
}

// beginCommands starts reading commands once the partition is ours, from the newest one that the log knows, so that it can be compared.
func (a *attempt) beginCommands(ctx context.Context) {
	a.epoch = a.owner.Epoch()
	a.x.stats.Epochs.Add(1)
	a.x.stats.Owned.Add(1)
	topic := a.x.cfg.Log.Commands()
	start, end, err := a.x.listBounds(context.WithoutCancel(ctx), topic, a.p)
	if err != nil {
		a.stepDown(ReasonOther, err, false)
		return
	}
	next, id, at, known := a.owner.Start()
	from := next
	switch {
	case start >= next: // nothing to compare with
		if start > next {
			a.x.cfg.Report("commands are missing; nobody was answered to them", "partition", a.p, "from", next, "to", start-1)
			a.owner.Rewind(start)
		}
		from = start
	case !known:
	case end < next: // the newest command that the log knows is not there
		if from, err = a.rewindCommands(ctx, at, start, fmt.Sprintf("commands end at offset %d, but the log knows a command at %d", end, next-1)); err != nil {
			a.stepDown(ReasonOther, err, false)
			return
		}
	default:
		a.check = &commandCheck{next - 1, id, at}
		from = next - 1
	}
	a.x.setStatus(Status{Partition: a.p, State: Owned, Epoch: a.epoch, Since: time.Now(), From: a.from})
	a.readCommands(from)
}

func (a *attempt) readCommands(from int64) {
	if a.cmds != nil {
		a.x.commands.detachTap(a.cmds)
		a.work.dropCommands()
	}
	a.decided = from
	a.cmds = &partitionTap{p: a.p, next: from, lose: a.work.noteLost, full: a.paused.Load, give: func(rs []*kgo.Record) {
		if a.work.putCommands(rs) > maxQueued {
			a.paused.Store(true)
			a.x.commands.pausePartition(a.p)
		}
	}}
	a.x.commands.attachTap(a.cmds)
}

// rewindCommands goes back as far as the id window reaches, because the topic of commands isn't the same any more.
func (a *attempt) rewindCommands(ctx context.Context, at time.Time, start int64, why string) (int64, error) {
	topic := a.x.cfg.Log.Commands()
	since := at.Add(rescanMargin - es.WindowAge)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	offsets, err := a.x.adm.ListOffsetsAfterMilli(ctx, since.UnixMilli(), topic)
	if err != nil {
		return 0, fmt.Errorf("list offset of %s/%d at %v: %w", topic, a.p, since, err)
	}
	o, ok := offsets.Lookup(topic, a.p)
	if err = o.Err; err == nil && !ok {
		err = kerr.UnknownTopicOrPartition
	}
	if err != nil {
		return 0, fmt.Errorf("list offset of %s/%d at %v: %w", topic, a.p, since, err)
	}
	from := max(o.Offset, start)
	a.x.cfg.Report("commands was truncated or made anew: reading it again as far as ids are remembered", "partition", a.p, "why", why, "from", from, "since", since)
	a.owner.Rewind(from)
	return from, nil
}

// compareFirst reports whether the first record is the expected one; if not, commands are read again from elsewhere.
func (a *attempt) compareFirst(ctx context.Context, r *kgo.Record) bool {
	c := a.check
	a.check = nil
	why := fmt.Sprintf("commands start again at offset %d, but the log knows a command at %d", r.Offset, c.offset)
	if r.Offset == c.offset {
		got, err := es.ParseCommand(r)
		if err == nil && got.ID == c.id {
			return true
		}
		why = fmt.Sprintf("the command at offset %d is not the one that the log knows (%s)", c.offset, c.id)
	}
	start, _, err := a.x.listBounds(ctx, a.x.cfg.Log.Commands(), a.p)
	if err == nil {
		var from int64
		if from, err = a.rewindCommands(ctx, c.at, start, why); err == nil {
			a.readCommands(from)
		}
	}
	if err != nil {
		a.stepDown(ReasonOther, err, false)
	}
	return false
}
