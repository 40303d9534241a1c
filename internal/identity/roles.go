package identity

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SetRole says what a role of an organisation's own permits since its event oseq; none = it was removed. It holds for who has the role in this
// process at once, in others within Options.CacheFor. What an earlier event says changes nothing.
func (s *Sessions) SetRole(ctx context.Context, org, role uuid.UUID, permissions []string, oseq int64) error {
	if permissions == nil {
		permissions = []string{}
	}
	_, err := s.pool.Exec(ctx, `insert into identity.roles as r (org_id, role_id, permissions, oseq) values ($1, $2, $3, $4)
		on conflict (org_id, role_id) do update set permissions = excluded.permissions, oseq = excluded.oseq where r.oseq < excluded.oseq`, org, role, permissions, oseq)
	if err != nil {
		return fmt.Errorf("set role %s: %w", role, err)
	}
	s.forget(func(c cachedSession) bool { return c.Org == org && c.Role == Role(role.String()) })
	return nil
}

// RoleScopes returns what a role permits in an organisation, as the database says it now; none for a role that there isn't.
func (s *Sessions) RoleScopes(ctx context.Context, org uuid.UUID, role Role) ([]Scope, error) {
	if role.BuiltIn() {
		return role.Scopes(), nil
	}
	id, err := uuid.Parse(string(role))
	if err != nil {
		return nil, nil //nolint:nilerr // there is no such role
	}
	rows, err := s.pool.Query(ctx, `select unnest(permissions) from identity.roles where org_id = $1 and role_id = $2`, org, id)
	if err != nil {
		return nil, fmt.Errorf("read role %s: %w", role, err)
	}
	scopes, err := pgx.CollectRows(rows, pgx.RowTo[Scope])
	if err != nil {
		return nil, fmt.Errorf("read role %s: %w", role, err)
	}
	return scopes, nil
}

// BuiltIn reports whether a role is one that every organisation has.
func (r Role) BuiltIn() bool { return slices.Contains(Roles(), r) }
