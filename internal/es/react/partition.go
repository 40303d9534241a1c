package react

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/retry"
)

// partition puts events into lanes.
type partition struct {
	s       *subscription
	n       int32
	deliver int64        // nothing below this offset is delivered
	seen    atomic.Int64 // offset before which every record was taken or skipped
	from    atomic.Pointer[reader.Subscription]
	idle    *idle

	halt   chan struct{}   // no further message is delivered
	ctx    context.Context //nolint:containedctx // the life of the messages in hand
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	halted   bool
	room     chan struct{}
	lanes    map[lane][]item
	commands []*command // taken and not committed as finished, in order
	pending  int
	done     es.Checkpoint // everything before it is finished
	saved    es.Checkpoint // newest committed
	err      error
}

// lane is a queue of events that are handled in order: those of one subject.
type lane struct {
	org     uuid.UUID
	subject string
}

type item struct {
	event   *es.Event
	command *command
	number  uint64 // in the order of taking, over all partitions
	refused int
}

// command counts its events that are not finished.
type command struct {
	after es.Checkpoint
	left  int
}

func newPartition(s *subscription, n int32, from es.Checkpoint, deliver int64) *partition {
	p := &partition{s: s, n: n, deliver: deliver, idle: newIdle(s.cfg.MayPass), halt: make(chan struct{}), room: make(chan struct{}, 1),
		lanes: map[lane][]item{}, done: from, saved: from}
	p.seen.Store(max(from.Offset, 0))
	p.ctx, p.cancel = context.WithCancel(context.WithValue(context.Background(), idleKey{}, p.idle))
	p.work.Go(func() { p.readLog(from) })
	return p
}

func trySignal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (p *partition) failWith(err error) {
	p.mu.Lock()
	first := p.err == nil
	if first {
		p.err = err
	}
	p.mu.Unlock()
	if first {
		p.s.cfg.Report("reactor stopped on a partition", "group", p.s.cfg.Group, "partition", p.n, "error", err)
	}
}

// readLog reads until the partition is halted, or can't be read any more. What goes away by itself is tried again.
func (p *partition) readLog(from es.Checkpoint) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	go func() {
		select {
		case <-p.halt:
			cancel()
		case <-ctx.Done():
		}
	}()
	for tries := 0; ctx.Err() == nil; tries++ {
		next, err := p.readFrom(ctx, from)
		switch {
		case ctx.Err() != nil || err == nil:
			return
		case errors.Is(err, reader.ErrTruncated) || errors.Is(err, es.ErrLoss) || errors.Is(err, kgo.ErrClientClosed):
			p.failWith(err)
			return
		case next != from:
			tries = 0
		}
		from = next
		p.s.cfg.Report("the log can't be read; it is tried again", "group", p.s.cfg.Group, "partition", p.n, "error", err)
		_ = retry.Sleep(ctx, min(time.Second, 20*time.Millisecond<<min(tries, 6)))
	}
}

// readFrom reads on and returns where it stopped; no error = the partition is halted.
func (p *partition) readFrom(ctx context.Context, from es.Checkpoint) (es.Checkpoint, error) {
	sub, err := p.s.reader.Subscribe(ctx, reader.Config{Partition: p.n, From: from, Wants: p.s.cfg.Wants, Report: p.s.cfg.Report})
	if err != nil {
		return from, err
	}
	defer sub.Close()
	p.from.Store(sub)
	defer p.from.Store(nil)
	for {
		c, err := sub.Next(ctx)
		switch {
		case c != nil:
			if !p.queueCommand(c.Events, c.After) {
				return sub.At(), nil
			}
			p.seen.Store(max(p.seen.Load(), c.After.Offset))
			continue
		case err != nil:
			return sub.At(), err
		}
		p.passTo(sub.At(), sub.Passed())
		select {
		case <-p.halt:
			return sub.At(), nil
		case <-sub.Ready():
		}
	}
}

// passTo notes that nothing is wanted before a checkpoint but what was queued.
func (p *partition) passTo(at es.Checkpoint, passed int64) {
	p.mu.Lock()
	if n := len(p.commands); n > 0 {
		p.commands[n-1].after = at
	} else {
		p.done = at
	}
	p.mu.Unlock()
	p.seen.Store(max(p.seen.Load(), passed))
}

// nudge has readLog pass over what isn't wanted.
func (p *partition) nudge() {
	if sub := p.from.Load(); sub != nil {
		sub.Nudge()
	}
}

// queueCommand puts a command's events into their lanes, once there is room. It reports whether to continue.
func (p *partition) queueCommand(events []*es.Event, after es.Checkpoint) bool {
	c := &command{after: after}
	var wanted []*es.Event
	for _, e := range events {
		if e.Offset >= p.deliver && p.s.cfg.Wants(e.Type) && !p.idle.passesOver(e) {
			wanted = append(wanted, e)
		}
	}
	for {
		p.mu.Lock()
		if p.pending < p.s.cfg.MaxPending {
			break
		}
		p.mu.Unlock()
		select {
		case <-p.halt:
			return false
		case <-p.room:
		}
	}
	defer p.mu.Unlock()
	c.left = len(wanted)
	p.pending += len(wanted)
	p.commands = append(p.commands, c)
	p.advanceDone()
	for _, e := range wanted {
		l := lane{e.Org, e.Subject}
		queue, busy := p.lanes[l]
		it := item{event: e, command: c, number: p.s.taken.Add(1)}
		p.lanes[l] = append(queue, it)
		if !busy {
			p.s.addTurn(laneTurn{it.number, p, l})
		}
	}
	return true
}

// advanceDone moves done past finished commands.
func (p *partition) advanceDone() {
	n := 0
	for n < len(p.commands) && p.commands[n].left == 0 {
		p.done = p.commands[n].after
		n++
	}
	p.commands = p.commands[n:]
}

// handleNext delivers the next event of a lane and waits for its acknowledgement.
func (p *partition) handleNext(x laneTurn) {
	p.mu.Lock()
	if p.halted {
		p.mu.Unlock()
		return
	}
	it := p.lanes[x.lane][0]
	p.work.Add(1)
	p.mu.Unlock()
	defer p.work.Done()
	acked, over := p.deliverEvent(it.event)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case over:
	case !acked:
		delay := min(p.s.cfg.NackDelay<<min(it.refused, 10), max(time.Minute, p.s.cfg.NackDelay))
		p.lanes[x.lane][0].refused++
		time.AfterFunc(delay, func() { p.s.addTurn(x) }) // others may use the turn until then
	default:
		it.command.left--
		p.pending--
		p.advanceDone()
		trySignal(p.room)
		if rest := p.lanes[x.lane][1:]; len(rest) > 0 {
			p.lanes[x.lane] = rest
			p.s.addTurn(laneTurn{rest[0].number, p, x.lane})
		} else {
			delete(p.lanes, x.lane)
		}
	}
}

func (p *partition) deliverEvent(e *es.Event) (acked, over bool) {
	ctx, cancel := context.WithCancel(withEvent(p.ctx, e))
	defer cancel()
	m := EventMessage(e)
	m.SetContext(ctx)
	select {
	case <-p.halt:
		return false, true
	case p.s.out <- m:
	}
	select {
	case <-m.Acked():
		return true, false
	case <-m.Nacked():
		return false, false
	case <-ctx.Done():
		return false, true
	}
}

// stopAndWait stops the partition: with drain, running messages get some time to finish. Nothing is running when it returns.
func (p *partition) stopAndWait(drain bool) {
	p.mu.Lock()
	if !p.halted { // a rebalance may coincide with the end of the subscription
		p.halted = true
		close(p.halt)
	}
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() { p.work.Wait(); close(ended) }()
	if drain {
		select {
		case <-ended:
		case <-time.After(p.s.cfg.Drain):
		}
	}
	p.cancel()
	<-ended
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = errEnded
	}
}

var errEnded = errors.New("partition is no longer assigned")

// checkpointToCommit returns the checkpoint to commit, and whether it has changed.
func (p *partition) checkpointToCommit() (es.Checkpoint, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done, p.done != p.saved
}

func (p *partition) noteCommitted(c es.Checkpoint) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saved = c
}

func (p *partition) currentStatus() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{p.n, p.done, p.pending, p.seen.Load(), p.err}
}
