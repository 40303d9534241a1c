package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// ErrUnavailable: the provider can't be asked, and nothing is known of its keys yet.
var ErrUnavailable = errors.New("the identity provider can't be reached")

const (
	keysFor      = 10 * time.Minute // after which keys are fetched again, beside their use
	refetchEvery = 10 * time.Second // how often a key that isn't known may cost a fetch
	fetchTime    = 5 * time.Second
	leastRSA     = 2048 // bits
)

// keySet keeps a provider's keys. Those that were fetched are used as long as no newer ones can be had.
type keySet struct {
	jwkset.Storage // in memory

	client *http.Client
	uri    func(context.Context) (string, error)
	limit  *rate.Limiter
	flight singleflight.Group

	mu      sync.Mutex
	fetched time.Time // zero = never
}

func newKeySet(client *http.Client, every time.Duration, uri func(context.Context) (string, error)) *keySet {
	return &keySet{Storage: jwkset.NewMemoryStorage(), client: client, uri: uri, limit: rate.NewLimiter(rate.Every(every), 1)}
}

// KeyRead returns the key with an id. One that isn't known is looked for at the provider, at most once a while, whoever asks.
func (k *keySet) KeyRead(ctx context.Context, id string) (jwkset.JWK, error) {
	key, err := k.Storage.KeyRead(ctx, id)
	if err == nil {
		if k.age() > keysFor {
			k.flight.DoChan("", k.fetchLimited) // nobody waits for it
		}
		return key, nil
	}
	var failed error
	select {
	case done := <-k.flight.DoChan("", k.fetchLimited):
		failed = done.Err
	case <-ctx.Done():
		failed = context.Cause(ctx)
	}
	if key, err = k.Storage.KeyRead(ctx, id); err == nil { // another one may have fetched it
		return key, nil
	}
	if k.age() < 0 {
		return key, fmt.Errorf("%w: %w", ErrUnavailable, failed)
	}
	return key, err
}

// age is how long ago keys were fetched; negative = never.
func (k *keySet) age() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetched.IsZero() {
		return -1
	}
	return time.Since(k.fetched)
}

var errTooSoon = errors.New("keys were fetched a moment ago")

func (k *keySet) fetchLimited() (any, error) {
	if !k.limit.Allow() {
		return nil, errTooSoon
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTime) // of all who wait for it
	defer cancel()
	keys, err := k.fetch(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.KeyReplaceAll(ctx, keys); err != nil { // also so that a key that was withdrawn is gone
		return nil, fmt.Errorf("keep keys: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fetched = time.Now()
	return nil, nil
}

func (k *keySet) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	uri, err := k.uri(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch keys: the provider answers %s", response.Status)
	}
	text, err := io.ReadAll(response.Body) // the client bounds it
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	return readKeys(text)
}

// readKeys leaves out keys that no token of ours may be signed with.
func readKeys(text []byte) (keys []jwkset.JWK, err error) {
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	for _, m := range set.Keys {
		if m.KID == "" || m.USE == jwkset.UseEnc || m.KTY == jwkset.KtyOct {
			continue
		}
		m.X5C, m.X5T, m.X5TS256, m.X5U = nil, "", "", "" // certificates prove nothing here, and broken ones are common
		if key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{}); err == nil && signsAs(key.Key(), m.ALG) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("read keys: there is none for RS256, ES256 or EdDSA")
	}
	return keys, nil
}

// signsAs reports whether a key is for the one algorithm that its type has here; said is what the provider says, "" = nothing.
func signsAs(key any, said jwkset.ALG) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return (said == "" || said == jwkset.AlgRS256) && k.N.BitLen() >= leastRSA
	case *ecdsa.PublicKey:
		return (said == "" || said == jwkset.AlgES256) && k.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return said == "" || said == jwkset.AlgEdDSA
	}
	return false
}
