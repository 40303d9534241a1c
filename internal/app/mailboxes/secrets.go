package mailboxes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"golang.org/x/sync/singleflight"
)

// Secrets holds passwords by name; pii.Vault is one.
type Secrets interface {
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
}

// CacheSecrets keeps what was read for a minute: each send asks for a password, and a changed one has another name. Who asks while it is
// being read waits for that.
func CacheSecrets(of Secrets) Secrets {
	return &secretCache{of: of, known: expirable.NewLRU[secretName, []byte](10_000, nil, time.Minute)}
}

type secretName struct {
	org  uuid.UUID
	name string
}

type secretCache struct {
	of    Secrets
	known *expirable.LRU[secretName, []byte]
	asked singleflight.Group
}

// Secret is Secrets'.
func (r *secretCache) Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error) {
	key := secretName{org, name}
	if s, ok := r.known.Get(key); ok {
		return s, nil
	}
	read := r.asked.DoChan(org.String()+" "+name, func() (any, error) {
		if s, ok := r.known.Get(key); ok { // it was read between our look and now
			return s, nil
		}
		s, err := r.of.Secret(context.WithoutCancel(ctx), org, name) // it isn't only the first one's
		if err == nil {
			r.known.Add(key, s)
		}
		return s, err
	})
	select {
	case got := <-read:
		s, _ := got.Val.([]byte)
		return s, got.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
