package sending

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"outrider/events"
	"outrider/internal/es"
)

const (
	// sendAtOnce is how many claimed messages are on their way at once, most of them waiting: for others to be read with, for one of their mailbox's
	// few connections, for the results of others. It bounds memory; how many connections there are bounds what a provider sees.
	sendAtOnce = 2048
	// maxInFlight bounds what of one mailbox is claimed and not sent: two connections that take a second for each message empty it within a lease.
	maxInFlight = 48
	// claimLost is the real time after which a claim whose messages did not come is given up: its leases are over long since.
	claimLost = 2 * time.Minute
)

// openClaim is messages that may still be sent by one command, each once.
type openClaim struct {
	open    map[uuid.UUID]bool
	release func(n int)
}

// openClaim remembers a claim that is about to be asked for.
func (s *SendReactor) openClaim(messages []uuid.UUID, release func(int)) uuid.UUID {
	id := es.NewID()
	c := &openClaim{open: make(map[uuid.UUID]bool, len(messages)), release: release}
	for _, m := range messages {
		c.open[m] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims == nil {
		s.claims = map[uuid.UUID]*openClaim{}
	}
	s.claims[id] = c
	time.AfterFunc(claimLost, func() { s.dropClaimed(id, nil) })
	return id
}

// dropRefused drops what a claim asked for and did not get.
func (s *SendReactor) dropRefused(id uuid.UUID, a es.Answer) {
	var record events.ClaimRecorded
	switch {
	case a.Outcome != es.Accepted:
		s.dropClaimed(id, nil)
	case len(a.Detail) > 0 && es.Unmarshal(a.Detail, &record) == nil && len(record.Refused) > 0:
		refused := make([]uuid.UUID, len(record.Refused))
		for i, r := range record.Refused {
			refused[i] = r.MessageID
		}
		s.dropClaimed(id, refused)
	}
}

// dropClaimed takes messages out of a claim, nil = all that are left, and gives back their room.
func (s *SendReactor) dropClaimed(id uuid.UUID, messages []uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.claims[id]
	if c == nil {
		return
	}
	before := len(c.open)
	for _, m := range messages {
		delete(c.open, m)
	}
	if messages == nil {
		clear(c.open)
	}
	c.release(before - len(c.open))
	if len(c.open) == 0 {
		delete(s.claims, id)
	}
}

// takeClaim uses a claim on a message up, if it is ours and unused; else nil. What it gives is to be called with 1 when the message has left.
func (s *SendReactor) takeClaim(id, message uuid.UUID) (release func(int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.claims[id]
	if c == nil || !c.open[message] {
		return nil
	}
	if delete(c.open, message); len(c.open) == 0 {
		delete(s.claims, id)
	}
	return c.release
}

// inFlightLimit bounds what is claimed and has not left, so that nothing waits here for its lease to end while its slot would have come again.
type inFlightLimit struct {
	mu  sync.Mutex
	all *semaphore.Weighted
	of  map[mailboxKey]*semaphore.Weighted
}

func (a *inFlightLimit) limitsOf(of mailboxKey) (all, own *semaphore.Weighted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all, a.of = semaphore.NewWeighted(sendAtOnce), map[mailboxKey]*semaphore.Weighted{}
	}
	if a.of[of] == nil {
		a.of[of] = semaphore.NewWeighted(maxInFlight)
	}
	return a.all, a.of[of]
}

// acquire waits for room for n messages of a mailbox, at most mostAloft.
func (a *inFlightLimit) acquire(ctx context.Context, of mailboxKey, n int) (release func(n int), err error) {
	all, own := a.limitsOf(of)
	if err := own.Acquire(ctx, int64(n)); err != nil {
		return nil, err
	}
	if err := all.Acquire(ctx, int64(n)); err != nil {
		own.Release(int64(n))
		return nil, err
	}
	return func(n int) {
		all.Release(int64(n))
		own.Release(int64(n))
	}, nil
}
