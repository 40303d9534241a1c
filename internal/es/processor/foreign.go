package processor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Alarm records that a partition has stopped because its log holds an event that its owner didn't write.
type Alarm struct {
	Partition int32     `json:"partition"`
	Offset    int64     `json:"offset"`
	Time      time.Time `json:"time"` // when it was noticed
	Why       string    `json:"why"`
}

// Alarms stores alarms until an operator lets the partition continue.
type Alarms interface {
	// Raise may be called again for the same partition and offset.
	Raise(ctx context.Context, a Alarm) error
	// Raised returns the first alarm of a partition that nobody has settled, nil when there is none.
	Raised(ctx context.Context, partition int32) (*Alarm, error)
}

// ErrAlarm reports that a partition has stopped because of an alarm.
var ErrAlarm = errors.New("an operator must look at it: `outrider log alarms`")

// alarmTimeout bounds how long an alarm may take to be written or read.
const alarmTimeout = 5 * time.Second

// foreignEvents holds the alarms that couldn't be written, or that nobody stores.
type foreignEvents struct {
	mu        sync.Mutex
	unwritten map[int32]Alarm
}

// noteForeign raises an alarm when an attempt has ended because of a foreign event.
func (x *Processor) noteForeign(ctx context.Context, fatal error) {
	var of *es.ForeignError
	if !errors.As(fatal, &of) {
		return
	}
	a := Alarm{of.Event.Partition, of.Event.Offset, time.Now().UTC(), of.Error()}
	x.foreign.mu.Lock()
	defer x.foreign.mu.Unlock()
	if x.foreign.unwritten == nil {
		x.foreign.unwritten = map[int32]Alarm{}
	}
	x.foreign.unwritten[a.Partition] = a
	x.writeAlarm(ctx, a)
}

// writeAlarm is called with the lock held.
func (x *Processor) writeAlarm(ctx context.Context, a Alarm) {
	if x.cfg.Alarms == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), alarmTimeout)
	defer cancel()
	if err := x.cfg.Alarms.Raise(ctx, a); err != nil {
		x.cfg.Report("an alarm couldn't be written; another process wouldn't know of it", "partition", a.Partition, "offset", a.Offset, "error", err)
		return
	}
	delete(x.foreign.unwritten, a.Partition)
}

// checkForeign returns an error while an alarm of the partition isn't settled.
func (x *Processor) checkForeign(ctx context.Context, p int32) error {
	if why := x.unwrittenAlarm(ctx, p); why != "" {
		return fmt.Errorf("%s; %w", why, ErrAlarm)
	}
	if x.cfg.Alarms == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, alarmTimeout)
	defer cancel()
	a, err := x.cfg.Alarms.Raised(ctx, p)
	switch {
	case err != nil:
		x.cfg.Report("alarms can't be read; the partition is taken without", "partition", p, "error", err)
		return nil
	case a != nil:
		return fmt.Errorf("%s; %w", a.Why, ErrAlarm)
	}
	return nil
}

// unwrittenAlarm tries again to write an alarm, and returns why it was raised as long as that fails.
func (x *Processor) unwrittenAlarm(ctx context.Context, p int32) string {
	x.foreign.mu.Lock()
	defer x.foreign.mu.Unlock()
	if a, ok := x.foreign.unwritten[p]; ok {
		x.writeAlarm(ctx, a)
	}
	return x.foreign.unwritten[p].Why
}

// checkCommand returns an error for a command that no process of this installation wrote. Those that were there before commands
// carried a MAC need none.
func (x *Processor) checkCommand(r *kgo.Record) error {
	if r.Offset < x.cfg.Unsigned[r.Partition] {
		return nil
	}
	return x.cfg.Keys.CheckCommand(r)
}
