package api

import (
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
)

// createPlatformKey issues a key for somebody who runs the platform. It is no organisation's, so no history has it; the log of requests does.
func (s *Server) createPlatformKey(c *call, body gen.PlatformKeyCreate) error {
	if !body.ExpiresAt.IsZero() && !body.ExpiresAt.After(s.cfg.Now()) {
		return invalidProblem(gen.FieldError{Field: "expires_at", Reason: "is past"})
	}
	networks, err := readNetworks(body.AllowedNetworks)
	if err != nil {
		return err
	}
	info, token, err := s.cfg.Keys.Issue(c.ctx, identity.Issue{Name: body.Name, Scopes: identity.PlatformScopes(), Expires: body.ExpiresAt, Networks: networks})
	if err != nil {
		return err
	}
	out := platformKeyOf(info)
	out.Token = token
	s.cfg.Logger.Info("issued a platform key", "key", info.ID, "name", info.Name, "by", c.who.KeyID)
	return c.answerCreated(out, "/v1/platform-keys/"+info.ID.String(), 0)
}

func (s *Server) listPlatformKeys(c *call) error {
	list, err := s.cfg.Keys.List(c.ctx, uuid.Nil)
	if err != nil {
		return err
	}
	out := gen.PlatformKeyPage{Data: make([]gen.PlatformKey, len(list))}
	for i, k := range list {
		out.Data[i] = platformKeyOf(k)
	}
	return c.answerJSON(200, out)
}

func (s *Server) revokePlatformKey(c *call, id uuid.UUID) error {
	if err := s.cfg.Keys.Revoke(c.ctx, uuid.Nil, id); err != nil {
		return err
	}
	s.cfg.Logger.Info("revoked a platform key", "key", id, "by", c.who.KeyID)
	return c.answerNothing()
}

func platformKeyOf(k identity.Info) gen.PlatformKey {
	return gen.PlatformKey{ID: k.ID, Name: k.Name, Prefix: k.Prefix, CreatedAt: k.Created, ExpiresAt: valueOrZero(k.Expires), RevokedAt: valueOrZero(k.Revoked), LastUsedAt: valueOrZero(k.LastUsed),
		LastUsedAddress: k.UsedFrom, AllowedNetworks: networkTexts(k.Networks)}
}
