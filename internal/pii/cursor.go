package pii

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// SealCursor encrypts the place in a list where a page begins: what a list is sorted by may be somebody's name. bound is
// authenticated, not stored.
func (v *Vault) SealCursor(ctx context.Context, org uuid.UUID, bound, place string) ([]byte, error) {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	sealed, err := o.cursor.EncryptDeterministically([]byte(place), authenticatedData(org, uuid.Nil, "cursor "+bound))
	if err != nil {
		return nil, fmt.Errorf("seal cursor: %w", err)
	}
	return sealed, nil
}

// OpenCursor gives back what SealCursor took; ErrUnreadable when it is another organisation's, bound to something else, or forged.
func (v *Vault) OpenCursor(ctx context.Context, org uuid.UUID, bound string, sealed []byte) (string, error) {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return "", err
	}
	place, err := o.cursor.DecryptDeterministically(sealed, authenticatedData(org, uuid.Nil, "cursor "+bound))
	if err != nil {
		return "", fmt.Errorf("open cursor: %w", ErrUnreadable)
	}
	return string(place), nil
}
