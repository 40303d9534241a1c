package pii

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Erase deletes a person's key. Doing it again does nothing. Keys makes a new one, with a new id, when asked.
func (v *Vault) Erase(ctx context.Context, org, subject uuid.UUID) error {
	if _, err := v.pool.Exec(ctx, `delete from vault.person_keys where org_id = $1 and subject = $2`, org, subject); err != nil {
		return fmt.Errorf("erase person key: %w", err)
	}
	v.erased.Add(1) // before the removal: see remember
	v.persons.Remove(person{org, subject})
	return nil
}
