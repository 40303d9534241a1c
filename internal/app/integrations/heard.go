package integrations

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Heard notes what services say has changed.
type Heard struct {
	Pool *pgxpool.Pool // as the identity role: it finds whose an account is
	Now  func() time.Time
}

// Wake has a connection looked at now: a service says that something has changed, and not what.
func (h Heard) Wake(ctx context.Context, org, connection uuid.UUID) error {
	if _, err := h.Pool.Exec(ctx, `update integrations.turns set woken = lease is not null, next_at = case when lease is not null then next_at else least(next_at, $3) end
		where org_id = $1 and connection_id = $2 and next_at <> 'infinity'`, org, connection, h.Now()); err != nil {
		return fmt.Errorf("wake a connection: %w", err)
	}
	return nil
}

// Note notes objects of an account for every connection that leads to it, and wakes those. An account that nobody has connected is nobody's.
func (h Heard) Note(ctx context.Context, provider, account string, ids []string) error {
	if _, err := h.Pool.Exec(ctx, `with whose as (select org_id, connection_id from identity.integration_accounts where provider = $1 and account = $2),
			woken as (update integrations.turns t set woken = t.lease is not null, next_at = case when t.lease is not null then t.next_at else least(t.next_at, $4) end
				from whose w where t.org_id = w.org_id and t.connection_id = w.connection_id and t.next_at <> 'infinity' and t.failing_since is null)
		insert into integrations.heard (org_id, connection_id, remote_id, at) select distinct w.org_id, w.connection_id, i.id, $4::timestamptz from whose w, unnest($3::text[]) as i (id)
		on conflict (org_id, connection_id, remote_id) do update set at = excluded.at`, provider, PublicHash(provider, account), ids, h.Now()); err != nil {
		return fmt.Errorf("note what has changed: %w", err)
	}
	return nil
}
