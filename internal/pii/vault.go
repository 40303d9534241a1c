// Package pii encrypts personal data with a key for each person, so that deleting one key erases one person everywhere.
//
// Keys form three levels: the master key (or a key management service) wraps one root key for each organisation; keys derived from the
// root wrap person keys, import keys and secrets, and make keyed hashes. A missing key is not an error: it reads as NULL,
// today and in every rebuild.
package pii

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of a Vault; the zero value holds the defaults.
type Options struct {
	CachedKeys int           // person keys in memory, default 65,536 (about 20 MB)
	KeyTTL     time.Duration // how long another process may still read an erased person, default 60 s
	Now        func() time.Time
}

// Vault keeps keys and secrets in schema vault. One Vault serves all goroutines of a process.
type Vault struct {
	pool    *pgxpool.Pool
	wrapper Wrapper
	ttl     time.Duration
	now     func() time.Time
	orgs    *lru.Cache[uuid.UUID, cachedOrg]
	persons *lru.Cache[person, cachedKey]
	erased  atomic.Uint64 // erasures so far, so that a look-up that began before one doesn't cache what it read
}

type person struct{ org, subject uuid.UUID }

type cachedKey struct {
	key     Key
	expires time.Time
}

// NewVault takes a pool that connects as outrider_vault.
func NewVault(pool *pgxpool.Pool, wrapper Wrapper, o Options) (*Vault, error) {
	if o.CachedKeys == 0 {
		o.CachedKeys = 65_536
	}
	if o.KeyTTL == 0 {
		o.KeyTTL = time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	persons, err := lru.New[person, cachedKey](o.CachedKeys)
	if err != nil {
		return nil, fmt.Errorf("create key cache: %w", err)
	}
	orgs, err := lru.New[uuid.UUID, cachedOrg](4096)
	if err != nil {
		return nil, fmt.Errorf("create organisation key cache: %w", err)
	}
	return &Vault{pool: pool, wrapper: wrapper, ttl: o.KeyTTL, now: o.Now, orgs: orgs, persons: persons}, nil
}
