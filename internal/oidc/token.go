package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/identity"
)

const (
	maxToken = 8 << 10
	leeway   = 60 * time.Second
)

// Providers are all whose tokens are believed.
type Providers struct {
	all    []*Provider
	secret *Secret // nil = nobody issues their own tokens
}

// NewProviders takes providers of different names and issuers. secret may be nil.
func NewProviders(all []*Provider, secret *Secret) (*Providers, error) {
	for i, p := range all {
		if slices.ContainsFunc(all[:i], func(q *Provider) bool { return q.Name == p.Name || q.Issuer == p.Issuer }) {
			return nil, fmt.Errorf("two providers have the name %s or the issuer %s", p.Name, p.Issuer)
		}
	}
	return &Providers{all, secret}, nil
}

// Named returns the provider with a name; nil = none.
func (p *Providers) Named(name string) *Provider {
	return p.first(func(q *Provider) bool { return q.Name == name })
}

func (p *Providers) first(fits func(*Provider) bool) *Provider {
	if p == nil {
		return nil
	}
	if i := slices.IndexFunc(p.all, fits); i >= 0 {
		return p.all[i]
	}
	return nil
}

// SignIn lists the names of providers where people sign in in their browser.
func (p *Providers) SignIn() (names []string) {
	if p == nil {
		return nil
	}
	for _, q := range p.all {
		if q.ClientID != "" {
			names = append(names, q.Name)
		}
	}
	return names
}

// Verifier checks the tokens of one issuer: ErrUnauthenticated (also ErrExpired) of package identity, or ErrUnavailable.
type Verifier interface {
	Verify(ctx context.Context, token string) (Claims, error)
}

// Of returns who checks a token that isn't one of our own; nil = nobody here has issued it. Nothing that the token says is believed
// for that: what it says decides only by whose key it is checked, and each of them knows one kind of algorithm.
func (p *Providers) Of(token string) Verifier {
	if p == nil || len(token) > maxToken {
		return nil
	}
	alg, issuer := peek(token)
	if alg == jwt.SigningMethodHS256.Alg() {
		if p.secret == nil {
			return nil
		}
		return p.secret
	}
	if q := p.first(func(q *Provider) bool { return q.Issuer == issuer && q.TakesTokens() }); q != nil {
		return q
	}
	return nil
}

// peek reads what nobody has checked.
func peek(token string) (alg, issuer string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", ""
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var payload struct {
		Issuer string `json:"iss"`
	}
	for i, into := range []any{&header, &payload} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return "", ""
		}
	}
	return header.Alg, payload.Issuer
}

// Verify is Verifier's, for tokens that callers send.
func (p *Provider) Verify(ctx context.Context, token string) (Claims, error) {
	options := []jwt.ParserOption{jwt.WithValidMethods(methods()), jwt.WithIssuer(p.Issuer)}
	if len(p.Audiences) > 0 {
		options = append(options, jwt.WithAudience(p.Audiences...))
	}
	raw, err := parseToken(token, p.keyfunc.KeyfuncCtx(ctx), p.now, options...)
	if err != nil {
		return Claims{}, err
	}
	c, ok := p.claimsOf(raw)
	if !ok || !p.partyFits(raw) {
		return Claims{}, identity.ErrUnauthenticated
	}
	return c, nil
}

// parseToken checks signature and times. Where a token says that its key is to be found (jku, x5u, jwk, x5c) isn't looked at.
func parseToken(token string, key jwt.Keyfunc, now func() time.Time, options ...jwt.ParserOption) (jwt.MapClaims, error) {
	if len(token) > maxToken {
		return nil, identity.ErrUnauthenticated
	}
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(append(options, jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(now), jwt.WithStrictDecoding())...)
	_, err := parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if !headerFits(t.Header) {
			return nil, identity.ErrUnauthenticated
		}
		return key(t)
	})
	switch {
	case errors.Is(err, ErrUnavailable):
		return nil, err
	case err != nil && errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidIssuer) && !errors.Is(err, jwt.ErrTokenInvalidAudience):
		return nil, identity.ErrExpired
	case err != nil:
		return nil, fmt.Errorf("%w: %w", identity.ErrUnauthenticated, err)
	case claims["cnf"] != nil: // it is for who holds a key, too, which nobody has asked for
		return nil, identity.ErrUnauthenticated
	}
	return claims, nil
}

// headerFits refuses tokens of other kinds, without a key, and those that ask for what we don't know (RFC 7515 4.1.11, RFC 8725 3.11).
func headerFits(header map[string]any) bool {
	if kid, ok := header["kid"].(string); !ok && header["alg"] != jwt.SigningMethodHS256.Alg() || ok && kid == "" || header["crit"] != nil {
		return false
	}
	typ, _ := header["typ"].(string)
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return slices.Contains([]string{"", "jwt", "at+jwt"}, typ)
}
