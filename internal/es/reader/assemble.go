package reader

import (
	"fmt"
	"sync"
	"time"

	"outrider/internal/es"
)

// assembler keeps the events of complete commands until they are delivered.
type assembler struct {
	cfg    Config
	events []*es.Event
	fresh  []*CommandEvents // taken, and not in events yet
	count  int              // events taken
	bytes  int
	first  time.Time     // when the oldest of events came
	end    es.Checkpoint // after everything taken
	ready  es.Checkpoint // after events
	failed error         // ends the reading once events are delivered
}

func newAssembler(cfg Config) *assembler {
	if cfg.MaxEvents == 0 {
		cfg.MaxEvents = 4000
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 16 << 20
	}
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	return &assembler{cfg: cfg, end: cfg.From, ready: cfg.From}
}

func (a *assembler) isFull() bool {
	return a.cutReached() && (a.count >= a.cfg.MaxEvents || a.bytes >= a.cfg.MaxBytes || a.cfg.Cut > 0 && a.end.Pseq == a.cfg.Cut)
}

// cutReached reports whether the events collected so far may be delivered.
func (a *assembler) cutReached() bool { return a.cfg.Cut <= a.cfg.From.Pseq || a.end.Pseq >= a.cfg.Cut }

// takeCommand adds a command to the batch; decodeFresh must follow before it is delivered.
func (a *assembler) takeCommand(c *CommandEvents) {
	if a.count == 0 {
		a.first = time.Now()
	}
	for _, e := range c.Events {
		a.bytes += len(e.Data)
	}
	a.count += len(c.Events)
	a.fresh = append(a.fresh, c)
	a.end = c.After
}

// decodeFresh adds what is new to events, with Payload if that is wanted. At an event that can't be decoded, its command and everything
// after it is dropped.
func (a *assembler) decodeFresh() {
	if len(a.fresh) == 0 {
		return
	}
	fresh := a.fresh
	a.fresh = nil
	if a.cfg.Decode == nil {
		for _, c := range fresh {
			a.events = append(a.events, c.Events...)
		}
		a.ready = a.end
		return
	}
	decodeAll(fresh, a.cfg.Decode, min(max(a.cfg.Decoders, 1), 1+(a.count-len(a.events))/256)) // for fewer events a goroutine costs more than it saves
	for _, c := range fresh {
		events, bad, err := c.decode(a.cfg.Decode)
		if err != nil {
			e := c.Events[bad]
			a.failed = fmt.Errorf("%w: %s at %d/%d (pseq %d): %w", es.ErrPoison, e.Type, e.Partition, e.Offset, e.Pseq, err)
			a.end, a.count = a.ready, len(a.events)
			return
		}
		a.events = append(a.events, events...)
		a.ready = c.After
	}
}

// decodeAll has several goroutines decode commands.
func decodeAll(commands []*CommandEvents, decode es.Decoder, workers int) {
	if workers == 1 {
		for _, c := range commands {
			if _, _, err := c.decode(decode); err != nil {
				return
			}
		}
		return
	}
	var wg sync.WaitGroup
	size := (len(commands) + workers - 1) / workers
	for w := range workers {
		part := commands[min(w*size, len(commands)):min((w+1)*size, len(commands))]
		wg.Go(func() { decodeAll(part, decode, 1) })
	}
	wg.Wait()
}

func (a *assembler) nextBatch(high int64) Batch {
	return Batch{Events: a.events[:len(a.events):len(a.events)], Checkpoint: a.end, Behind: max(high-a.end.Offset, 0)}
}

// startNext drops what was delivered.
func (a *assembler) startNext() {
	a.events, a.count, a.bytes = nil, 0, 0
	if a.cfg.Cut > 0 && a.end.Pseq >= a.cfg.Cut {
		a.cfg.Cut = 0
	}
}
