package api

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// sealBatch is the most keys of one statement.
const sealBatch = 500

// keyBatcher gets person keys from the vault, those of concurrent requests of one organisation in one statement: while one
// runs, the next gather.
type keyBatcher struct {
	keys func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error)

	mu   sync.Mutex
	orgs map[uuid.UUID][]*sealRequest // present while a goroutine works for the organisation
}

type sealRequest struct {
	subject uuid.UUID
	key     pii.Key
	err     error
	done    chan struct{}
}

// keyOf gets or creates the key of a subject.
func (s *keyBatcher) keyOf(ctx context.Context, org, subject uuid.UUID) (pii.Key, error) {
	r := &sealRequest{subject: subject, done: make(chan struct{})}
	s.mu.Lock()
	if s.orgs == nil {
		s.orgs = map[uuid.UUID][]*sealRequest{}
	}
	_, working := s.orgs[org]
	s.orgs[org] = append(s.orgs[org], r)
	s.mu.Unlock()
	if !working {
		go s.serveOrg(org)
	}
	select {
	case <-r.done:
		return r.key, r.err
	case <-ctx.Done():
		return pii.Key{}, ctx.Err()
	}
}

// serveOrg serves an organisation until nobody waits.
func (s *keyBatcher) serveOrg(org uuid.UUID) {
	for {
		s.mu.Lock()
		batch := s.orgs[org]
		if len(batch) == 0 {
			delete(s.orgs, org)
			s.mu.Unlock()
			return
		}
		n := min(len(batch), sealBatch)
		batch, s.orgs[org] = batch[:n], batch[n:]
		s.mu.Unlock()
		s.fetchKeys(org, batch)
	}
}

// fetchKeys outlives the callers: others wait for the same statement.
func (s *keyBatcher) fetchKeys(org uuid.UUID, batch []*sealRequest) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	subjects := make([]uuid.UUID, len(batch))
	for i, r := range batch {
		subjects[i] = r.subject
	}
	keys, err := s.keys(ctx, org, subjects)
	for i, r := range batch {
		if err != nil {
			r.err = err
		} else {
			r.key = keys[i]
		}
		close(r.done)
	}
}
