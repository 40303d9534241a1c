package oidc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/identity"
)

const leastSecret = 32 // bytes

// Secret checks tokens that the operator issues with a secret that both know.
type Secret struct {
	secret           []byte
	issuer, audience string
	now              func() time.Time
}

// NewSecret refuses a secret that can be guessed. now nil means time.Now.
func NewSecret(secret []byte, issuer, audience string, now func() time.Time) (*Secret, error) {
	switch {
	case len(secret) < leastSecret:
		return nil, fmt.Errorf("a secret of tokens has at least %d bytes, this one has %d", leastSecret, len(secret))
	case bytes.Contains(secret, []byte("-----BEGIN ")): // whoever has a public key could sign with it
		return nil, errors.New("a secret of tokens is no key in PEM form")
	case issuer == "" || audience == "":
		return nil, errors.New("tokens need an issuer and an audience")
	}
	if now == nil {
		now = time.Now
	}
	return &Secret{secret, issuer, audience, now}, nil
}

// ReadSecret reads the secret from a file.
func ReadSecret(path, issuer, audience string) (*Secret, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	s, err := NewSecret(bytes.TrimSpace(text), issuer, audience, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// SecretProvider is the name under which people are known whom the operator's own tokens name otherwise than by their id here.
const SecretProvider = "jwt"

// Verify is Verifier's.
func (s *Secret) Verify(_ context.Context, token string) (Claims, error) {
	raw, err := parseToken(token, func(*jwt.Token) (any, error) { return s.secret, nil }, s.now,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(s.issuer), jwt.WithAudience(s.audience))
	if err != nil {
		return Claims{}, err
	}
	c := personClaims(raw)
	c.Provider, c.Issuer, c.Own = SecretProvider, s.issuer, true
	c.Organization, c.Role = textOf(raw, "org_id"), textOf(raw, "role")
	if raw["scope"] != nil {
		c.Scopes = append([]string{}, listOf(raw, "scope")...)
	}
	if c.Subject == "" || len(c.Subject) > maxSubject {
		return Claims{}, identity.ErrUnauthenticated
	}
	return c, nil
}
