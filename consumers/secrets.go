package consumers

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
)

// Secrets holds passwords by name; pii.Vault is one.
type Secrets interface {
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
}

// RememberSecrets keeps what was read for a minute: each send asks for a password, and a changed one has another name.
func RememberSecrets(of Secrets) Secrets {
	return rememberedSecrets{of, expirable.NewLRU[secretName, []byte](10_000, nil, time.Minute)}
}

type secretName struct {
	org  uuid.UUID
	name string
}

type rememberedSecrets struct {
	of    Secrets
	known *expirable.LRU[secretName, []byte]
}

// Secret is Secrets'.
func (r rememberedSecrets) Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error) {
	key := secretName{org, name}
	if s, ok := r.known.Get(key); ok {
		return s, nil
	}
	s, err := r.of.Secret(ctx, org, name)
	if err == nil {
		r.known.Add(key, s)
	}
	return s, err
}
