package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// AccessTime is how long an access token is good for.
const AccessTime = 15 * time.Minute

// accessAudience is who access tokens are for.
const accessAudience = "outrider"

// accessClaims are those of an access token.
type accessClaims struct {
	jwt.RegisteredClaims
	Org     *uuid.UUID `json:"org_id,omitempty"`
	Role    Role       `json:"role,omitempty"`
	Session uuid.UUID  `json:"sid"`
	CSRF    string     `json:"csrf"` // hash of what a browser sends beside its cookie
}

// Access is a token and what comes with it.
type Access struct {
	Token   string
	CSRF    string // to be sent as X-CSRF-Token where the token comes by cookie
	Expires time.Time
}

// issueAccess signs a token for a session.
func (s *Sessions) issueAccess(ctx context.Context, session, person, org uuid.UUID, role Role) (Access, error) {
	return s.issueAccessUntil(ctx, session, person, org, role, s.o.Now().Add(AccessTime))
}

func (s *Sessions) issueAccessUntil(ctx context.Context, session, person, org uuid.UUID, role Role, until time.Time) (Access, error) {
	id, key, err := s.keys.signer(ctx)
	if err != nil {
		return Access{}, err
	}
	now := s.o.Now()
	a := Access{CSRF: rand.Text(), Expires: until}
	claims := accessClaims{Session: session, Role: role, CSRF: hashCSRF(a.CSRF), Org: orgParam(org),
		RegisteredClaims: jwt.RegisteredClaims{Issuer: s.issuer, Subject: person.String(), Audience: jwt.ClaimStrings{accessAudience}, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(a.Expires)}}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = id
	if a.Token, err = token.SignedString(key); err != nil {
		return Access{}, fmt.Errorf("sign access token: %w", err)
	}
	return a, nil
}

func hashCSRF(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// maxAccess bounds what is read as a token: ours have some 500 bytes.
const maxAccess = 2048

// parseAccess checks signature, issuer, audience and times. ErrUnauthenticated, ErrExpired.
func (s *Sessions) parseAccess(ctx context.Context, text string) (c accessClaims, err error) {
	if len(text) > maxAccess {
		return c, ErrUnauthenticated
	}
	var fault error // not the caller's
	_, err = jwt.ParseWithClaims(text, &c, func(t *jwt.Token) (any, error) {
		id, ok := t.Header["kid"].(string)
		if !ok {
			return nil, ErrUnauthenticated
		}
		key, err := s.keys.public(ctx, id)
		if err != nil && !errors.Is(err, ErrUnauthenticated) {
			fault = err
		}
		return key, err
	}, jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(s.issuer), jwt.WithAudience(accessAudience), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(5*time.Second), jwt.WithTimeFunc(s.o.Now))
	switch {
	case fault != nil:
		return c, fault
	case err != nil && c.ExpiresAt != nil && onlyExpired(err):
		return c, ErrExpired
	case err != nil:
		return c, ErrUnauthenticated
	}
	return c, nil
}

// CheckCSRF reports whether the token that a browser sent beside its cookie is that of the access token in it.
func (p Principal) CheckCSRF(token string) bool {
	return p.csrf != "" && subtle.ConstantTimeCompare([]byte(hashCSRF(token)), []byte(p.csrf)) == 1
}
