package node

import (
	"context"
	"time"

	"outrider/api"
	"outrider/internal/es/processor"
	"outrider/internal/es/react"
)

// SimulatedClock is a time that isn't this machine's. It stands still while anything is under way, so it must know who works here.
type SimulatedClock interface {
	processor.Timers
	Now() time.Time
	// Pace is how time goes, and SetPace lets it go otherwise: so many simulated seconds in a real one at most (0 = as fast as it goes), or not at
	// all. from and to bound what is being played.
	Pace() (speed float64, paused bool, from, to time.Time)
	SetPace(speed float64, paused bool)
	Report() string // see api.Clock
	Attach(p *processor.Processor)
	Watch(reactor string, s *react.Subscriber)
	// Enter begins work from outside; the result ends it.
	Enter() (leave func())
	// Every runs f each time that d has passed since it ended, until ctx ends.
	Every(ctx context.Context, d time.Duration, f func(context.Context))
	// Run takes part in simulated time until ctx ends; ready is called when this process has caught up for the first time.
	Run(ctx context.Context, ready func()) error
}

// clock is the time that a process goes by: this machine's (the zero value), or a simulated one.
type clock struct{ simulated SimulatedClock }

// Now is the time, UTC.
func (c clock) Now() time.Time {
	if c.simulated == nil {
		return time.Now().UTC()
	}
	return c.simulated.Now()
}

// processorTimers are the processor's; nil = its own.
func (c clock) processorTimers() processor.Timers {
	if c.simulated == nil {
		return nil
	}
	return c.simulated
}

// batchWait is how long work waits for more of its kind, in real time. Where time is simulated little happens at once, and
// everybody waits for the work.
func (c clock) batchWait(d time.Duration) time.Duration {
	if c.simulated != nil {
		return time.Millisecond
	}
	return d
}

// watched is how many mailboxes are listened to between rounds. In simulated time nobody waits: all that comes, comes while time stands still.
func (c clock) watched() int {
	if c.simulated != nil {
		return 0
	}
	return watchedMailboxes
}

// watchedMailboxes each take a connection, and a place in a mail worker.
const watchedMailboxes = 64

func (c clock) attachProcessor(p *processor.Processor) {
	if c.simulated != nil {
		c.simulated.Attach(p)
	}
}

func (c clock) watchReactor(reactor string, s *react.Subscriber) {
	if c.simulated != nil {
		c.simulated.Watch(reactor, s)
	}
}

// pace is api.Config's Clock.
func (c clock) pace() api.Clock {
	if c.simulated == nil {
		return nil
	}
	return c.simulated
}

// requestHook is api.Config's Begin.
func (c clock) requestHook() func() func() {
	if c.simulated == nil {
		return nil
	}
	return c.simulated.Enter
}

// runEvery runs f each time that d has passed, until ctx ends.
func (c clock) runEvery(ctx context.Context, d time.Duration, f func(context.Context)) {
	if c.simulated != nil {
		c.simulated.Every(ctx, d, f)
		return
	}
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f(ctx)
		}
	}
}

// takePart takes part in simulated time until ctx ends; ready is called when this process has caught up for the first time.
func (c clock) takePart(ctx context.Context, ready func()) error {
	if c.simulated == nil {
		ready()
		return nil
	}
	return c.simulated.Run(ctx, ready)
}
