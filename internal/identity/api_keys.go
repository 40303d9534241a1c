package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	// ErrUnauthenticated: the token is malformed, unknown, wrong, expired or revoked. All answers look alike, except
	// to who holds the right secret: ErrExpired, ErrRevoked and ErrClosed are ErrUnauthenticated too.
	ErrUnauthenticated = errors.New("no valid credential")
	// ErrExpired: the key's time is over.
	ErrExpired = fmt.Errorf("%w: it has expired", ErrUnauthenticated)
	// ErrRevoked: the key was revoked.
	ErrRevoked = fmt.Errorf("%w: it was revoked", ErrUnauthenticated)
	// ErrClosed: the key's organisation was deleted.
	ErrClosed = fmt.Errorf("%w: its organisation was deleted", ErrUnauthenticated)
	// ErrScope: a scope doesn't exist or isn't for this kind of key.
	ErrScope = errors.New("scope cannot be given")
	// ErrNotFound: there is no such key or slug in this organisation.
	ErrNotFound = errors.New("not found")
	// ErrAddress: the key is valid, and may not be used from this address.
	ErrAddress = errors.New("the key may not be used from this address")
	// ErrExists: a key with this id was issued before.
	ErrExists = errors.New("a key with this id exists")
)

// Options of APIKeys and Sessions; the zero value holds the defaults.
type Options struct {
	CacheFor time.Duration // how long another process may still accept what was revoked, default 1 s
	Cached   int           // keys or sessions in memory, default 10,000
	Flush    time.Duration // how often Run writes down last uses, default 5 s
	Now      func() time.Time
}

// APIKeys issues and checks API keys. One serves all goroutines of a process.
type APIKeys struct {
	pool    *pgxpool.Pool
	o       Options
	cache   *lru.Cache[uuid.UUID, cachedKey]
	revoked atomic.Uint64 // revocations so far, so that a read that began before one isn't cached

	mu   sync.Mutex
	used map[uuid.UUID]keyUse // not written down yet
}

// Issue describes a key to be made.
type Issue struct {
	ID       uuid.UUID // the zero value means a new UUIDv7
	Org      uuid.UUID // the zero value means a platform key
	Person   uuid.UUID // a member whose key it is; the zero value means the organisation's
	Name     string
	Scopes   []Scope
	Expires  time.Time      // the zero value means never
	Networks []netip.Prefix // that it may be used from; none means from anywhere

	PerMinute int // requests; 0 means as many as the plan allows
}

// Info is what can be told of a key. Its token can't: only a hash of it is stored.
type Info struct {
	ID       uuid.UUID
	Org      uuid.UUID // zero for platform keys
	Person   uuid.UUID // zero for those of nobody in particular
	Name     string
	Prefix   string // how its token begins
	Scopes   []Scope
	Created  time.Time
	Expires  *time.Time
	Revoked  *time.Time
	LastUsed *time.Time // up to Options.Flush behind
	Networks []netip.Prefix
	UsedFrom string     // address of the last use
	Rotated  *time.Time // when it got its present secret, if not when it was issued
	OldUntil *time.Time // until when the secret before is taken

	PerMinute int // requests; 0 = as many as the plan allows
}

func (o Options) withDefaults() Options {
	if o.CacheFor == 0 {
		o.CacheFor = time.Second
	}
	if o.Cached == 0 {
		o.Cached = 10_000
	}
	if o.Flush == 0 {
		o.Flush = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// NewKeys takes a pool that connects as outrider_identity. Run must run for last uses to be written down.
func NewKeys(pool *pgxpool.Pool, o Options) (*APIKeys, error) {
	o = o.withDefaults()
	cache, err := lru.New[uuid.UUID, cachedKey](o.Cached)
	if err != nil {
		return nil, fmt.Errorf("create key cache: %w", err)
	}
	return &APIKeys{pool: pool, o: o, cache: cache, used: map[uuid.UUID]keyUse{}}, nil
}

// Issue makes a key and returns its token, which can't be had again. ErrScope, ErrExists.
func (k *APIKeys) Issue(ctx context.Context, i Issue) (Info, string, error) {
	if i.ID == uuid.Nil {
		var err error
		if i.ID, err = uuid.NewV7(); err != nil {
			return Info{}, "", fmt.Errorf("make key id: %w", err)
		}
	}
	t := newToken(i.Org == uuid.Nil, i.ID)
	info, err := k.insertKey(ctx, i, t)
	if err != nil {
		return Info{}, "", err
	}
	return info, t.String(), nil
}

func (k *APIKeys) insertKey(ctx context.Context, i Issue, t token) (Info, error) {
	allowed := OrganizationScopes()
	if t.platform {
		allowed = PlatformScopes()
	}
	if err := checkScopes(i.Scopes, allowed); err != nil {
		return Info{}, err
	}
	info := Info{ID: t.id, Org: i.Org, Person: i.Person, Networks: i.Networks, PerMinute: i.PerMinute, Name: i.Name, Prefix: t.publicPart(), Scopes: slices.Clone(i.Scopes), Created: k.o.Now().UTC()}
	if !i.Expires.IsZero() {
		info.Expires = &i.Expires
	}
	hash := t.hashSecret()
	_, err := k.pool.Exec(ctx, `insert into identity.api_keys (id, org_id, name, prefix, hash, scopes, created_at, expires_at, person_id, networks, permissions_version, per_minute)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, '{}'::cidr[]), $11, nullif($12, 0))`,
		info.ID, orgParam(i.Org), info.Name, info.Prefix, hash[:], info.Scopes, info.Created, info.Expires, orgParam(i.Person), info.Networks, permissionsVersion, info.PerMinute)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" { // unique_violation
		return Info{}, ErrExists
	}
	if err != nil {
		return Info{}, fmt.Errorf("store API key: %w", err)
	}
	return info, nil
}

// Revoke ends a key of org (the zero value: of the platform): in this process at once, in others within Options.CacheFor.
// Revoking again does nothing. ErrNotFound.
func (k *APIKeys) Revoke(ctx context.Context, org, id uuid.UUID) error {
	tag, err := k.pool.Exec(ctx, `update identity.api_keys set revoked_at = coalesce(revoked_at, $3)
		where id = $1 and org_id is not distinct from $2`, id, orgParam(org), k.o.Now())
	if err != nil {
		return fmt.Errorf("revoke API key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	k.revoked.Add(1) // before the removal: see read
	k.cache.Remove(id)
	return nil
}

// List returns the keys of org (the zero value: of the platform), revoked ones too, oldest first.
func (k *APIKeys) List(ctx context.Context, org uuid.UUID) ([]Info, error) {
	where := `org_id = $1`
	if org == uuid.Nil {
		where = `org_id is null and $1::uuid is null`
	}
	rows, err := k.pool.Query(ctx, infoQuery+where+` order by created_at, id`, orgParam(org))
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanInfo)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return list, nil
}

// Find returns one key of org (the zero value: of the platform). ErrNotFound.
func (k *APIKeys) Find(ctx context.Context, org, id uuid.UUID) (Info, error) {
	rows, err := k.pool.Query(ctx, infoQuery+`id = $1 and org_id is not distinct from $2`, id, orgParam(org))
	if err != nil {
		return Info{}, fmt.Errorf("find API key: %w", err)
	}
	info, err := pgx.CollectExactlyOneRow(rows, scanInfo)
	if errors.Is(err, pgx.ErrNoRows) {
		return Info{}, ErrNotFound
	}
	if err != nil {
		return Info{}, fmt.Errorf("find API key: %w", err)
	}
	return info, nil
}

const infoQuery = `select id, org_id, name, prefix, ` + scopesOfKey + `, created_at, expires_at, revoked_at, last_used_at, person_id, networks, coalesce(last_used_from, ''), rotated_at, old_until, coalesce(per_minute, 0)
	from identity.api_keys k where `

func scanInfo(r pgx.CollectableRow) (i Info, err error) {
	var org, person *uuid.UUID
	err = r.Scan(&i.ID, &org, &i.Name, &i.Prefix, &i.Scopes, &i.Created, &i.Expires, &i.Revoked, &i.LastUsed, &person, &i.Networks, &i.UsedFrom, &i.Rotated, &i.OldUntil, &i.PerMinute)
	if org != nil {
		i.Org = *org
	}
	if person != nil {
		i.Person = *person
	}
	return i, err
}

func orgParam(org uuid.UUID) *uuid.UUID {
	if org == uuid.Nil {
		return nil
	}
	return &org
}
