package api

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

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
	asked, err := s.readIssue(c, org, body)
	if err != nil {
		return err
	}
	in, err := s.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	asked.ID = in.newID("api key")
	info, token, err := s.cfg.Keys.Issue(c.ctx, asked)
	repeated := errors.Is(err, identity.ErrExists)
	if err != nil && !repeated {
		return err
	}
	a, err := s.submitCommand(in, commands.IssueAPIKey{KeyID: asked.ID, PersonID: asked.Person, Name: body.Name, Scopes: body.Scopes, ExpiresAt: body.ExpiresAt, Networks: len(asked.Networks)})
	err = withToken(err, token)
	if p := (*problem)(nil); errors.As(err, &p) && !repeated {
		err = errors.Join(err, s.cfg.Keys.Revoke(c.ctx, org, asked.ID))
	}
	if err != nil {
		return err
	}
	out := apiKeyOf(identity.Info{ID: asked.ID, Org: org, Person: asked.Person, Name: body.Name, Prefix: info.Prefix, Scopes: asked.Scopes, Networks: asked.Networks, PerMinute: asked.PerMinute, Created: a.Time})
	out.ExpiresAt, out.Token = body.ExpiresAt, token
	return c.answerCreated(out, "/v1/api-keys/"+a.Subject, 0)
}

// withToken lets an answer that isn't decided yet carry the token, which can't be had again.
func withToken(err error, token string) error {
	var later *pendingCommand
	if errors.As(err, &later) {
		later.token = token
	}
	return err
}

// readIssue checks what is asked for: nobody gives what they don't have.
func (s *Server) readIssue(c *call, org uuid.UUID, body gen.APIKeyCreate) (i identity.Issue, err error) {
	i = identity.Issue{Org: org, Name: body.Name, PerMinute: body.RequestsPerMinute, Expires: body.ExpiresAt, Scopes: make([]identity.Scope, len(body.Scopes))}
	for n, text := range body.Scopes {
		i.Scopes[n] = identity.Scope(text)
		if !slices.Contains(identity.OrganizationScopes(), i.Scopes[n]) {
			return i, invalidProblem(gen.FieldError{Field: "scopes." + strconv.Itoa(n), Reason: "there is no scope " + strconv.Quote(text) + " for an organisation's key"})
		}
	}
	if err := checkGiveScopes(c.who, i.Scopes); err != nil {
		return i, err
	}
	if !body.ExpiresAt.IsZero() && !body.ExpiresAt.After(s.cfg.Now()) {
		return i, invalidProblem(gen.FieldError{Field: "expires_at", Reason: "is past"})
	}
	if body.Owner == gen.APIKeyOwnerPerson {
		if i.Person = personOf(c.who); i.Person == uuid.Nil {
			return i, invalidProblem(gen.FieldError{Field: "owner", Reason: "you are no person: sign in, or leave it out"})
		}
	}
	i.Networks, err = readNetworks(body.AllowedNetworks)
	return i, err
}

func checkGiveScopes(who identity.Principal, scopes []identity.Scope) error {
	for _, scope := range scopes {
		if !who.Platform && !who.Has(scope) {
			return forbiddenProblem("scope "+string(scope)+", which your key doesn't have and so can't give", scope)
		}
	}
	return nil
}

// personOf returns who asks, by themselves or by a key of theirs; zero = nobody in particular.
func personOf(who identity.Principal) uuid.UUID {
	if who.Person != uuid.Nil {
		return who.Person
	}
	return who.KeyOwner
}

// readNetworks reads networks in CIDR notation, and addresses, which are networks of one.
func readNetworks(texts []string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for i, text := range texts {
		n, ok := readNetwork(text)
		if !ok {
			return nil, invalidProblem(gen.FieldError{Field: "allowed_networks." + strconv.Itoa(i), Reason: "must be an address or a network, such as 192.0.2.0/24 or 2001:db8::/32"})
		}
		if !slices.Contains(networks, n) {
			networks = append(networks, n)
		}
	}
	return networks, nil
}

// readNetwork takes IPv4 that is written as IPv6 for IPv4, as addresses of callers are.
func readNetwork(text string) (netip.Prefix, bool) {
	n, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return n, false
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	if n.Addr().Is4In6() {
		if n.Bits() < 96 {
			return n, false
		}
		n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
	}
	return n.Masked(), true
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
		out.Data[i] = apiKeyOf(k)
	}
	return c.answerJSON(200, out)
}

func apiKeyOf(k identity.Info) gen.APIKey {
	out := gen.APIKey{ID: k.ID, OrganizationID: k.Org, Owner: ownerOf(k.Person), PersonID: k.Person, Name: k.Name, Prefix: k.Prefix, Scopes: []string{}, CreatedAt: k.Created, ExpiresAt: valueOrZero(k.Expires),
		RevokedAt: valueOrZero(k.Revoked), LastUsedAt: valueOrZero(k.LastUsed), LastUsedAddress: k.UsedFrom, AllowedNetworks: networkTexts(k.Networks), RequestsPerMinute: k.PerMinute, RotatedAt: valueOrZero(k.Rotated), OldTokenUntil: valueOrZero(k.OldUntil)}
	for _, x := range k.Scopes {
		out.Scopes = append(out.Scopes, string(x))
	}
	return out
}

func ownerOf(person uuid.UUID) gen.APIKeyOwner {
	if person != uuid.Nil {
		return gen.APIKeyOwnerPerson
	}
	return gen.APIKeyOwnerOrganization
}

func networkTexts(networks []netip.Prefix) (texts []string) {
	for _, n := range networks {
		texts = append(texts, n.String())
	}
	return texts
}

// rotateAPIKey stores the hash of the new secret first, like createAPIKey. Who rotates a key has it afterwards: so nobody rotates one that may
// more than they may, or that is somebody else's.
func (s *Server) rotateAPIKey(c *call, id uuid.UUID, body gen.APIKeyRotate) error {
	org, err := c.queryOrganization()
	if err != nil {
		return err
	}
	info, err := s.cfg.Keys.Find(c.ctx, org, id)
	if err != nil {
		return err
	}
	if err := checkGiveScopes(c.who, info.Scopes); err != nil {
		return err
	}
	if info.Person != uuid.Nil && info.Person != personOf(c.who) {
		return newProblem(codeForbidden, "the key is a person's own: only they can rotate it")
	}
	if info.Revoked != nil {
		return newProblem(commands.CodeWrongStatus, "it is revoked")
	}
	in, err := s.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	rotation, until := in.newID("rotation"), s.cfg.Now().Add(time.Duration(body.OverlapMinutes)*time.Minute).UTC().Truncate(time.Microsecond)
	token, err := s.cfg.Keys.Rotate(c.ctx, org, id, rotation, until)
	if err != nil {
		return err
	}
	_, err = s.submitCommand(in, commands.RotateAPIKey{KeyID: id, RotationID: rotation, OldUntil: until})
	err = withToken(err, token)
	if p := (*problem)(nil); errors.As(err, &p) && token != "" {
		err = errors.Join(err, s.cfg.Keys.UndoRotation(c.ctx, id, rotation))
	}
	if err != nil {
		return err
	}
	if info, err = s.cfg.Keys.Find(c.ctx, org, id); err != nil {
		return err
	}
	out := apiKeyOf(info)
	out.Token = token
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
