package main

import (
	"context"
	"time"

	"outrider/internal/es/processor"
	"outrider/internal/es/react"
	"outrider/internal/kafka"
	"outrider/internal/lab/quiescence"
	"outrider/internal/lab/simclock"
)

// simulatedServer is the server's name at the coordinator of simulated time.
const simulatedServer = "server"

// clock is the time that a process goes by: this machine's (the zero value), or a simulated one.
type clock struct{ pulse *quiescence.Pulse }

// joinClock takes part in simulated time; "" as address is this machine's clock.
func joinClock(ctx context.Context, address string, log kafka.Log) (clock, error) {
	if address == "" {
		return clock{}, nil
	}
	c, err := simclock.Dial(ctx, address, simulatedServer)
	if err != nil {
		return clock{}, err
	}
	p, err := quiescence.New(c, log)
	return clock{p}, err
}

// Now is the time, UTC.
func (c clock) Now() time.Time {
	if c.pulse == nil {
		return time.Now().UTC()
	}
	return c.pulse.Now()
}

// timers are the processor's; nil = its own.
func (c clock) timers() processor.Timers {
	if c.pulse == nil {
		return nil
	}
	return c.pulse
}

// patience is how long work waits for more of its kind, in real time. Where time is simulated little happens at once, and
// everybody waits for the work.
func (c clock) patience(d time.Duration) time.Duration {
	if c.pulse != nil {
		return time.Millisecond
	}
	return d
}

func (c clock) attach(p *processor.Processor) {
	if c.pulse != nil {
		c.pulse.Attach(p)
	}
}

func (c clock) watch(reactor string, s *react.Subscriber) {
	if c.pulse != nil {
		c.pulse.Watch(reactor, s)
	}
}

// enter is api.Config's Begin.
func (c clock) enter() func() func() {
	if c.pulse == nil {
		return nil
	}
	return c.pulse.Enter
}

// every runs f each time that d has passed, until ctx ends.
func (c clock) every(ctx context.Context, d time.Duration, f func(context.Context)) {
	if c.pulse != nil {
		c.pulse.Every(ctx, d, f)
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

// run takes part in simulated time until ctx ends; ready is called when this process has caught up for the first time.
func (c clock) run(ctx context.Context, ready func()) error {
	if c.pulse == nil {
		ready()
		return nil
	}
	return c.pulse.Run(ctx, ready)
}

// wait returns when the process has caught up; false when ctx ended before.
func (c clock) wait(ctx context.Context, quiet <-chan struct{}) bool {
	select {
	case <-quiet:
		return true
	case <-ctx.Done():
		return false
	}
}
