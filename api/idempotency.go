package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/internal/es"
)

// writeRequest is what all commands of one request have in common.
type writeRequest struct {
	*call
	org         uuid.UUID
	id          uuid.UUID // of the command, or what those of its commands are derived from
	keyed       bool      // the caller gave an Idempotency-Key
	fingerprint uint64
	origin      string // where it came from, sealed
}

// beginWrite begins a write in org. scope is what an Idempotency-Key is unique in: org, or the platform for what has no
// organisation yet.
func (w *writeSide) beginWrite(c *call, org, scope uuid.UUID) (*writeRequest, error) {
	in := &writeRequest{call: c, org: org, id: es.NewID()}
	var err error
	if in.origin, err = w.origins.sealOrigin(c.ctx, org, c.actorOf(), c.IP()); err != nil {
		return nil, err
	}
	key := c.Get(headerIdempotency)
	if key == "" {
		return in, nil
	}
	in.keyed = true
	in.id = es.DeriveID(scope, headerIdempotency, key)
	in.fingerprint, err = w.fingerprintOf(c, c.raw)
	return in, err
}

// beginOwn begins a write in the caller's organisation.
func (w *writeSide) beginOwn(c *call) (*writeRequest, error) {
	return w.beginWrite(c, c.who.Org, c.who.Org)
}

// fingerprintOf tells requests under the same key apart, and reveals nothing of them.
func (w *writeSide) fingerprintOf(c *call, body []byte) (uint64, error) {
	owner := c.who.Org
	if c.who.Platform {
		owner = es.SystemOrg
	}
	h, err := w.vault.Hasher(c.ctx, owner)
	if err != nil {
		return 0, err
	}
	request := make([]byte, 0, len(body)+256)
	for _, part := range []string{c.Method(), c.Path(), string(c.Context().URI().QueryString()), c.Get(fiber.HeaderIfMatch)} {
		request = append(append(request, part...), 0)
	}
	return h.Fingerprint(append(request, body...)), nil
}

// newID is the id of something new: derived when the request may be repeated, so that the repeat names the same.
func (in *writeRequest) newID(what string) uuid.UUID {
	if in.keyed {
		return es.DeriveID(in.id, what)
	}
	return es.NewID()
}
