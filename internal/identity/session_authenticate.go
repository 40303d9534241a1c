package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
)

// sessionCache remembers a session as it stands for Options.CacheFor.
type sessionCache struct {
	*lru.Cache[sessionKey, cachedSession]
	changes atomic.Uint64 // so far, so that a read that began before one isn't kept
}

// sessionKey is a session in an organisation; zero Org is the one that it was begun or switched for.
type sessionKey struct{ ID, Org uuid.UUID }

type cachedSession struct {
	Principal
	ended bool
	until time.Time
}

func newSessionCache(size int) (*sessionCache, error) {
	c, err := lru.New[sessionKey, cachedSession](size)
	if err != nil {
		return nil, fmt.Errorf("create session cache: %w", err)
	}
	return &sessionCache{Cache: c}, nil
}

// forget removes what has changed.
func (s *Sessions) forget(changed func(cachedSession) bool) {
	s.cache.changes.Add(1) // before the removal: see readSession
	for _, id := range s.cache.Keys() {
		if c, ok := s.cache.Peek(id); ok && changed(c) {
			s.cache.Remove(id)
		}
	}
}

// IsAccessToken reports whether a text has the form of an access token, and not that of an API key.
func IsAccessToken(text string) bool { return strings.Count(text, ".") == 2 }

func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidIssuer) && !errors.Is(err, jwt.ErrTokenInvalidAudience)
}

// Authenticate checks an access token and what its session is good for now: who was removed, or given another role, has lost what they
// had within Options.CacheFor. ErrUnauthenticated (also ErrExpired, ErrRevoked, ErrClosed), or what Postgres says.
func (s *Sessions) Authenticate(ctx context.Context, text string) (Principal, error) {
	claims, err := s.parseAccess(ctx, text)
	if err != nil {
		return Principal{}, err
	}
	c, err := s.sessionIn(ctx, sessionKey{ID: claims.Session})
	if err != nil {
		return Principal{}, err
	}
	var org uuid.UUID
	if claims.Org != nil {
		org = *claims.Org
	}
	// A token is for one organisation: one from before the session was switched is worth nothing.
	if c.ended || c.Person.String() != claims.Subject || c.Org != org {
		return Principal{}, ErrRevoked
	}
	c.csrf = claims.CSRF
	return c.Principal, nil
}

// In returns what a session is good for in another of the person's organisations, so that one browser can work in several. ErrRevoked
// (also ErrUnauthenticated) when the person is no member there, or what Postgres says.
func (s *Sessions) In(ctx context.Context, who Principal, org uuid.UUID) (Principal, error) {
	c, err := s.sessionIn(ctx, sessionKey{who.Session, org})
	if err != nil {
		return Principal{}, err
	}
	if c.ended || c.Person != who.Person {
		return Principal{}, ErrRevoked
	}
	c.csrf = who.csrf
	return c.Principal, nil
}

func (s *Sessions) sessionIn(ctx context.Context, key sessionKey) (cachedSession, error) {
	now := s.o.Now()
	if c, ok := s.cache.Get(key); ok && now.Before(c.until) {
		return c, nil
	}
	return s.readSession(ctx, key, now)
}

func (s *Sessions) readSession(ctx context.Context, key sessionKey, now time.Time) (cachedSession, error) {
	before := s.cache.changes.Load()
	c := cachedSession{Principal: Principal{Session: key.ID}, until: now.Add(s.o.CacheFor)}
	var org, own, operator *uuid.UUID
	var access OrganisationAccess
	err := s.pool.QueryRow(ctx, `select s.person_id, s.in_org, s.org_id, s.operator_key, s.ended_at is not null or s.expires_at <= $2 or not p.active, coalesce(m.role, ''), coalesce(a.access, 'full'), coalesce(r.permissions, '{}')
		from (select *, coalesce($3, org_id) in_org from identity.sessions) s join identity.people p on p.id = s.person_id left join identity.memberships m on m.person_id = s.person_id and m.org_id = s.in_org
		left join identity.organisation_access a on a.org_id = s.in_org
		left join identity.roles r on r.org_id = s.in_org and r.role_id::text = m.role where s.id = $1`, key.ID, now, orgParam(key.Org)).Scan(&c.Person, &org, &own, &operator, &c.ended, &c.Role, &access, &c.Scopes)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, ErrUnauthenticated
	}
	if err != nil {
		return c, fmt.Errorf("read session: %w", err)
	}
	if org != nil {
		c.Org, c.ReadOnly = *org, access == AccessRead
		if c.Role.BuiltIn() {
			c.Scopes = c.Role.Scopes()
		}
		c.ended = c.ended || c.Role == "" || access == AccessNone
	}
	if operator != nil { // reads in the organisation that knows why
		c.Operator, c.Scopes, c.ended = *operator, onlyReading(c.Scopes), c.ended || own == nil || org == nil || *own != *org
	}
	s.cache.Add(key, c)
	if s.cache.changes.Load() != before {
		s.cache.Remove(key)
	}
	return c, nil
}
