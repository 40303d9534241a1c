package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
)

var (
	// ErrLinkTaken: another organisation has the link, or is about to.
	ErrLinkTaken = errors.New("another organisation is linked to it")
	// ErrNotLinked: no organisation here is linked to that of the provider.
	ErrNotLinked = errors.New("your organisation at the identity provider isn't linked to one here")
)

// IdentityLinks keeps which organisation of an identity provider is which of ours, so that none is two: the log can't, as it is ordered
// within one organisation only.
type IdentityLinks struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewIdentityLinks takes a pool that connects as outrider_identity; now nil means time.Now.
func NewIdentityLinks(pool *pgxpool.Pool, now func() time.Time) *IdentityLinks {
	if now == nil {
		now = time.Now
	}
	return &IdentityLinks{pool, now}
}

// IdentityLinkID is the id of a link: it follows from what it links.
func IdentityLinkID(provider, externalID string) uuid.UUID {
	return es.DeriveID(es.SystemOrg, "identity link", provider, externalID)
}

// Reserve holds a link for an organisation for ReservationTime; for the same one it may be called again. That of an organisation which
// was deleted is free. ErrLinkTaken.
func (l *IdentityLinks) Reserve(ctx context.Context, provider, externalID string, org uuid.UUID) error {
	now := l.now()
	tag, err := l.pool.Exec(ctx, `
		insert into identity.identity_links as l (link_id, provider, external_id, org_id, linked, oseq, reserved_at) values ($1, $2, $3, $4, false, 0, $5)
		on conflict (link_id) do update set org_id = $4, reserved_at = $5, linked = l.linked and l.org_id = $4, oseq = case when l.org_id = $4 then l.oseq else 0 end
		where l.org_id = $4 or (not l.linked and l.reserved_at <= $6) or exists (select from identity.organisation_access a where a.org_id = l.org_id and a.access = 'none')`,
		IdentityLinkID(provider, externalID), provider, externalID, org, now, now.Add(-ReservationTime))
	if err != nil {
		return fmt.Errorf("reserve link to %s: %w", provider, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrLinkTaken
	}
	return nil
}

// Release gives up a reservation of which nothing came.
func (l *IdentityLinks) Release(ctx context.Context, link, org uuid.UUID) error {
	if _, err := l.pool.Exec(ctx, `delete from identity.identity_links where link_id = $1 and org_id = $2 and not linked and oseq = 0`, link, org); err != nil {
		return fmt.Errorf("release link: %w", err)
	}
	return nil
}

// Set says whether an organisation has a link since its event oseq. What an earlier event says changes nothing, nor does what one says
// of a link that another organisation has meanwhile.
func (l *IdentityLinks) Set(ctx context.Context, org, link uuid.UUID, linked bool, oseq int64) error {
	if _, err := l.pool.Exec(ctx, `update identity.identity_links set linked = $3, oseq = $4, reserved_at = case when $3 then reserved_at else '-infinity' end
		where link_id = $1 and org_id = $2 and oseq < $4`, link, org, linked, oseq); err != nil {
		return fmt.Errorf("set link: %w", err)
	}
	return nil
}

// Organization returns which organisation has a link; ErrNotLinked when none has.
func (l *IdentityLinks) Organization(ctx context.Context, provider, externalID string) (org uuid.UUID, err error) {
	err = l.pool.QueryRow(ctx, `select org_id from identity.identity_links where link_id = $1 and linked`, IdentityLinkID(provider, externalID)).Scan(&org)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, ErrNotLinked
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find link: %w", err)
	}
	return org, nil
}
