// Package quiescence tells when nothing is under way in a process that has all roles, and holds simulated time until then.
//
// A request or a timer begins work; commands, events and reactors carry it on, each handing over to the next through the
// log. Nothing is under way when no request is, every command is decided, every event has come to every reactor and been
// finished there, and the log hasn't grown while that was looked at: whatever hands on appends before it is finished itself,
// so it would have been seen in one place or the other.
package quiescence

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es/processor"
	"outrider/internal/es/react"
	"outrider/internal/kafka"
	"outrider/internal/lab/simclock"
)

// Clock is one process' part in simulated time. It counts as busy from any work's beginning until nothing is under way.
type Clock struct {
	clock *simclock.Participant
	log   kafka.Log
	cl    *kgo.Client

	mu        sync.Mutex
	inside    int    // requests and timers that run
	begun     uint64 // how often work began
	release   func() // lets time go on; nil = it may already
	processor *processor.Processor
	reactors  []reactor
	wake      chan struct{}
	why       string // what was under way when it was last looked at
}

type reactor struct {
	name string
	sub  *react.Subscriber
}

// New connects to the log. Attach and Watch say who works in this process before Run is called.
func New(clock *simclock.Participant, log kafka.Log) (*Clock, error) {
	cl, err := log.Open()
	if err != nil {
		return nil, err
	}
	return &Clock{clock: clock, log: log, cl: cl, wake: make(chan struct{}, 1)}, nil
}

// Attach tells who decides.
func (p *Clock) Attach(x *processor.Processor) {
	p.mu.Lock()
	p.processor = x
	p.mu.Unlock()
}

// Watch tells of a reactor; it is react.Options' Watch.
func (p *Clock) Watch(name string, s *react.Subscriber) {
	p.mu.Lock()
	p.reactors = append(p.reactors, reactor{name, s})
	p.mu.Unlock()
}

// Now is the simulated time.
func (p *Clock) Now() time.Time { return p.clock.Now() }

// Pace is how time goes: speed is simulated seconds in a real one at most, 0 = as fast as it goes; from and to bound what is played.
func (p *Clock) Pace() (speed float64, paused bool, from, to time.Time) {
	pace := p.clock.Pace()
	return pace.Speed, pace.Paused, pace.From, pace.To
}

// Report is what was found at the end of what is played, see api.Clock; "" = it isn't over.
func (p *Clock) Report() string { return p.clock.Pace().Report }

// SetPace lets time go otherwise.
func (p *Clock) SetPace(speed float64, paused bool) { p.clock.AskPace(speed, paused) }

// Enter begins work from outside; the result ends it. What it has handed on by then keeps time standing.
func (p *Clock) Enter() (leave func()) {
	p.mu.Lock()
	p.inside++
	p.beginWork()
	p.mu.Unlock()
	return sync.OnceFunc(func() {
		p.mu.Lock()
		p.inside--
		p.mu.Unlock()
		p.wakeUp()
	})
}

// beginWork is called with mu held.
func (p *Clock) beginWork() {
	p.begun++
	if p.release == nil {
		p.release = p.clock.Busy()
	}
	p.wakeUp()
}

func (p *Clock) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// At is processor.Timers': f runs when simulated time has come to t.
func (p *Clock) At(t time.Time, f func()) (cancel func()) {
	stop := p.clock.At(t, func() {
		leave := p.Enter()
		defer leave()
		f()
	})
	return func() { stop() }
}

// Every runs f each time that so much simulated time has passed since it ended, until ctx ends.
func (p *Clock) Every(ctx context.Context, d time.Duration, f func(context.Context)) {
	again := make(chan struct{}, 1)
	for {
		cancel := p.At(p.Now().Add(d), func() {
			f(ctx)
			again <- struct{}{}
		})
		select {
		case <-ctx.Done():
			cancel()
			return
		case <-again:
		}
	}
}

// Why says what was under way when that was last looked at; "" = nothing.
func (p *Clock) Why() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.why
}

// Run lets time go on whenever nothing is under way, until ctx ends or the clock is gone. ready is called when that is so for the first time, before
// time moves.
func (p *Clock) Run(ctx context.Context, ready func()) error {
	defer p.cl.Close()
	p.mu.Lock()
	p.beginWork()
	p.mu.Unlock()
	for wait := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-p.clock.Gone():
			return fmt.Errorf("simulated time has ended: who holds it is gone")
		case <-p.wake:
		case <-time.After(wait):
		}
		p.mu.Lock()
		held, begun := p.release != nil, p.begun
		p.mu.Unlock()
		if !held {
			wait = time.Hour
			continue
		}
		why := p.whatIsBusy(ctx)
		p.mu.Lock()
		if p.why = why; why == "" && p.begun == begun && p.inside == 0 {
			if ready != nil {
				ready()
				ready = nil
				p.clock.Ready()
			}
			p.release()
			p.release = nil
		}
		p.mu.Unlock()
		wait = time.Millisecond
	}
}

// whatIsBusy says what is under way, or "".
func (p *Clock) whatIsBusy(ctx context.Context) string {
	p.mu.Lock()
	inside, x, reactors := p.inside, p.processor, slices.Clone(p.reactors)
	p.mu.Unlock()
	if inside > 0 {
		return fmt.Sprintf("%d requests or timers", inside)
	}
	if why := p.whatIsBehind(x, reactors, nil); why != "" { // without asking the broker
		return why
	}
	before, err := p.logEnds(ctx)
	if err != nil {
		return err.Error()
	}
	if why := p.whatIsBehind(x, reactors, &before); why != "" {
		return why
	}
	after, err := p.logEnds(ctx)
	switch {
	case err != nil:
		return err.Error()
	case !slices.Equal(before.commands, after.commands) || !slices.Equal(before.events, after.events):
		return "the log grows"
	}
	return ""
}

// whatIsBehind says what is not done up to the ends; nil ends = whatever shows without knowing them.
func (p *Clock) whatIsBehind(x *processor.Processor, reactors []reactor, at *ends) string {
	if x == nil {
		return "nobody decides yet"
	}
	parts := x.Progress()
	if len(parts) < int(p.log.Partitions) {
		return "not all partitions are ours yet"
	}
	now := p.clock.Now()
	for _, s := range parts {
		due := !s.Due.IsZero() && !s.Due.After(now)
		if !s.Owned || s.InFlight > 0 || s.Ticking > 0 || due || at != nil && (s.Commands < at.commands[s.Partition] || s.Events < at.events[s.Partition]) {
			return fmt.Sprintf("partition %d decides", s.Partition)
		}
	}
	for _, r := range reactors {
		all := r.sub.Status()
		if len(all) < int(p.log.Partitions) {
			return "reactor " + r.name + " has not all partitions yet"
		}
		for _, s := range all {
			if s.Pending > 0 || at != nil && s.Seen < at.events[s.Partition] {
				return "reactor " + r.name + " works"
			}
		}
	}
	return ""
}
