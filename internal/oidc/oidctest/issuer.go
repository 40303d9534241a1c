// Package oidctest is an identity provider for tests: it publishes keys, counts who asks for them, and signs whatever it is told to.
package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// Issuer is one on loopback. Its issuer ends in a slash, as Auth0's do.
type Issuer struct {
	URL     string
	Fetches atomic.Int64 // of keys
	Away    atomic.Bool  // it answers 503

	t    testing.TB
	mu   sync.Mutex
	keys []jwkset.JWKMarshal
	sign map[string]crypto.Signer
	raw  []byte // answered instead of keys
}

// New starts one without keys.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, sign: map[string]crypto.Signer{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "keys", "authorization_endpoint": i.URL + "authorize", "token_endpoint": i.URL + "token"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.Fetches.Add(1)
		i.mu.Lock()
		keys, raw := i.keys, i.raw
		i.mu.Unlock()
		if raw != nil {
			_, _ = w.Write(raw)
			return
		}
		i.answer(w, jwkset.JWKSMarshal{Keys: keys})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	i.URL = s.URL + "/"
	return i
}

func (i *Issuer) answer(w http.ResponseWriter, v any) {
	if i.Away.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.t.Error(err)
	}
}

// AnswerKeys answers with a text instead of the keys.
func (i *Issuer) AnswerKeys(raw []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.raw = raw
}

// Add makes a key for RS256, ES256 or EdDSA and publishes it. change may change what is published.
func (i *Issuer) Add(id, alg string, change func(*jwkset.JWKMarshal)) {
	i.t.Helper()
	var key crypto.Signer
	var err error
	switch alg {
	case "RS256":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		_, key, err = ed25519.GenerateKey(nil)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	i.Publish(id, alg, key, change)
}

// Publish publishes a key.
func (i *Issuer) Publish(id, alg string, key crypto.Signer, change func(*jwkset.JWKMarshal)) {
	i.t.Helper()
	public, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id, ALG: jwkset.ALG(alg), USE: jwkset.UseSig}})
	if err != nil {
		i.t.Fatal(err)
	}
	m := public.Marshal()
	if change != nil {
		change(&m)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sign[id], i.keys = key, append(i.keys, m)
}

// Withdraw leaves no key.
func (i *Issuer) Withdraw() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = nil
}

// Claims are good for five minutes, with some changed or, where nil, left out.
func (i *Issuer) Claims(changed map[string]any) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{"iss": i.URL, "sub": "user_1", "aud": "api", "azp": "https://app.example.com", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"email": "ann@example.com", "email_verified": true, "given_name": "Ann", "family_name": "Example"}
	maps.Copy(c, changed)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// Sign signs with the key that has an id. header is added to the token's.
func (i *Issuer) Sign(id string, claims jwt.MapClaims, header map[string]any) string {
	i.t.Helper()
	i.mu.Lock()
	key := i.sign[id]
	i.mu.Unlock()
	return SignWith(i.t, key, id, claims, header)
}

// SignWith signs with any key.
func SignWith(t testing.TB, key crypto.Signer, id string, claims jwt.MapClaims, header map[string]any) string {
	t.Helper()
	var method jwt.SigningMethod = jwt.SigningMethodEdDSA
	switch key.(type) {
	case *rsa.PrivateKey:
		method = jwt.SigningMethodRS256
	case *ecdsa.PrivateKey:
		method = jwt.SigningMethodES256
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = id
	maps.Copy(token.Header, header)
	maps.DeleteFunc(token.Header, func(_ string, v any) bool { return v == nil })
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// PublicOf returns the public half of the key that has an id.
func (i *Issuer) PublicOf(id string) crypto.PublicKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.sign[id].Public()
}
