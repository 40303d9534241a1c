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
	*lru.Cache[uuid.UUID, cachedSession]
	changes atomic.Uint64 // so far, so that a read that began before one isn't kept
}

type cachedSession struct {
	Principal
	ended bool
	until time.Time
}

func newSessionCache(size int) (*sessionCache, error) {
	c, err := lru.New[uuid.UUID, cachedSession](size)
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
	now := s.o.Now()
	c, ok := s.cache.Get(claims.Session)
	if !ok || !now.Before(c.until) {
		if c, err = s.readSession(ctx, claims.Session, now); err != nil {
			return Principal{}, err
		}
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

func (s *Sessions) readSession(ctx context.Context, id uuid.UUID, now time.Time) (cachedSession, error) {
	before := s.cache.changes.Load()
	c := cachedSession{Principal: Principal{Session: id}, until: now.Add(s.o.CacheFor)}
	var org, operator *uuid.UUID
	var access OrganisationAccess
	err := s.pool.QueryRow(ctx, `select s.person_id, s.org_id, s.ended_at is not null or s.expires_at <= $2 or not p.active, coalesce(m.role, ''), coalesce(a.access, 'full'), coalesce(r.permissions, '{}'), s.operator_key
		from identity.sessions s join identity.people p on p.id = s.person_id left join identity.memberships m on m.person_id = s.person_id and m.org_id = s.org_id
		left join identity.organisation_access a on a.org_id = s.org_id
		left join identity.roles r on r.org_id = s.org_id and r.role_id::text = m.role where s.id = $1`, id, now).Scan(&c.Person, &org, &c.ended, &c.Role, &access, &c.Scopes, &operator)
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
	if operator != nil {
		c.Operator, c.Scopes = *operator, onlyReading(c.Scopes)
	}
	s.cache.Add(id, c)
	if s.cache.changes.Load() != before {
		s.cache.Remove(id)
	}
	return c, nil
}
