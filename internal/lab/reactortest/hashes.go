package reactortest

import (
	"context"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// Hashes hashes with a key of zeros.
type Hashes struct{}

// Hasher is the same for everybody.
func (Hashes) Hasher(context.Context, uuid.UUID) (*pii.Hasher, error) { return &pii.Hasher{}, nil }
