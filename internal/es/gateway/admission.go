package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/turns"
)

// ErrBusy says that too many commands of the organisation wait already, or that its turn didn't come in time; the command was not sent.
var ErrBusy = errors.New("too many commands of this organisation are waiting")

// A partition decides in the order of its log, so who sends more than it decides would have everybody wait behind them. Therefore commands
// wait here, before they are in the log, and organisations take turns.
const (
	aloneWindow  = 512              // weight on its way to a partition while one organisation alone sends there
	sharedWindow = 16               // while several do, none of them calm
	ownWindow    = 4                // that an organisation may always have on its way
	timesCalmest = 2                // as much as the calmest organisation has at once; what is on its way lengthens the calmest's answers too
	recent       = time.Second      // half of how long it is remembered how much an organisation had at once
	sharedFor    = 10 * time.Second // after which an organisation that sends nothing is no neighbour any more
	mostWaiting  = 2048             // commands of an organisation that wait; who is refused at once asks again at once
	weightBytes  = 8 << 10          // each of which weighs as much as a command
)

// admission bounds what this process has on its way.
type admission struct {
	now func() time.Time

	mu         sync.Mutex
	partitions map[int32]*entrance
	number     uint64
}

// entrance is that of a partition.
type entrance struct {
	sent int // weight on its way
	ring *turns.Ring[*entrant]
	orgs map[uuid.UUID]*neighbour

	swept time.Time // when it was last looked who has gone
}

// neighbour is an organisation that has sent lately.
type neighbour struct {
	sent int // weight on its way
	seen time.Time

	most, before int       // on its way and waiting at once, in this period and in the one before
	began        time.Time // of this period
}

type entrant struct {
	weight int
	in     chan struct{}
}

func newAdmission() *admission {
	return &admission{now: time.Now, partitions: map[int32]*entrance{}}
}

// enter waits until a command of so many bytes may be sent; leave says that it is answered.
func (a *admission) enter(ctx context.Context, partition int32, org uuid.UUID, bytes int) (leave func(), err error) {
	x := &entrant{weight: 1 + bytes/weightBytes, in: make(chan struct{})}
	a.mu.Lock()
	e := a.partitions[partition]
	if e == nil {
		e = &entrance{ring: turns.NewRing[*entrant](0), orgs: map[uuid.UUID]*neighbour{}}
		a.partitions[partition] = e
	}
	e.see(org, a.now())
	if e.ring.Waiting(org) >= mostWaiting {
		a.mu.Unlock()
		return nil, ErrBusy
	}
	a.number++
	number := a.number
	e.ring.Add(org, number, x)
	e.orgs[org].note(a.now(), e.orgs[org].sent+e.ring.Waiting(org))
	e.admit(org, a.now())
	a.mu.Unlock()
	leave = sync.OnceFunc(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		e.sent -= x.weight
		e.orgs[org].sent -= x.weight
		e.admit(org, a.now())
	})
	select {
	case <-x.in:
		return leave, nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	removed := e.ring.Remove(org, number)
	a.mu.Unlock()
	if !removed { // it was let in meanwhile
		leave()
	}
	return nil, errors.Join(ErrBusy, ctx.Err())
}

func (e *entrance) see(org uuid.UUID, now time.Time) {
	if e.orgs[org] == nil {
		e.orgs[org] = &neighbour{}
	}
	e.orgs[org].seen = now
	if now.Sub(e.swept) > sharedFor/10 {
		e.swept = now
		for org, n := range e.orgs {
			if n.sent == 0 && now.Sub(n.seen) > sharedFor && e.ring.Waiting(org) == 0 {
				delete(e.orgs, org)
			}
		}
	}
}

// note remembers how much an organisation has at once.
func (n *neighbour) note(now time.Time, has int) {
	switch since := now.Sub(n.began); {
	case since >= 2*recent:
		n.most, n.before, n.began = 0, 0, now
	case since >= recent:
		n.most, n.before, n.began = 0, n.most, now
	}
	n.most = max(n.most, has)
}

// had is the most that an organisation had at once lately.
func (n *neighbour) had(now time.Time) int {
	switch since := now.Sub(n.began); {
	case since >= 2*recent:
		return n.sent
	case since >= recent:
		return max(n.most, n.sent)
	}
	return max(n.most, n.before)
}

// window is what may be on its way.
func (e *entrance) window(now time.Time) int {
	if len(e.orgs) < 2 {
		return aloneWindow
	}
	calmest := sharedWindow / timesCalmest
	for _, n := range e.orgs {
		if calmest = min(calmest, n.had(now)); calmest <= ownWindow {
			return timesCalmest * ownWindow
		}
	}
	return timesCalmest * calmest
}

// admit lets in whose turn it is while there is room, and in any case an organisation that has next to nothing on its way.
func (e *entrance) admit(of uuid.UUID, now time.Time) {
	let := func(org uuid.UUID, x *entrant) {
		e.sent += x.weight
		e.orgs[org].sent += x.weight
		close(x.in)
	}
	for window := e.window(now); e.sent < window; {
		org, x, ok := e.ring.Next()
		if !ok {
			return
		}
		e.ring.Done(org)
		let(org, x)
	}
	for e.orgs[of].sent < ownWindow {
		x, ok := e.ring.Take(of)
		if !ok {
			return
		}
		let(of, x)
	}
}
