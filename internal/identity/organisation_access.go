package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// OrganisationAccess is what the keys of an organisation are good for.
type OrganisationAccess string

// The kinds of access.
const (
	AccessFull OrganisationAccess = "full"
	AccessRead OrganisationAccess = "read" // suspended or cancelled: what it has can be read and exported, nothing is written
	AccessNone OrganisationAccess = "none" // deleted: its keys and sessions are worth nothing, until it is restored
)

// AccessWith is what a status of an organisation leaves of its keys.
func AccessWith(status string) OrganisationAccess {
	if status == "suspended" || status == "cancelled" {
		return AccessRead
	}
	return AccessFull
}

// SetAccess says what the keys of an organisation are good for since its event oseq: in this process at once, in others within
// Options.CacheFor. What an earlier event says changes nothing.
func (k *APIKeys) SetAccess(ctx context.Context, org uuid.UUID, access OrganisationAccess, oseq int64) error {
	_, err := k.pool.Exec(ctx, `insert into identity.organisation_access as a (org_id, access, oseq) values ($1, $2, $3)
		on conflict (org_id) do update set access = excluded.access, oseq = excluded.oseq where a.oseq < excluded.oseq`, org, access, oseq)
	if err != nil {
		return fmt.Errorf("set access of organisation %s: %w", org, err)
	}
	k.revoked.Add(1) // before the removal: see readKey
	for _, id := range k.cache.Keys() {
		if c, ok := k.cache.Peek(id); ok && c.Org == org {
			k.cache.Remove(id)
		}
	}
	return nil
}
