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
)

// backlog bounds fetched records of a partition that wait for room; after it the fetch is paused.
const backlog = 5000

// partition passes records through the gate, and events into lanes.
type partition struct {
	s       *subscription
	n       int32
	deliver int64        // nothing below this offset is delivered
	seen    atomic.Int64 // offset before which every record was taken or skipped
	gate    es.Gate

	halt   chan struct{}   // no further message is delivered
	ctx    context.Context //nolint:containedctx // the life of the messages in hand
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	halted   bool
	queue    []*kgo.Record
	paused   bool
	ready    chan struct{}
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
	p := &partition{s: s, n: n, deliver: deliver, gate: es.NewGate(from), halt: make(chan struct{}), ready: make(chan struct{}, 1), room: make(chan struct{}, 1),
		lanes: map[lane][]item{}, done: from, saved: from}
	p.seen.Store(max(from.Offset, 0))
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.work.Go(p.readQueue)
	return p
}

func (p *partition) topicPartition() map[string][]int32 {
	return map[string][]int32{p.s.cfg.Log.Events(): {p.n}}
}

// putFetched takes what was fetched; it never blocks.
func (p *partition) putFetched(rs []*kgo.Record, err error) {
	if err != nil {
		if err = reader.FetchError(p.n, err); err != nil {
			p.failWith(err)
		}
	}
	p.mu.Lock()
	if p.err == nil { // after a loss, the next records don't follow the previous ones
		p.queue = append(p.queue, rs...)
	}
	if len(p.queue) > backlog && !p.paused {
		p.paused = true
		p.s.cl.PauseFetchPartitions(p.topicPartition())
	}
	p.mu.Unlock()
	trySignal(p.ready)
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

func (p *partition) readQueue() {
	for {
		select {
		case <-p.halt:
			return
		case <-p.ready:
		}
		p.mu.Lock()
		rs := p.queue
		p.queue = nil
		if p.paused {
			p.paused = false
			p.s.cl.ResumeFetchPartitions(p.topicPartition())
		}
		p.mu.Unlock()
		for _, r := range rs {
			bad := p.gate.Malformed
			v, _, events, err := p.gate.See(r)
			if p.gate.Malformed > bad {
				p.s.cfg.Report("malformed record in the log", "error", p.gate.LastBad)
			}
			if err != nil {
				p.failWith(err)
				return
			}
			if v == es.Counted && !p.queueCommand(events, r.LeaderEpoch) {
				return
			}
			p.seen.Store(r.Offset + 1)
		}
	}
}

// queueCommand puts a command's events into their lanes, once there is room. It reports whether to continue.
func (p *partition) queueCommand(events []*es.Event, leaderEpoch int32) bool {
	after, _ := p.gate.Checkpoint(leaderEpoch)
	c := &command{after: after}
	var wanted []*es.Event
	for _, e := range events {
		if e.Offset >= p.deliver && p.s.cfg.Wants(e.Type) {
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
	ctx, cancel := context.WithCancel(p.ctx)
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
	if p.paused {
		p.s.cl.ResumeFetchPartitions(p.topicPartition())
	}
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
