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
	// sendAtOnce is how many claimed messages are being sent at once. Most of them wait: to be read together with others, for one of their mailbox's
	// few connections, for the results of others. It bounds memory; the number of connections bounds what a provider sees.
	sendAtOnce = 2048
	// sendOfOrg is how many of them are one organisation's: many slow mailboxes of a few leave room for others.
	sendOfOrg = sendAtOnce / 4
	// maxInFlight bounds the messages of one mailbox that are claimed and not sent yet: two connections that take a second for each message send them within a lease.
	maxInFlight = 48
	// claimLost is the real time after which a claim is given up whose messages did not come: its leases ended long before.
	claimLost = 2 * time.Minute
)

// openClaim is the messages of one claim that may still be sent, each once.
type openClaim struct {
	open    map[uuid.UUID]bool
	release func(n int)
}

// openClaim registers a claim that is about to be requested.
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

// dropRefused drops the messages that a claim asked for and did not get.
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

// dropClaimed removes messages from a claim, nil = all that are left, and releases their room.
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

// takeClaim uses up our claim on a message; nil when it isn't ours or was used. The function that it returns must be called with 1 when the message has left.
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

// inFlightLimit bounds the messages that are claimed and have not left, so that no message waits here until its lease ends.
type inFlightLimit struct {
	mu   sync.Mutex
	all  *semaphore.Weighted
	orgs map[uuid.UUID]*semaphore.Weighted // so that one with many slow mailboxes leaves room for others
	of   map[mailboxKey]*semaphore.Weighted
}

func (a *inFlightLimit) limitsOf(of mailboxKey) []*semaphore.Weighted {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all, a.orgs, a.of = semaphore.NewWeighted(sendAtOnce), map[uuid.UUID]*semaphore.Weighted{}, map[mailboxKey]*semaphore.Weighted{}
	}
	if a.orgs[of.org] == nil {
		a.orgs[of.org] = semaphore.NewWeighted(sendOfOrg)
	}
	if a.of[of] == nil {
		a.of[of] = semaphore.NewWeighted(maxInFlight)
	}
	return []*semaphore.Weighted{a.of[of], a.orgs[of.org], a.all}
}

// acquire waits for room for n messages of a mailbox, at most maxInFlight.
func (a *inFlightLimit) acquire(ctx context.Context, of mailboxKey, n int) (release func(n int), err error) {
	limits := a.limitsOf(of)
	for i, l := range limits {
		if err := l.Acquire(ctx, int64(n)); err != nil {
			for _, taken := range limits[:i] {
				taken.Release(int64(n))
			}
			return nil, err
		}
	}
	return func(n int) {
		for _, l := range limits {
			l.Release(int64(n))
		}
	}, nil
}
