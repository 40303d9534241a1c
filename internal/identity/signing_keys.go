package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
)

const (
	signingKeyAge   = 30 * 24 * time.Hour // after which another one signs
	signingKeyLead  = 5 * time.Minute     // a new one is published before it signs
	signingKeyAfter = 24 * time.Hour      // an old one is published after it has signed last
	signingKeysFor  = 30 * time.Second    // how long a process remembers them
	signingKeyAsk   = time.Second         // how often one that isn't known is looked for
)

// Secrets keeps what must not lie in the clear; *pii.Vault is one.
type Secrets interface {
	PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
}

// SigningKeys are those of access tokens: Ed25519, shared by all processes, another one each month, without a restart.
type SigningKeys struct {
	pool    *pgxpool.Pool
	secrets Secrets
	now     func() time.Time

	mu      sync.Mutex
	known   []signingKey // the newest first
	read    time.Time
	private map[string]ed25519.PrivateKey
}

type signingKey struct {
	ID        string    `db:"id"`
	Public    []byte    `db:"public"`
	SignsFrom time.Time `db:"signs_from"`
}

// NewSigningKeys takes a pool that connects as outrider_identity, and where private keys lie; now nil means time.Now.
func NewSigningKeys(pool *pgxpool.Pool, secrets Secrets, now func() time.Time) *SigningKeys {
	if now == nil {
		now = time.Now
	}
	return &SigningKeys{pool: pool, secrets: secrets, now: now, private: map[string]ed25519.PrivateKey{}}
}

// Rotate lets another key sign, in five minutes; the first one signs at once.
func (k *SigningKeys) Rotate(ctx context.Context) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return fmt.Errorf("make signing key: %w", err)
	}
	id := strings.ToLower(rand.Text())
	if err := k.secrets.PutSecret(ctx, es.SystemOrg, secretOfKey(id), private.Seed()); err != nil {
		return fmt.Errorf("keep signing key: %w", err)
	}
	now := k.now()
	if _, err := k.pool.Exec(ctx, `insert into identity.signing_keys (id, public, signs_from, created_at)
		select $1, $2, case when exists (select from identity.signing_keys) then $3::timestamptz else $4 end, $4`, id, []byte(public), now.Add(signingKeyLead), now); err != nil {
		return fmt.Errorf("store signing key: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.read = time.Time{}
	return nil
}

func secretOfKey(id string) string { return "signing key " + id }

// list returns the keys, the newest first; atMost is how old its knowledge may be.
func (k *SigningKeys) list(ctx context.Context, atMost time.Duration) ([]signingKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.read.IsZero() && k.now().Sub(k.read) < atMost {
		return k.known, nil
	}
	rows, err := k.pool.Query(ctx, `select id, public, signs_from from identity.signing_keys order by signs_from desc, id`)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[signingKey])
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	k.known, k.read = keys, k.now()
	return keys, nil
}

// signer returns the key that signs now. When it is old it makes the next one.
func (k *SigningKeys) signer(ctx context.Context) (id string, key ed25519.PrivateKey, err error) {
	for range 2 {
		keys, err := k.list(ctx, signingKeysFor)
		if err != nil {
			return "", nil, err
		}
		if len(keys) == 0 || k.now().Sub(keys[0].SignsFrom) > signingKeyAge {
			if err := k.Rotate(ctx); err != nil {
				return "", nil, err
			}
			if len(keys) == 0 {
				continue
			}
		}
		for _, s := range keys {
			if !k.now().Before(s.SignsFrom) {
				key, err := k.privateOf(ctx, s.ID)
				return s.ID, key, err
			}
		}
	}
	return "", nil, fmt.Errorf("there is no signing key")
}

func (k *SigningKeys) privateOf(ctx context.Context, id string) (ed25519.PrivateKey, error) {
	k.mu.Lock()
	key, ok := k.private[id]
	k.mu.Unlock()
	if ok {
		return key, nil
	}
	seed, err := k.secrets.Secret(ctx, es.SystemOrg, secretOfKey(id))
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	key = ed25519.NewKeyFromSeed(seed)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.private[id] = key
	return key, nil
}

// public returns the key that a token names, or ErrUnauthenticated. One that isn't known is looked for once a second.
func (k *SigningKeys) public(ctx context.Context, id string) (ed25519.PublicKey, error) {
	for _, atMost := range []time.Duration{signingKeysFor, signingKeyAsk} {
		keys, err := k.list(ctx, atMost)
		if err != nil {
			return nil, err
		}
		for _, s := range k.valid(keys) {
			if s.ID == id {
				return s.Public, nil
			}
		}
	}
	return nil, ErrUnauthenticated
}

// valid leaves out what another key has replaced long ago.
func (k *SigningKeys) valid(keys []signingKey) []signingKey {
	for i := 1; i < len(keys); i++ {
		if k.now().Sub(keys[i-1].SignsFrom) > signingKeyAfter {
			return keys[:i]
		}
	}
	return keys
}

// JWK is a public key as RFC 8037 writes it.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	X         string `json:"x"`
}

// Published lists the keys that tokens may be signed with, now or soon.
func (k *SigningKeys) Published(ctx context.Context) ([]JWK, error) {
	if _, _, err := k.signer(ctx); err != nil { // so that there is one
		return nil, err
	}
	keys, err := k.list(ctx, signingKeysFor)
	if err != nil {
		return nil, err
	}
	out := []JWK{}
	for _, s := range k.valid(keys) {
		out = append(out, JWK{"OKP", "Ed25519", "EdDSA", "sig", s.ID, base64.RawURLEncoding.EncodeToString(s.Public)})
	}
	return out, nil
}
