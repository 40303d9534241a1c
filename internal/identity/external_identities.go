package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
)

// External is who a provider says that somebody is.
type External struct{ Provider, Issuer, Subject string }

// ExternalIdentities know people by what identity providers call them. One serves all goroutines of a process.
type ExternalIdentities struct {
	pool   *pgxpool.Pool
	people *People
	links  *IdentityLinks
	o      Options
	cache  *lru.Cache[standingKey, cachedStanding]
}

// Place is an organisation, as a token names it.
type Place struct {
	Org      uuid.UUID // ours; zero = see External
	External string    // the provider's; "" = none is named
}

// Standing is what somebody is to an organisation.
type Standing struct {
	Principal           // what they may do; without an organisation for who is a member of none
	Known     bool      // the person is
	Named     uuid.UUID // the organisation that was named; zero = none
	Link      uuid.UUID // by which it was
}

// IsMember reports whether they belong to the organisation that was named, where one was.
func (s Standing) IsMember() bool { return s.Known && (s.Named == uuid.Nil || s.Org == s.Named) }

type standingKey struct {
	External
	Place
}

type cachedStanding struct {
	Standing
	until time.Time
}

// NewExternalIdentities takes a pool that connects as outrider_identity.
func NewExternalIdentities(pool *pgxpool.Pool, people *People, links *IdentityLinks, o Options) (*ExternalIdentities, error) {
	o = o.withDefaults()
	cache, err := lru.New[standingKey, cachedStanding](o.Cached)
	if err != nil {
		return nil, fmt.Errorf("create cache of identities: %w", err)
	}
	return &ExternalIdentities{pool, people, links, o, cache}, nil
}

// Find returns who somebody is to us. ErrNotFound.
func (x *ExternalIdentities) Find(ctx context.Context, e External) (id uuid.UUID, err error) {
	err = x.pool.QueryRow(ctx, `select e.person_id from identity.external_identities e join identity.people p on p.id = e.person_id
		where e.issuer = $1 and e.subject = $2 and p.active`, e.Issuer, e.Subject).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNotFound
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find identity: %w", err)
	}
	return id, nil
}

// Link says for good who somebody is to us: who has the address, which the provider has seen to be theirs, else a new person. An address
// that the provider gives them later changes nothing. who is normalised; its id counts for nothing.
func (x *ExternalIdentities) Link(ctx context.Context, e External, who Person) (uuid.UUID, error) {
	if id, err := x.Find(ctx, e); !errors.Is(err, ErrNotFound) {
		return id, err
	}
	for range 3 { // somebody may sign up with the address meanwhile
		found, err := x.people.ByEmail(ctx, who.Email)
		if errors.Is(err, ErrNotFound) {
			found = who
			found.ID = es.DeriveID(es.SystemOrg, "external identity", e.Issuer, e.Subject)
			err = x.people.Add(ctx, found, "") // no password fits
		}
		if errors.Is(err, ErrEmailTaken) {
			continue
		}
		if err != nil {
			return uuid.Nil, err
		}
		if _, err := x.pool.Exec(ctx, `insert into identity.external_identities (issuer, subject, person_id, provider, linked_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			e.Issuer, e.Subject, found.ID, e.Provider, x.o.Now()); err != nil {
			return uuid.Nil, fmt.Errorf("link identity: %w", err)
		}
		return x.Find(ctx, e)
	}
	return uuid.Nil, ErrUnauthenticated // the address is of somebody who is switched off
}

// Standing returns what somebody is to an organisation; where none is named, to the only one that they are a member of, if it is one. That
// of members is remembered for Options.CacheFor. ErrNotLinked.
func (x *ExternalIdentities) Standing(ctx context.Context, e External, at Place) (Standing, error) {
	return x.remember(ctx, standingKey{e, at}, func() (uuid.UUID, error) { return x.Find(ctx, e) })
}

// StandingOf is Standing for a person whose id is known.
func (x *ExternalIdentities) StandingOf(ctx context.Context, person uuid.UUID, at Place) (Standing, error) {
	return x.remember(ctx, standingKey{External{Subject: person.String()}, at}, func() (uuid.UUID, error) {
		who, err := x.people.ByID(ctx, person)
		return who.ID, err
	})
}

func (x *ExternalIdentities) remember(ctx context.Context, key standingKey, find func() (uuid.UUID, error)) (Standing, error) {
	now := x.o.Now()
	if c, ok := x.cache.Get(key); ok && now.Before(c.until) {
		return c.Standing, nil
	}
	s := Standing{Named: key.Org}
	if key.Place.External != "" {
		var err error
		if s.Named, err = x.links.Organization(ctx, key.Provider, key.Place.External); err != nil {
			return s, err
		}
		s.Link = IdentityLinkID(key.Provider, key.Place.External)
	}
	person, err := find()
	if errors.Is(err, ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Known = true
	if s.Principal, err = x.principalIn(ctx, person, s.Named); err != nil {
		return s, err
	}
	if s.IsMember() {
		x.cache.Add(key, cachedStanding{s, now.Add(x.o.CacheFor)})
	}
	return s, nil
}

func (x *ExternalIdentities) principalIn(ctx context.Context, person, org uuid.UUID) (Principal, error) {
	p := Principal{Person: person}
	rows, err := x.pool.Query(ctx, `select m.org_id, m.role, coalesce(a.access, 'full'), coalesce(r.permissions, '{}') from identity.memberships m left join identity.organisation_access a using (org_id)
		left join identity.roles r on r.org_id = m.org_id and r.role_id::text = m.role
		where m.person_id = $1 and m.role <> '' and coalesce(a.access, 'full') <> 'none' and ($2::uuid is null or m.org_id = $2) limit 2`, person, orgParam(org))
	if err != nil {
		return p, fmt.Errorf("read memberships: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Org    uuid.UUID
		Role   Role
		Access OrganisationAccess
		Scopes []Scope
	}])
	if err != nil {
		return p, fmt.Errorf("read memberships: %w", err)
	}
	if len(list) == 1 {
		p.Org, p.Role, p.Scopes, p.ReadOnly = list[0].Org, list[0].Role, list[0].Scopes, list[0].Access == AccessRead
		if p.Role.BuiltIn() {
			p.Scopes = p.Role.Scopes()
		}
	}
	return p, nil
}
