package bulk

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/suppressions"
	"outrider/projections"
)

// sealAddresses returns items that suppress the address of each lead, which is sealed in them with a key of its own.
func (b *Bulk) sealAddresses(ctx context.Context, org uuid.UUID, leads []*projections.Lead) ([]commands.SuppressionItem, error) {
	h, err := b.Vault.Hasher(ctx, org)
	if err != nil {
		return nil, err
	}
	entries, items := make([]suppressions.Entry, len(leads)), make([]commands.SuppressionItem, len(leads))
	for i, l := range leads {
		if l.Email == nil {
			return nil, fmt.Errorf("suppress lead %s: its address isn't readable", l.LeadID)
		}
		if entries[i], err = suppressions.Clean(events.SuppressAddress, *l.Email, nil); err != nil {
			return nil, fmt.Errorf("suppress lead %s: %w", l.LeadID, err)
		}
		items[i] = entries[i].Item(h, events.SuppressedManual)
	}
	return items, suppressions.Seal(ctx, b.Vault.Keys, org, entries, items)
}
