package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PersonalData is what is kept of a person besides what the logs of their organisations say.
type PersonalData struct {
	Sessions   []PastSession
	Keys       []OwnKey
	Identities []ExternalLink
}

// PastSession is a session, also one that has ended.
type PastSession struct {
	Session
	Ended *time.Time `db:"ended_at"`
}

// OwnKey is an API key of a person's own.
type OwnKey struct {
	ID       uuid.UUID  `db:"id"`
	Org      uuid.UUID  `db:"org_id"`
	Name     string     `db:"name"`
	Created  time.Time  `db:"created_at"`
	Revoked  *time.Time `db:"revoked_at"`
	LastUsed *time.Time `db:"last_used_at"`
	UsedFrom string     `db:"used_from"`
}

// ExternalLink is who a person is at an identity provider.
type ExternalLink struct {
	Provider string    `db:"provider"`
	Issuer   string    `db:"issuer"`
	Subject  string    `db:"subject"`
	Linked   time.Time `db:"linked_at"`
}

// PersonalData returns what is kept of a person.
func (p *People) PersonalData(ctx context.Context, person uuid.UUID) (d PersonalData, err error) {
	if d.Sessions, err = collect[PastSession](ctx, p, `select id, org_id, created_at, used_at, expires_at, address, user_agent, place, operator_key is not null as operator, ended_at
		from identity.sessions where person_id = $1 order by created_at desc`, person); err != nil {
		return d, err
	}
	if d.Keys, err = collect[OwnKey](ctx, p, `select id, org_id, name, created_at, revoked_at, last_used_at, coalesce(last_used_from, '') as used_from
		from identity.api_keys where person_id = $1 order by created_at`, person); err != nil {
		return d, err
	}
	d.Identities, err = collect[ExternalLink](ctx, p, `select provider, issuer, subject, linked_at from identity.external_identities where person_id = $1 order by linked_at`, person)
	return d, err
}

func collect[T any](ctx context.Context, p *People, query string, person uuid.UUID) ([]T, error) {
	rows, err := p.pool.Query(ctx, query, person)
	if err != nil {
		return nil, fmt.Errorf("read personal data: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("read personal data: %w", err)
	}
	return list, nil
}

// HasPassword reports whether a person can sign in by a password, rather than at an identity provider only.
func (p *People) HasPassword(ctx context.Context, person uuid.UUID) (has bool, err error) {
	if err := p.pool.QueryRow(ctx, `select coalesce((select password <> '' from identity.people where id = $1), false)`, person).Scan(&has); err != nil {
		return false, fmt.Errorf("read password: %w", err)
	}
	return has, nil
}

// SoleOwnerOf returns an organisation whose only owner a person is, and whose deletion doesn't wait; zero = there is none.
func (p *People) SoleOwnerOf(ctx context.Context, person uuid.UUID) (org uuid.UUID, err error) {
	err = p.pool.QueryRow(ctx, `select coalesce((select m.org_id from identity.memberships m left join identity.organisation_access a using (org_id)
		where m.person_id = $1 and m.role = 'owner' and coalesce(a.access, 'full') <> 'none'
		and not exists (select from identity.memberships o where o.org_id = m.org_id and o.person_id <> $1 and o.role = 'owner') limit 1), '00000000-0000-0000-0000-000000000000')`, person).Scan(&org)
	if err != nil {
		return org, fmt.Errorf("read memberships: %w", err)
	}
	return org, nil
}

// EverMember lists the organisations that a person is, or was, a member of.
func (p *People) EverMember(ctx context.Context, person uuid.UUID) ([]Membership, error) {
	return collect[Membership](ctx, p, `select m.org_id, m.role, coalesce(a.access, 'full') = 'none' as deleted from identity.memberships m left join identity.organisation_access a using (org_id) where m.person_id = $1 order by m.org_id`, person)
}

// Erase forgets a person: who they were, how they signed in, from where, and the links that were mailed to them. Of keys of their own it leaves that they were.
func (p *People) Erase(ctx context.Context, who Person) error {
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update identity.api_keys set revoked_at = coalesce(revoked_at, $2), name = 'erased', last_used_from = null where person_id = $1`, who.ID, p.now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from identity.mailed_links where about = any($1)`, []string{who.ID.String(), who.Email}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from identity.mailed_links where kind = 'invitation' and data ->> 'email' = $1`, who.Email); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from identity.second_factor_changes where person_id = $1`, who.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from identity.people where id = $1`, who.ID); err != nil { // and with them sessions, tokens, factors, identities
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase person %s: %w", who.ID, err)
	}
	return nil
}
