package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	prefixRefresh = "orr_"
	// SessionTime is how long a session lasts that isn't used.
	SessionTime = 30 * 24 * time.Hour
	// SessionsKept is how long it can be seen after its end.
	SessionsKept = 90 * 24 * time.Hour
)

// Sessions are who is signed in, in all processes. One serves all goroutines of a process.
type Sessions struct {
	pool   *pgxpool.Pool
	keys   *SigningKeys
	issuer string
	o      Options
	cache  *sessionCache
}

// NewSessions takes a pool that connects as outrider_identity. issuer stands in access tokens: the address under which the API is reached.
func NewSessions(pool *pgxpool.Pool, keys *SigningKeys, issuer string, o Options) (*Sessions, error) {
	o = o.withDefaults()
	cache, err := newSessionCache(o.Cached)
	if err != nil {
		return nil, err
	}
	return &Sessions{pool: pool, keys: keys, issuer: issuer, o: o, cache: cache}, nil
}

// Device is where a session is used from, as far as it says.
type Device struct {
	Address, UserAgent string
	Place              string // a country, as the proxy in front says; "" = not known
}

// Session is one sign-in.
type Session struct {
	ID        uuid.UUID  `db:"id"`
	Org       *uuid.UUID `db:"org_id"`
	Created   time.Time  `db:"created_at"`
	Used      time.Time  `db:"used_at"` // when it was renewed last
	Expires   time.Time  `db:"expires_at"`
	Address   string     `db:"address"`
	UserAgent string     `db:"user_agent"`
	Place     string     `db:"place"`
	Operator  bool       `db:"operator"` // who runs the installation reads as the person
}

// Grant is what a sign-in or a renewal returns.
type Grant struct {
	Access
	Session, Person, Org uuid.UUID
	Role                 Role
	Refresh              string // to be kept where scripts can't read it
	RefreshExpires       time.Time
}

// Begin signs a person in, for one of their organisations (the zero value: for none). ErrNotFound when they are no member of it.
func (s *Sessions) Begin(ctx context.Context, person, org uuid.UUID, d Device) (Grant, error) {
	role, err := s.roleIn(ctx, person, org)
	if err != nil {
		return Grant{}, err
	}
	now := s.o.Now()
	g := Grant{Session: uuid.New(), Person: person, Org: org, Role: role, RefreshExpires: now.Add(SessionTime)}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, `insert into identity.sessions (id, person_id, org_id, created_at, used_at, expires_at, address, user_agent, place) values ($1, $2, $3, $4, $4, $5, $6, $7, $8)`,
			g.Session, person, orgParam(org), now, g.RefreshExpires, d.Address, d.UserAgent, d.Place); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update identity.people set last_sign_in_at = $2 where id = $1`, person, now); err != nil {
			return err
		}
		g.Refresh, err = addRefresh(ctx, tx, g.Session)
		return err
	})
	if err != nil {
		return Grant{}, fmt.Errorf("begin session: %w", err)
	}
	g.Access, err = s.issueAccess(ctx, g.Session, person, org, role)
	return g, err
}

func (s *Sessions) roleIn(ctx context.Context, person, org uuid.UUID) (Role, error) {
	if org == uuid.Nil {
		return "", nil
	}
	list, err := s.Memberships(ctx, person)
	for _, m := range list {
		if m.Org == org {
			return m.Role, nil
		}
	}
	if err == nil {
		err = ErrNotFound
	}
	return "", err
}

// CheckMember returns ErrNotFound for who is no member of an organisation; the zero value means none, of which everybody is one.
func (s *Sessions) CheckMember(ctx context.Context, person, org uuid.UUID) error {
	_, err := s.roleIn(ctx, person, org)
	return err
}

func addRefresh(ctx context.Context, tx pgx.Tx, session uuid.UUID) (string, error) {
	t := newToken(false, uuid.New())
	hash := t.hashSecret()
	_, err := tx.Exec(ctx, `insert into identity.refresh_tokens (id, session_id, hash) values ($1, $2, $3)`, t.id, session, hash[:])
	return formatSecret(prefixRefresh, t), err
}

// ReplayedError says that a refresh token was used twice: the session is ended.
type ReplayedError struct{ Session, Person, Org uuid.UUID }

func (e *ReplayedError) Error() string { return "a refresh token was used twice; its session is ended" }

// Unwrap makes it ErrUnauthenticated.
func (e *ReplayedError) Unwrap() error { return ErrUnauthenticated }

// Refresh renews a session: the token is used up, another one comes. One that was used before ends the session, with a *ReplayedError.
func (s *Sessions) Refresh(ctx context.Context, text string, d Device) (g Grant, err error) {
	t, ok := parseSecret(prefixRefresh, text)
	if !ok {
		return Grant{}, ErrUnauthenticated
	}
	now := s.o.Now()
	var replayed bool
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var hash []byte
		var org *uuid.UUID
		var used *time.Time
		err := tx.QueryRow(ctx, `select r.hash, r.used_at, s.id, s.person_id, s.org_id from identity.refresh_tokens r join identity.sessions s on s.id = r.session_id
			join identity.people p on p.id = s.person_id where r.id = $1 and s.ended_at is null and s.expires_at > $2 and p.active for update of r, s`, t.id, now).Scan(&hash, &used, &g.Session, &g.Person, &org)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrUnauthenticated
		}
		if err != nil {
			return err
		}
		if want := t.hashSecret(); subtle.ConstantTimeCompare(hash, want[:]) != 1 {
			return ErrUnauthenticated
		}
		if org != nil {
			g.Org = *org
		}
		if replayed = used != nil; replayed {
			_, err = tx.Exec(ctx, `update identity.sessions set ended_at = $2 where id = $1`, g.Session, now)
			return err
		}
		g.RefreshExpires = now.Add(SessionTime)
		if _, err = tx.Exec(ctx, `update identity.refresh_tokens set used_at = $2 where id = $1`, t.id, now); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `update identity.sessions set used_at = $2, expires_at = $3, address = $4, user_agent = $5, place = $6 where id = $1`, g.Session, now, g.RefreshExpires, d.Address, d.UserAgent, d.Place); err != nil {
			return err
		}
		g.Refresh, err = addRefresh(ctx, tx, g.Session)
		return err
	})
	switch {
	case errors.Is(err, ErrUnauthenticated):
		return Grant{}, ErrUnauthenticated
	case err != nil:
		return Grant{}, fmt.Errorf("renew session: %w", err)
	case replayed:
		s.forget(func(c cachedSession) bool { return c.Session == g.Session })
		return Grant{}, &ReplayedError{g.Session, g.Person, g.Org}
	}
	return s.finishGrant(ctx, g)
}

// finishGrant gives the access token. Who is no member any more gets one for no organisation.
func (s *Sessions) finishGrant(ctx context.Context, g Grant) (Grant, error) {
	role, err := s.roleIn(ctx, g.Person, g.Org)
	if errors.Is(err, ErrNotFound) {
		g.Org, err = uuid.Nil, nil
	}
	if err != nil {
		return Grant{}, err
	}
	g.Role = role
	g.Access, err = s.issueAccess(ctx, g.Session, g.Person, g.Org, role)
	return g, err
}

// Switch lets a session speak for another organisation of its person. ErrNotFound when they are no member of it.
func (s *Sessions) Switch(ctx context.Context, session, person, org uuid.UUID) (Grant, error) {
	role, err := s.roleIn(ctx, person, org)
	if err != nil {
		return Grant{}, err
	}
	tag, err := s.pool.Exec(ctx, `update identity.sessions set org_id = $3 where id = $1 and person_id = $2 and ended_at is null`, session, person, orgParam(org))
	if err != nil {
		return Grant{}, fmt.Errorf("switch session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return Grant{}, ErrUnauthenticated
	}
	s.forget(func(c cachedSession) bool { return c.Session == session })
	g := Grant{Session: session, Person: person, Org: org, Role: role}
	g.Access, err = s.issueAccess(ctx, session, person, org, role)
	return g, err
}

// List returns a person's sessions that haven't ended, that used last first.
func (s *Sessions) List(ctx context.Context, person uuid.UUID) ([]Session, error) {
	rows, err := s.pool.Query(ctx, `select id, org_id, created_at, used_at, expires_at, address, user_agent, place, operator_key is not null as operator from identity.sessions
		where person_id = $1 and ended_at is null and expires_at > $2 order by used_at desc, id`, person, s.o.Now())
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Session])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// End ends one session of a person: in this process at once, in others within Options.CacheFor. ErrNotFound.
func (s *Sessions) End(ctx context.Context, person, session uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `update identity.sessions set ended_at = $3 where person_id = $1 and id = $2 and ended_at is null`, person, session, s.o.Now())
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	s.forget(func(c cachedSession) bool { return c.Session == session && c.Person == person })
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// EndAll ends all sessions of a person but one (the zero value: but none), likewise.
func (s *Sessions) EndAll(ctx context.Context, person, but uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, `update identity.sessions set ended_at = $3 where person_id = $1 and id <> $2 and ended_at is null`, person, but, s.o.Now()); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	s.forget(func(c cachedSession) bool { return c.Person == person && c.Session != but })
	return nil
}

// cleanAtOnce is how many rows Clean deletes in a statement, and cleanTurns how many statements it makes of a kind: what is left comes the next time.
const (
	cleanAtOnce = 1000
	cleanTurns  = 100
)

// Clean forgets what is older than it may be: sessions that ended SessionsKept ago, with their tokens; of those that go on, tokens that were used up then; links, sign-ins and
// failures that are over. It returns how many rows.
func (s *Sessions) Clean(ctx context.Context) (rows int64, err error) {
	now := s.o.Now()
	for _, old := range []struct {
		table, key, where string
		before            time.Time
	}{
		{"sessions", "id", "coalesce(ended_at, expires_at) < $1", now.Add(-SessionsKept)},
		{"refresh_tokens", "id", "used_at < $1", now.Add(-SessionsKept)},
		{"mailed_links", "id", "expires_at < $1", now},
		{"oidc_sign_ins", "state", "expires_at < $1", now},
		{"second_factor_sign_ins", "id", "expires_at < $1", now},
		{"sign_in_failures", "what", "last_at < $1", now.Add(-forgetFailures)},
		{"slugs", "slug", "state = 'old' and until < $1", now},
	} {
		for range cleanTurns {
			tag, err := s.pool.Exec(ctx, fmt.Sprintf(`delete from identity.%[1]s where %[2]s in (select %[2]s from identity.%[1]s where %[3]s limit %[4]d)`, old.table, old.key, old.where, cleanAtOnce), old.before)
			if err != nil {
				return rows, fmt.Errorf("forget old %s: %w", old.table, err)
			}
			if rows += tag.RowsAffected(); tag.RowsAffected() < cleanAtOnce {
				break
			}
		}
	}
	return rows, nil
}
