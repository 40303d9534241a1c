package api

import (
	"context"

	"github.com/google/uuid"

	"outrider/internal/pii"
	"outrider/projections"
)

// Objects returns what lies in the blob bucket by the hash of its bytes; *blob.Bucket is one.
type Objects interface {
	GetHashed(ctx context.Context, name string, limit int64) ([]byte, error)
}

// maxStored bounds a stored body as it is sealed, in bytes.
const maxStored = 1 << 20

// storedBodies opens the bodies of messages and answers.
type storedBodies struct {
	objects Objects // nil = none are stored
	vault   *pii.Vault
}

// open returns a body, from where it lies when it is long; nil once nobody can read it.
func (b storedBodies) open(ctx context.Context, org, lead uuid.UUID, body *string, ref string) (*string, error) {
	if body != nil || ref == "" || b.objects == nil {
		return body, nil
	}
	object, err := b.objects.GetHashed(ctx, ref, maxStored)
	if err != nil {
		return nil, err
	}
	return projections.OpenStored(ctx, b.vault, org, lead, object)
}
