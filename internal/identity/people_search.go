package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Search returns people whose address or names contain a text, case ignored, by their address; after is the last one seen. It is for the operator.
func (p *People) Search(ctx context.Context, text, after string, limit int) ([]Person, error) {
	rows, err := p.pool.Query(ctx, `select `+personColumns+` from identity.people where email > $1 and ($2 = '' or strpos(lower(email), lower($2)) > 0 or strpos(lower(first_name || ' ' || last_name), lower($2)) > 0)
		order by email limit $3`, after, text, limit)
	if err != nil {
		return nil, fmt.Errorf("search people: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return nil, fmt.Errorf("search people: %w", err)
	}
	return list, nil
}

// CountAccess counts the keys of an organisation that are neither revoked nor expired, and the sessions for it.
func (s *Sessions) CountAccess(ctx context.Context, org uuid.UUID) (keys, sessions int64, err error) {
	err = s.pool.QueryRow(ctx, `select (select count(*) from identity.api_keys where org_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)),
		(select count(*) from identity.sessions where org_id = $1 and ended_at is null and expires_at > $2)`, org, s.o.Now()).Scan(&keys, &sessions)
	if err != nil {
		return 0, 0, fmt.Errorf("count keys and sessions: %w", err)
	}
	return keys, sessions, nil
}
