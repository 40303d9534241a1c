package api

import (
	"errors"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
)

// createAPIKey stores the key's hash first; the log gets the fact alone. A key that the domain refuses is revoked.
func (s *Server) createAPIKey(c *call, body gen.APIKeyCreate) error {
	org, err := c.keysOf(body.OrganizationID)
	if err != nil {
		return err
	}
	scopes := make([]identity.Scope, len(body.Scopes))
	for i, text := range body.Scopes {
		scopes[i] = identity.Scope(text)
		if !slices.Contains(identity.OrganizationScopes(), scopes[i]) {
			return invalidProblem(gen.FieldError{Field: "scopes", Reason: "there is no scope " + strconv.Quote(text) + " for an organisation's key"})
		}
		if !c.who.Platform && !c.who.Has(scopes[i]) {
			return forbiddenProblem("scope "+text+", which your key doesn't have and so can't give", scopes[i])
		}
	}
	if !body.ExpiresAt.IsZero() && !body.ExpiresAt.After(s.cfg.Now()) {
		return invalidProblem(gen.FieldError{Field: "expires_at", Reason: "is past"})
	}
	in, err := s.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	out := gen.APIKey{ID: in.newID("api key"), OrganizationID: org, Name: body.Name, Scopes: body.Scopes, ExpiresAt: body.ExpiresAt}
	info, token, err := s.cfg.Keys.Issue(c.ctx, identity.Issue{ID: out.ID, Org: org, Name: body.Name, Scopes: scopes, Expires: body.ExpiresAt})
	repeated := errors.Is(err, identity.ErrExists)
	if err != nil && !repeated {
		return err
	}
	out.Token, out.Prefix = token, info.Prefix
	a, err := s.submitCommand(in, commands.IssueAPIKey{KeyID: out.ID, Name: body.Name, Scopes: body.Scopes, ExpiresAt: body.ExpiresAt})
	var later *pendingCommand
	if errors.As(err, &later) {
		later.token = token
	}
	if p := (*problem)(nil); errors.As(err, &p) && !repeated {
		err = errors.Join(err, s.cfg.Keys.Revoke(c.ctx, org, out.ID))
	}
	if err != nil {
		return err
	}
	out.CreatedAt = a.Time
	return c.answerCreated(out, "/v1/api-keys/"+a.Subject, 0)
}

// keysOf returns the organisation whose keys are meant: a platform key names it.
func (c *call) keysOf(named uuid.UUID) (uuid.UUID, error) {
	switch {
	case !c.who.Platform && (named != uuid.Nil && named != c.who.Org || c.who.Org == uuid.Nil):
		return uuid.Nil, notFoundProblem()
	case !c.who.Platform:
		return c.who.Org, nil
	case named == uuid.Nil || named == es.SystemOrg:
		return uuid.Nil, invalidProblem(gen.FieldError{Field: "organization_id", Reason: "must name the organisation, with a platform key"})
	}
	return named, nil
}

func (c *call) queryOrganization() (uuid.UUID, error) {
	named, _ := uuid.Parse(c.textParam("organization_id")) // checked; absent = nil
	return c.keysOf(named)
}

func (s *Server) listAPIKeys(c *call) error {
	org, err := c.queryOrganization()
	if err != nil {
		return err
	}
	list, err := s.cfg.Keys.List(c.ctx, org)
	if err != nil {
		return err
	}
	out := gen.APIKeyPage{Data: make([]gen.APIKey, len(list))}
	for i, k := range list {
		scopes := make([]string, len(k.Scopes))
		for j, x := range k.Scopes {
			scopes[j] = string(x)
		}
		out.Data[i] = gen.APIKey{ID: k.ID, OrganizationID: org, Name: k.Name, Prefix: k.Prefix, Scopes: scopes, CreatedAt: k.Created, ExpiresAt: valueOrZero(k.Expires), RevokedAt: valueOrZero(k.Revoked),
			LastUsedAt: valueOrZero(k.LastUsed)}
	}
	return c.answerJSON(200, out)
}

// revokeAPIKey ends the key itself first: it must die even when the log can't be written.
func (s *Server) revokeAPIKey(c *call, id uuid.UUID) error {
	org, err := c.queryOrganization()
	if err != nil {
		return err
	}
	in, err := s.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	if err := s.cfg.Keys.Revoke(c.ctx, org, id); err != nil {
		return err
	}
	if _, err := s.submitCommand(in, commands.RevokeAPIKey{KeyID: id}); err != nil {
		return err
	}
	return c.answerNothing()
}
