package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Membership is what a person is in an organisation.
type Membership struct {
	Org  uuid.UUID `db:"org_id"`
	Role Role      `db:"role"`

	Deleted bool `db:"deleted"` // the organisation's deletion waits, and can be taken back
}

// SetMembership says what a person is in an organisation since its event oseq; "" = no member any more, which ends their sessions there and
// the keys that are theirs: in this process at once, in others within Options.CacheFor. What an earlier event says changes nothing.
func (s *Sessions) SetMembership(ctx context.Context, org, person uuid.UUID, role Role, oseq int64) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `insert into identity.memberships as m (person_id, org_id, role, oseq) values ($1, $2, $3, $4)
			on conflict (person_id, org_id) do update set role = excluded.role, oseq = excluded.oseq where m.oseq < excluded.oseq`, person, org, role, oseq)
		if err != nil || role != "" || tag.RowsAffected() == 0 {
			return err
		}
		if _, err = tx.Exec(ctx, `update identity.sessions set ended_at = $3 where person_id = $1 and org_id = $2 and ended_at is null`, person, org, s.o.Now()); err != nil {
			return err
		}
		// For good: who comes back issues new ones.
		_, err = tx.Exec(ctx, `update identity.api_keys set revoked_at = $3 where person_id = $1 and org_id = $2 and revoked_at is null`, person, org, s.o.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("set membership of %s: %w", person, err)
	}
	s.forget(func(c cachedSession) bool { return c.Person == person && c.Org == org })
	return nil
}

// Memberships lists what a person is a member of, organisations that were deleted left out.
func (s *Sessions) Memberships(ctx context.Context, person uuid.UUID) ([]Membership, error) {
	list, err := s.AllMemberships(ctx, person)
	return slices.DeleteFunc(list, func(m Membership) bool { return m.Deleted }), err
}

// AllMemberships lists what a person is a member of, also organisations whose deletion can still be taken back.
func (s *Sessions) AllMemberships(ctx context.Context, person uuid.UUID) ([]Membership, error) {
	rows, err := s.pool.Query(ctx, `select m.org_id, m.role, coalesce(a.access, 'full') = 'none' as deleted from identity.memberships m left join identity.organisation_access a using (org_id)
		where m.person_id = $1 and m.role <> '' order by m.org_id`, person)
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Membership])
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	return list, nil
}

// RoleOf returns what a person is in an organisation, "" for who is no member, also when its deletion waits.
func (s *Sessions) RoleOf(ctx context.Context, person, org uuid.UUID) (role Role, err error) {
	err = s.pool.QueryRow(ctx, `select coalesce((select role from identity.memberships where person_id = $1 and org_id = $2), '')`, person, org).Scan(&role)
	if err != nil {
		return "", fmt.Errorf("read membership: %w", err)
	}
	return role, nil
}

// Reread makes this process look anew at what the sessions of an organisation are good for; others do within Options.CacheFor.
func (s *Sessions) Reread(org uuid.UUID) {
	s.forget(func(c cachedSession) bool { return c.Org == org })
}

// EndMemberships ends all memberships of an organisation that is deleted for good, since its event oseq.
func (s *Sessions) EndMemberships(ctx context.Context, org uuid.UUID, oseq int64) error {
	if _, err := s.pool.Exec(ctx, `update identity.memberships set role = '', oseq = $2 where org_id = $1 and oseq < $2`, org, oseq); err != nil {
		return fmt.Errorf("end memberships: %w", err)
	}
	if _, err := s.pool.Exec(ctx, `update identity.sessions set ended_at = $2 where org_id = $1 and ended_at is null`, org, s.o.Now()); err != nil {
		return fmt.Errorf("end sessions of organisation: %w", err)
	}
	s.forget(func(c cachedSession) bool { return c.Org == org })
	return nil
}

// OwnerAddresses lists the addresses of an organisation's owners.
func (s *Sessions) OwnerAddresses(ctx context.Context, org uuid.UUID) ([]string, error) {
	rows, err := s.pool.Query(ctx, `select p.email from identity.memberships m join identity.people p on p.id = m.person_id
		where m.org_id = $1 and m.role = $2 and p.email <> '' order by p.email`, org, RoleOwner)
	if err != nil {
		return nil, fmt.Errorf("list owners: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list owners: %w", err)
	}
	return list, nil
}
