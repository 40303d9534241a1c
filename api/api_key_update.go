package api

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/identity"
)

// updateAPIKey changes from where, and how often, a key may be used. The rules are those of rotateAPIKey. Who narrows a key takes nothing back by a
// repeat; what the log refuses is put back.
func updateAPIKey(s *Server, c *call, id uuid.UUID, body gen.APIKeyPatch) error {
	org, err := c.queryOrganization()
	if err != nil {
		return err
	}
	info, err := s.findOwnKey(c, org, id)
	if err != nil {
		return err
	}
	object, _ := c.json.(map[string]any)
	before := identity.KeyBounds{Networks: info.Networks, PerMinute: info.PerMinute}
	bounds := before
	if _, given := object["allowed_networks"]; given {
		if bounds.Networks, err = readNetworks(body.AllowedNetworks); err != nil {
			return err
		}
	}
	if _, given := object["requests_per_minute"]; given {
		bounds.PerMinute = body.RequestsPerMinute // null = 0 = no limit of its own
	}
	in, err := s.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	if err := s.cfg.Keys.SetBounds(c.ctx, org, id, bounds); err != nil {
		return err
	}
	_, err = s.submitCommand(in, commands.ChangeAPIKeyNetworks{KeyID: id, ChangeID: in.newID("networks"), Networks: len(bounds.Networks)})
	if p := (*problem)(nil); errors.As(err, &p) {
		err = errors.Join(err, s.cfg.Keys.SetBounds(c.ctx, org, id, before))
	}
	if err != nil {
		return err
	}
	if info, err = s.cfg.Keys.Find(c.ctx, org, id); err != nil {
		return err
	}
	return c.answerJSON(200, apiKeyOf(info))
}

// findOwnKey returns a key that the caller may change: one that may no more than they may, isn't somebody else's, and isn't revoked.
func (s *Server) findOwnKey(c *call, org, id uuid.UUID) (identity.Info, error) {
	info, err := s.cfg.Keys.Find(c.ctx, org, id)
	switch {
	case err != nil:
		return info, err
	case info.Person != uuid.Nil && info.Person != personOf(c.who):
		return info, newProblem(codeForbidden, "the key is a person's own: only they can change it")
	case info.Revoked != nil:
		return info, newProblem(commands.CodeWrongStatus, "it is revoked")
	}
	return info, checkGiveScopes(c.who, info.Scopes)
}

// rotatePlatformKey gives a platform key another secret; no history has it, the log of requests does.
func rotatePlatformKey(s *Server, c *call, id uuid.UUID, body gen.APIKeyRotate) error {
	token, err := s.cfg.Keys.Rotate(c.ctx, uuid.Nil, id, uuid.New(), s.cfg.Now().Add(time.Duration(body.OverlapMinutes)*time.Minute))
	if err != nil {
		return err
	}
	info, err := s.cfg.Keys.Find(c.ctx, uuid.Nil, id)
	if err != nil {
		return err
	}
	s.cfg.Logger.Info("rotated a platform key", "key", id, "by", c.who.KeyID)
	out := platformKeyOf(info)
	out.Token = token
	return c.answerJSON(200, out)
}
