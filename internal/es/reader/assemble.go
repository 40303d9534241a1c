package reader

import (
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// assembler passes records through the gate and keeps the events of complete commands until they are delivered.
type assembler struct {
	cfg     Config
	gate    es.Gate
	events  []*es.Event
	bytes   int
	first   time.Time // when the oldest of events came
	end     es.Checkpoint
	left    []fetchedRecords // taken from the queue, but not passed through the gate yet, as the batch was full
	high    int64
	failed  error // ends the reading once events are delivered
	decoded int   // events that have been decoded
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
	return &assembler{cfg: cfg, gate: es.NewGate(cfg.From), end: cfg.From}
}

func (a *assembler) isFull() bool {
	return a.cutReached() && (len(a.events) >= a.cfg.MaxEvents || a.bytes >= a.cfg.MaxBytes || a.cfg.Cut > 0 && a.end.Pseq == a.cfg.Cut)
}

// cutReached reports whether the events collected so far may be delivered.
func (a *assembler) cutReached() bool { return a.cfg.Cut <= a.cfg.From.Pseq || a.end.Pseq >= a.cfg.Cut }

// takeFetch adds a fetch to the batch; once that is full, the rest waits for the next one.
func (a *assembler) takeFetch(f fetchedRecords) {
	if a.failed != nil {
		return
	}
	if len(a.left) > 0 || a.isFull() {
		a.left = append(a.left, f)
		return
	}
	if f.high > 0 {
		a.high = f.high
	}
	for i, r := range f.records {
		if a.takeRecord(r); a.failed != nil {
			break
		}
		if a.isFull() && i+1 < len(f.records) {
			f.records = f.records[i+1:]
			a.left = append(a.left, f)
			break
		}
	}
	a.decodeNew()
	if a.failed == nil && len(a.left) == 0 && f.err != nil {
		a.failed = FetchError(a.cfg.Partition, f.err)
	}
}

func (a *assembler) takeRecord(r *kgo.Record) {
	bad := a.gate.Malformed
	v, _, events, err := a.gate.See(r)
	if a.gate.Malformed > bad {
		a.cfg.Report("malformed record in the log", "error", a.gate.LastBad)
	}
	if err != nil {
		a.failed = err
		return
	}
	if v != es.Counted {
		return
	}
	if len(a.events) == 0 {
		a.first = time.Now()
	}
	for _, e := range events {
		a.bytes += len(e.Data)
	}
	a.events = append(a.events, events...)
	a.end, _ = a.gate.Checkpoint(r.LeaderEpoch) // no command is open here
}

// decodeNew fills in the Payload of new events. At an event that can't be decoded, its command and everything after it is dropped.
func (a *assembler) decodeNew() {
	from := a.decoded
	a.decoded = len(a.events)
	if a.cfg.Decode == nil || from == len(a.events) {
		return
	}
	bad, err := decodeAll(a.events[from:], a.cfg.Decode, max(a.cfg.Decoders, 1))
	if err == nil {
		return
	}
	e := a.events[from+bad]
	n := from + bad
	for n > 0 && !a.events[n-1].Last {
		n--
	}
	a.failed = fmt.Errorf("%w: %s at %d/%d (pseq %d): %w", es.ErrPoison, e.Type, e.Partition, e.Offset, e.Pseq, err)
	a.events, a.decoded = a.events[:n], n
	if n > 0 {
		a.end = Batch{Checkpoint: a.end}.After(a.events[n-1])
	}
}

// decodeAll returns the index of the first event that fails.
func decodeAll(events []*es.Event, decode es.Decoder, workers int) (int, error) {
	workers = min(workers, 1+len(events)/256) // for fewer events a goroutine costs more than it saves
	if workers == 1 {
		for i, e := range events {
			p, err := decode(e.Type, e.Data)
			if err != nil {
				return i, err
			}
			e.Payload = p
		}
		return 0, nil
	}
	bad, errs := make([]int, workers), make([]error, workers)
	var wg sync.WaitGroup
	size := (len(events) + workers - 1) / workers
	for w := range workers {
		lo, hi := min(w*size, len(events)), min((w+1)*size, len(events))
		wg.Go(func() { bad[w], errs[w] = decodeAll(events[lo:hi], decode, 1); bad[w] += lo })
	}
	wg.Wait()
	for w, err := range errs {
		if err != nil {
			return bad[w], err
		}
	}
	return 0, nil
}

func (a *assembler) nextBatch() Batch {
	return Batch{Events: a.events[:len(a.events):len(a.events)], Checkpoint: a.end, Behind: max(a.high-a.end.Offset, 0)}
}

// startNext drops what was delivered and continues with what is waiting.
func (a *assembler) startNext() {
	a.events, a.bytes, a.decoded = nil, 0, 0
	if a.cfg.Cut > 0 && a.end.Pseq >= a.cfg.Cut {
		a.cfg.Cut = 0
	}
	left := a.left
	a.left = nil
	for _, f := range left {
		a.takeFetch(f)
	}
}
