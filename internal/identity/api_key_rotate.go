package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Rotate gives a key of org another secret, and returns its token, which can't be had again. The secret before is taken until oldUntil; one before that,
// no more. A repeat with the same rotation returns "". ErrNotFound, also for who was revoked.
func (k *APIKeys) Rotate(ctx context.Context, org, id, rotation uuid.UUID, oldUntil time.Time) (text string, err error) {
	t, now := newToken(org == uuid.Nil, id), k.o.Now()
	hash := t.hashSecret()
	var done bool
	err = pgx.BeginFunc(ctx, k.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select rotation_id is not distinct from $3 from identity.api_keys where id = $1 and org_id is not distinct from $2 and revoked_at is null for update`, id, orgParam(org), rotation).Scan(&done)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil || done {
			return err
		}
		_, err = tx.Exec(ctx, `update identity.api_keys set hash = $2, old_hash = hash, old_until = $3, rotation_id = $4, rotated_at = $5 where id = $1`, id, hash[:], oldUntil, rotation, now)
		return err
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return "", ErrNotFound
	case err != nil:
		return "", fmt.Errorf("rotate API key: %w", err)
	case done:
		return "", nil
	}
	k.revoked.Add(1) // before the removal: see readKey
	k.cache.Remove(id)
	return t.String(), nil
}

// UndoRotation brings the secret from before a rotation back, unless another rotation came after it.
func (k *APIKeys) UndoRotation(ctx context.Context, id, rotation uuid.UUID) error {
	if _, err := k.pool.Exec(ctx, `update identity.api_keys set hash = old_hash, old_hash = null, old_until = null, rotation_id = null, rotated_at = null
		where id = $1 and rotation_id = $2 and old_hash is not null`, id, rotation); err != nil {
		return fmt.Errorf("undo rotation of API key: %w", err)
	}
	k.revoked.Add(1)
	k.cache.Remove(id)
	return nil
}

// KeyBounds are from where, and how often, a key may be used.
type KeyBounds struct {
	Networks  []netip.Prefix // none means from anywhere
	PerMinute int            // requests; 0 means as many as the plan allows
}

// SetBounds changes them: in this process at once, in others within Options.CacheFor. ErrNotFound, also for who was revoked.
func (k *APIKeys) SetBounds(ctx context.Context, org, id uuid.UUID, b KeyBounds) error {
	tag, err := k.pool.Exec(ctx, `update identity.api_keys set networks = coalesce($3, '{}'::cidr[]), per_minute = nullif($4, 0) where id = $1 and org_id is not distinct from $2 and revoked_at is null`,
		id, orgParam(org), b.Networks, b.PerMinute)
	if err != nil {
		return fmt.Errorf("bound API key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	k.revoked.Add(1) // before the removal: see readKey
	k.cache.Remove(id)
	return nil
}
