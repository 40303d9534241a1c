package api

import (
	"context"

	"github.com/google/uuid"

	"outrider/projections"
)

// Objects returns what lies in the blob bucket by the hash of its bytes; *blob.Bucket is one.
type Objects interface {
	GetHashed(ctx context.Context, name string, limit int64) ([]byte, error)
}

// maxStored bounds a stored body as it is sealed, in bytes.
const maxStored = 1 << 20

// bodyOfText returns a body, from where it lies when it is long; nil once nobody can read it.
func (s *Server) bodyOfText(ctx context.Context, org, lead uuid.UUID, body *string, ref string) (*string, error) {
	if body != nil || ref == "" || s.cfg.Objects == nil {
		return body, nil
	}
	object, err := s.cfg.Objects.GetHashed(ctx, ref, maxStored)
	if err != nil {
		return nil, err
	}
	return projections.OpenStored(ctx, s.cfg.Vault, org, lead, object)
}
