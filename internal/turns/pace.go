package turns

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// What Pace lets on its way. Rows come in chunks of about a hundred.
const (
	aloneLag  = 300 * time.Millisecond // how far a read model may be behind its partition while one organisation alone writes there
	sharedLag = 100 * time.Millisecond // while several do
	sharedFor = 10 * time.Second       // after which an organisation that writes nothing is no neighbour any more
	firstRoom = 1_000                  // rows, before anything is measured
	chunkRoom = 100                    // a chunk, which comes alone where there is room for no more
	aloneRoom = 500                    // at least, while one organisation alone writes there: a transaction costs the same for few
	mostRoom  = 5_000
	fewRows   = 50 // of an organisation that has none on their way: they don't wait
	mostKnown = 1_024
)

// Pace keeps writers of many rows at the speed of the read model that shows them: who reads what they wrote waits until it has come to the
// end of their partition, behind all rows that are on their way. There are as many of these as it took in a moment before; organisations
// take turns, a chunk each. It is safe for concurrent use.
type Pace struct {
	mu     sync.Mutex
	ways   map[int32]*way
	number uint64
}

// NewPace returns one for all writers of a process.
func NewPace() *Pace { return &Pace{ways: map[int32]*way{}} }

// way is the one to the read model of a partition.
type way struct {
	rows   int     // on their way
	rate   float64 // rows a second that it takes, about; 0 = not known
	shared time.Time
	orgs   map[uuid.UUID]*writer
	ring   *Ring[*Passage]
}

// writer is an organisation.
type writer struct {
	rows       int // on their way
	pseq, oseq int64
	at         time.Time // of the newest answer, whose numbers these are
}

// Passage is some rows that are on their way.
type Passage struct {
	pace     *Pace
	way      *way
	org      uuid.UUID
	rows     int
	ahead    int // rows on their way when these had begun, these included
	in       chan struct{}
	answered time.Time
	left     bool
}

// Enter waits until some rows of an organisation may be sent. Leave must follow.
func (p *Pace) Enter(ctx context.Context, partition int32, org uuid.UUID, rows int) (*Passage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	w := p.ways[partition]
	if w == nil {
		w = &way{orgs: map[uuid.UUID]*writer{}, ring: NewRing[*Passage](0)}
		p.ways[partition] = w
	}
	x := &Passage{pace: p, way: w, org: org, rows: rows, in: make(chan struct{})}
	p.number++
	number := p.number
	if rows <= fewRows && w.writer(org).rows == 0 {
		w.let(x)
	} else {
		w.ring.Add(org, number, x)
		w.admit(time.Now())
	}
	p.mu.Unlock()
	select {
	case <-x.in:
		return x, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	removed := w.ring.Remove(org, number)
	p.mu.Unlock()
	if !removed { // it was let in meanwhile
		x.Leave()
	}
	return nil, ctx.Err()
}

// Answered says that the rows are in the log, with the numbers of their last event in the partition and in the organisation.
func (x *Passage) Answered(pseq, oseq int64) {
	x.pace.mu.Lock()
	defer x.pace.mu.Unlock()
	now, o := time.Now(), x.way.writer(x.org)
	if pseq <= o.pseq { // it came late, or was given before: its rows may be shown already
		return
	}
	x.answered = now
	// Both count without holes: what the partition has more of is others'.
	if o.pseq > 0 && now.Sub(o.at) < sharedFor && pseq-o.pseq > oseq-o.oseq {
		x.way.shared = now
	}
	o.pseq, o.oseq, o.at = pseq, oseq, now
}

// Shown says that the read model has the rows.
func (x *Passage) Shown() {
	x.pace.mu.Lock()
	defer x.pace.mu.Unlock()
	now := time.Now()
	lag := max(now.Sub(x.answered), time.Millisecond)
	if x.answered.IsZero() || 2*x.ahead < x.way.room(now) { // few rows take as long as some more would
		return
	}
	rate := float64(x.ahead) / lag.Seconds()
	if x.way.rate > 0 {
		rate = (3*x.way.rate + rate) / 4
	}
	x.way.rate = rate
}

// Leave lets others in. Doing it again does nothing.
func (x *Passage) Leave() {
	x.pace.mu.Lock()
	defer x.pace.mu.Unlock()
	if x.left {
		return
	}
	x.left = true
	x.way.rows -= x.rows
	x.way.writer(x.org).rows -= x.rows
	x.way.forget()
	x.way.admit(time.Now())
}

// room is how many rows may be on their way.
func (w *way) room(now time.Time) int {
	if w.rate == 0 {
		return firstRoom
	}
	lag, least := aloneLag, aloneRoom
	if now.Sub(w.shared) < sharedFor {
		lag, least = sharedLag, chunkRoom
	}
	return min(max(int(w.rate*lag.Seconds()), least), mostRoom)
}

func (w *way) writer(org uuid.UUID) *writer {
	o := w.orgs[org]
	if o == nil {
		o = &writer{}
		w.orgs[org] = o
	}
	return o
}

// forget keeps no more of organisations that have nothing on its way than a bound allows.
func (w *way) forget() {
	if len(w.orgs) <= mostKnown {
		return
	}
	for org, o := range w.orgs {
		if o.rows == 0 {
			delete(w.orgs, org)
		}
	}
}

func (w *way) admit(now time.Time) {
	for w.rows == 0 || w.rows+chunkRoom <= w.room(now) {
		org, x, ok := w.ring.Next()
		if !ok {
			return
		}
		w.ring.Done(org)
		w.let(x)
	}
}

func (w *way) let(x *Passage) {
	w.rows += x.rows
	w.writer(x.org).rows += x.rows
	x.ahead = w.rows
	close(x.in)
}
