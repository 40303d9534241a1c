package identity

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Principal is who asks.
type Principal struct {
	KeyID     uuid.UUID // zero for who has signed in
	KeyOwner  uuid.UUID // whose key it is; zero for the organisation's, and for who has signed in
	Person    uuid.UUID // who has signed in; zero for keys
	Session   uuid.UUID // likewise
	Role      Role      // likewise, in Org
	Org       uuid.UUID // zero for the platform, and for who has chosen none
	Scopes    []Scope   // shared with other requests: not to be changed
	Platform  bool
	ReadOnly  bool      // the organisation is suspended or cancelled
	Operator  uuid.UUID // key of who reads as Person, whose Session it is then; zero = they themselves
	PerMinute int       // requests of a key with a limit of its own; 0 = none
	csrf      string
}

// Known reports whether somebody has signed in or sent a valid key.
func (p Principal) Known() bool { return p.KeyID != uuid.Nil || p.Person != uuid.Nil }

// Has reports whether the caller has a permission.
func (p Principal) Has(scope Scope) bool { return slices.Contains(p.Scopes, scope) }

type cachedKey struct {
	Principal
	hash     [sha256.Size]byte
	old      []byte // hash of the secret before; nil = none
	oldUntil time.Time
	networks []netip.Prefix
	expires  *time.Time
	revoked  bool      // or its owner is no member any more
	closed   bool      // the organisation was deleted
	until    time.Time // of this entry
}

// keyUse is when and from where a key was used last.
type keyUse struct {
	at   time.Time
	from netip.Addr
}

// Authenticate checks a token that came from an address, and notes its use. ErrUnauthenticated (also ErrExpired, ErrRevoked, ErrClosed), ErrAddress,
// or what Postgres says.
func (k *APIKeys) Authenticate(ctx context.Context, text string, from netip.Addr) (Principal, error) {
	t, ok := parseToken(text)
	if !ok {
		return Principal{}, ErrUnauthenticated
	}
	now := k.o.Now()
	key, ok := k.cache.Get(t.id)
	if !ok || !now.Before(key.until) {
		var err error
		if key, err = k.readKey(ctx, t.id, now); err != nil {
			return Principal{}, err
		}
	}
	from = from.Unmap().WithZone("")
	switch {
	case !key.hasSecret(t, now) || key.Platform != t.platform:
		return Principal{}, ErrUnauthenticated
	case key.revoked:
		return Principal{}, ErrRevoked
	case key.closed:
		return Principal{}, ErrClosed
	case key.expires != nil && !now.Before(*key.expires):
		return Principal{}, ErrExpired
	case !mayUseFrom(key.networks, from):
		return Principal{}, ErrAddress
	}
	k.mu.Lock()
	k.used[t.id] = keyUse{now, from} // no batch.Group: nobody waits for it, the newest use of a key replaces the others, and what can't be written stays
	k.mu.Unlock()
	return key.Principal, nil
}

// hasSecret reports whether a token has the key's secret, or the one before while that is taken.
func (c *cachedKey) hasSecret(t token, now time.Time) bool {
	hash := t.hashSecret()
	is := subtle.ConstantTimeCompare(hash[:], c.hash[:]) == 1
	was := subtle.ConstantTimeCompare(hash[:], c.old) == 1 && now.Before(c.oldUntil)
	return is || was
}

func mayUseFrom(networks []netip.Prefix, from netip.Addr) bool {
	return len(networks) == 0 || slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(from) })
}

// IsToken reports whether a text has the form of a token, so that it takes a look into the database to know what it is worth.
func IsToken(text string) bool {
	_, ok := parseToken(text)
	return ok
}

// Knows reports whether a token was seen to be valid of late. It asks no database.
func (k *APIKeys) Knows(text string) bool {
	t, ok := parseToken(text)
	if !ok {
		return false
	}
	key, ok := k.cache.Get(t.id)
	if !ok {
		return false
	}
	return key.hasSecret(t, k.o.Now()) && !key.revoked && !key.closed
}

// readKey caches the key unless one was revoked meanwhile. It adds before it looks: a revocation that counts later removes
// the entry itself.
func (k *APIKeys) readKey(ctx context.Context, id uuid.UUID, now time.Time) (cachedKey, error) {
	before := k.revoked.Load()
	c := cachedKey{Principal: Principal{KeyID: id}, until: now.Add(k.o.CacheFor)}
	var org, person *uuid.UUID
	var hash []byte
	var oldUntil *time.Time
	var access OrganisationAccess
	var role Role   // of its owner
	var own []Scope // of that role, where it is the organisation's own
	err := k.pool.QueryRow(ctx, `select k.org_id, k.hash, `+scopesOfKey+`, k.expires_at, k.revoked_at is not null, coalesce(a.access, 'full'), k.person_id, k.networks, k.old_hash, k.old_until,
		case when p.active then coalesce(m.role, '') else '' end, coalesce(r.permissions, '{}'), coalesce(k.per_minute, 0)
		from identity.api_keys k left join identity.organisation_access a using (org_id)
		left join identity.people p on p.id = k.person_id left join identity.memberships m on m.person_id = k.person_id and m.org_id = k.org_id
		left join identity.roles r on r.org_id = k.org_id and r.role_id::text = m.role where k.id = $1`, id).
		Scan(&org, &hash, &c.Scopes, &c.expires, &c.revoked, &access, &person, &c.networks, &c.old, &oldUntil, &role, &own, &c.PerMinute)
	if errors.Is(err, pgx.ErrNoRows) {
		return cachedKey{}, ErrUnauthenticated
	}
	if err != nil {
		return cachedKey{}, fmt.Errorf("read API key: %w", err)
	}
	if org != nil {
		c.Org = *org
	}
	c.Platform, c.ReadOnly, c.closed = org == nil, access == AccessRead, access == AccessNone
	c.hash = [sha256.Size]byte(hash)
	if oldUntil != nil {
		c.oldUntil = *oldUntil
	}
	if person != nil { // it can do no more than its owner
		c.KeyOwner, c.revoked = *person, c.revoked || role == ""
		if role.BuiltIn() {
			own = role.Scopes()
		}
		c.Scopes = slices.DeleteFunc(c.Scopes, func(s Scope) bool { return !slices.Contains(own, s) })
	}
	k.cache.Add(id, c)
	if k.revoked.Load() != before {
		k.cache.Remove(id)
	}
	return c, nil
}

// Run writes down last uses every Options.Flush, and once more when ctx ends; then it returns nil. What can't be written
// is kept for the next time, and reported.
func (k *APIKeys) Run(ctx context.Context, report func(error)) error {
	tick := time.NewTicker(k.o.Flush)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := k.Flush(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := k.Flush(last); err != nil {
				report(err)
			}
			return nil
		}
	}
}

// Flush writes down the last uses noted so far, in one statement.
func (k *APIKeys) Flush(ctx context.Context) error {
	k.mu.Lock()
	used := k.used
	k.used = map[uuid.UUID]keyUse{}
	k.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	ids, times, addresses := make([]uuid.UUID, 0, len(used)), make([]time.Time, 0, len(used)), make([]string, 0, len(used))
	for id, use := range used {
		address := ""
		if use.from.IsValid() {
			address = use.from.String()
		}
		ids, times, addresses = append(ids, id), append(times, use.at), append(addresses, address)
	}
	// Ordered, as processes that update the same keys in other orders would deadlock.
	_, err := k.pool.Exec(ctx, `
		with locked as materialized (
		  select k.id, t.at, t.address from identity.api_keys k join unnest($1::uuid[], $2::timestamptz[], $3::text[]) as t (id, at, address) using (id)
		  order by k.id for update of k
		)
		update identity.api_keys k set last_used_at = l.at, last_used_from = nullif(l.address, '') from locked l
		where l.id = k.id and (k.last_used_at is null or k.last_used_at <= l.at)`, ids, times, addresses)
	if err == nil {
		return nil
	}
	k.mu.Lock()
	for id, use := range used {
		if k.used[id].at.Before(use.at) {
			k.used[id] = use
		}
	}
	k.mu.Unlock()
	return fmt.Errorf("write down last uses of API keys: %w", err)
}
