package api

import (
	"context"

	"github.com/google/uuid"

	"outrider/projections"
)

// Objects gives what lies in the blob bucket by the hash of its bytes; *blob.Bucket is one.
type Objects interface {
	GetHashed(ctx context.Context, name string, limit int64) ([]byte, error)
}

// maxStored bounds a stored body as it is sealed, in bytes.
const maxStored = 1 << 20

// bodyOfText gives a body, from where it lies when it is long.
func (s *Server) bodyOfText(c *call, lead uuid.UUID, body *string, ref string) (string, error) {
	if ref == "" || s.cfg.Objects == nil {
		return or(body), nil
	}
	object, err := s.cfg.Objects.GetHashed(c.ctx, ref, maxStored)
	if err != nil {
		return "", err
	}
	text, err := projections.OpenStored(c.ctx, s.cfg.Vault, c.who.Org, lead, object)
	return or(text), err
}
