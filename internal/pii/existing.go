package pii

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Existing finds the keys that subjects of one organisation have now, by subject, and makes none: who was erased, or never
// had one, is missing. It remembers as Lookup does.
func (v *Vault) Existing(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]Key, error) {
	found := make(map[uuid.UUID]Key, len(subjects))
	var orgs, missing []uuid.UUID
	now, before := v.now(), v.erased.Load()
	for _, s := range subjects {
		if c, ok := v.persons.Get(person{org, s}); ok && now.Before(c.expires) {
			found[s] = c.key
		} else {
			orgs, missing = append(orgs, org), append(missing, s)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	read, err := v.readKeys(ctx, orgs, missing)
	if err != nil {
		return nil, fmt.Errorf("find person keys: %w", err)
	}
	keys := make([]Key, 0, len(read))
	for p, k := range read {
		found[p.subject] = k
		keys = append(keys, k)
	}
	v.cacheKeys(before, keys)
	return found, nil
}
