package mailoauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Stored is what the vault keeps of a mailbox's sign-in.
type Stored struct {
	Provider string    `json:"provider"`
	Refresh  string    `json:"refresh"`
	Access   string    `json:"access"`
	Expiry   time.Time `json:"expiry"` // zero = it isn't known: for an hour
	Ended    bool      `json:"ended,omitempty"`
	Minted   time.Time `json:"minted,omitzero"`   // when the provider gave it
	Instance string    `json:"instance,omitzero"` // URL that the provider says to ask at; "" = where it always is
}

func storedOf(provider string, t *oauth2.Token) Stored {
	s := Stored{Provider: provider, Refresh: t.RefreshToken, Access: t.AccessToken, Expiry: t.Expiry.UTC()}
	if t.Expiry.IsZero() {
		s.Expiry = time.Now().UTC().Add(time.Hour)
	}
	s.Instance, _ = t.Extra("instance_url").(string)
	return s
}

// Encode returns it as it is kept.
func (s Stored) Encode() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode token: %w", err)
	}
	return b, nil
}

// Vault keeps tokens, encrypted; *pii.Vault is one. UpdateSecret replaces a secret by what change makes of it, and lets nobody else do so meanwhile, in whichever
// process; an error of change leaves it as it is.
type Vault interface {
	UpdateSecret(ctx context.Context, org uuid.UUID, name string, change func(was []byte) ([]byte, error)) error
}

// TokensConfig is what Tokens need.
type TokensConfig struct {
	Vault     Vault
	Providers *Providers
	Ended     func(org uuid.UUID, name string) // told once by this process of a sign-in that has ended
	Now       func() time.Time                 // real time; nil = time.Now
}

// Tokens give access tokens.
type Tokens struct {
	TokensConfig

	asked singleflight.Group
	mu    sync.Mutex
	known map[tokenKey]knownToken
}

type tokenKey struct {
	org  uuid.UUID
	name string
}

type knownToken struct {
	access string
	expiry time.Time
	since  time.Time // when this process got it
	minted time.Time // when the provider gave it
	ended  bool
}

// NewTokens returns Tokens that know none yet.
func NewTokens(c TokensConfig) *Tokens {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Tokens{TokensConfig: c, known: map[tokenKey]knownToken{}}
}

const (
	early      = 5 * time.Minute // before its end a token is refreshed: a session begins with one that lasts
	retryEnded = 10 * time.Minute
	maxKnown   = 10_000
)

// Access returns a token that is good for some minutes. Whoever asks while it is being refreshed waits for that; ErrEnded.
func (t *Tokens) Access(ctx context.Context, org uuid.UUID, name string) (string, error) {
	key := tokenKey{org, name}
	if access, err, ok := t.recall(key); ok {
		return access, err
	}
	read := t.asked.DoChan(org.String()+" "+name, func() (any, error) {
		if access, err, ok := t.recall(key); ok {
			return access, err
		}
		return t.refreshed(context.WithoutCancel(ctx), key) // it isn't only the first one's
	})
	select {
	case got := <-read:
		access, _ := got.Val.(string)
		return access, got.Err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (t *Tokens) recall(key tokenKey) (string, error, bool) { //nolint:revive // an error that is known is a result
	t.mu.Lock()
	defer t.mu.Unlock()
	is, ok := t.known[key]
	switch now := t.Now(); {
	case !ok:
		return "", nil, false
	case is.ended:
		return "", ErrEnded, now.Sub(is.since) < retryEnded
	default:
		return is.access, nil, now.Before(is.expiry.Add(-early))
	}
}

// refreshed reads the token of the vault, where another process may have refreshed it, and refreshes it if it must. The new one is kept before it is used, and while others wait.
func (t *Tokens) refreshed(ctx context.Context, key tokenKey) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var is Stored
	ended := false
	err := t.Vault.UpdateSecret(ctx, key.org, key.name, func(was []byte) ([]byte, error) {
		if err := json.Unmarshal(was, &is); err != nil {
			return nil, errors.New("read token: it is none") // nothing of it in an error
		}
		switch {
		case is.Ended:
			return was, nil
		case t.Now().Before(is.Expiry.Add(-early)):
			return was, nil
		}
		next, err := t.Providers.refresh(ctx, is)
		if errors.Is(err, ErrEnded) {
			ended, is.Ended, is.Access = true, true, ""
			return is.Encode()
		}
		if err != nil {
			return nil, err
		}
		is = next
		is.Minted = t.Now().UTC()
		return is.Encode()
	})
	if err != nil {
		return "", err
	}
	t.remember(key, knownToken{access: is.Access, expiry: is.Expiry, since: t.Now(), minted: is.Minted, ended: is.Ended})
	if ended && t.Ended != nil {
		t.Ended(key.org, key.name)
	}
	if is.Ended {
		return "", ErrEnded
	}
	return is.Access, nil
}

func (t *Tokens) remember(key tokenKey, k knownToken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxKnown {
		clear(t.known) // they are in the vault
	}
	t.known[key] = k
}

// Forget has the next one who asks read the vault: there is another sign-in.
func (t *Tokens) Forget(org uuid.UUID, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.known, tokenKey{org, name})
}

// Refuse says that a mail server didn't take a token, and reports whether another one may help: it wasn't fresh.
func (t *Tokens) Refuse(ctx context.Context, org uuid.UUID, name string) bool {
	key := tokenKey{org, name}
	t.mu.Lock()
	is, ok := t.known[key]
	fresh := ok && t.Now().Sub(is.minted) < time.Minute
	delete(t.known, key)
	t.mu.Unlock()
	if fresh || !ok || is.ended {
		return false
	}
	err := t.Vault.UpdateSecret(ctx, org, name, func(was []byte) ([]byte, error) {
		var s Stored
		if err := json.Unmarshal(was, &s); err != nil {
			return nil, errors.New("read token: it is none")
		}
		if s.Access == is.access {
			s.Expiry = time.Unix(0, 0).UTC()
		}
		return s.Encode()
	})
	return err == nil
}
