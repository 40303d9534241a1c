package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/session"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/internal/oidc"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// ExternalSignIn is what people sign in by who are known elsewhere.
type ExternalSignIn struct {
	Providers  *oidc.Providers
	Identities *identity.ExternalIdentities
	Links      *identity.IdentityLinks
	SignIns    *identity.OIDCSignIns
}

func (x ExternalSignIn) newSession(r *readSide, logger *slog.Logger) session.External {
	return session.External{Providers: x.Providers, Identities: x.Identities, Links: x.Links, SignIns: x.SignIns, Logger: logger,
		Joining: func(ctx context.Context, org, link uuid.UUID) (role string, domains []string, err error) {
			err = postgres.InOrg(ctx, r.pool, org, func(tx pgx.Tx) error {
				row, err := projections.GetIdentityLink(ctx, tx, org, link)
				if errors.Is(err, pgx.ErrNoRows) {
					return nil
				}
				if err == nil {
					role, err = row.Role, json.Unmarshal(row.Domains, &domains)
				}
				return err
			})
			return role, domains, err
		}}
}

// identityLinkHandlers answer about links to organisations of identity providers.
type identityLinkHandlers struct {
	*readSide
	*writeSide
	members  *memberHandlers
	external ExternalSignIn
}

func forIdentityLinks(handle func(*identityLinkHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.SignIn == nil {
			return notFoundProblem()
		}
		return handle(&identityLinkHandlers{s.readSide, s.writeSide, s.members, s.cfg.SignIn.External}, c)
	}
}

func identityLinkOf(row *projections.IdentityLink) (gen.IdentityLink, error) {
	out := gen.IdentityLink{ID: row.LinkID, Provider: row.Provider, ExternalID: row.ExternalID, LinkedAt: row.LinkedAt, Joining: gen.IdentityJoining{Role: row.Role}}
	if err := json.Unmarshal(row.Domains, &out.Joining.Domains); err != nil {
		return out, fmt.Errorf("read domains: %w", err)
	}
	return out, nil
}

// linkProvider reserves the link first: the log can't know those of other organisations.
func (h *identityLinkHandlers) linkProvider(c *call, body gen.IdentityLinkCreate) error {
	org, err := c.keysOf(body.OrganizationID)
	if err != nil {
		return err
	}
	if err := h.checkOwned(c, body); err != nil {
		return err
	}
	in, err := h.beginWrite(c, org, scopeOf(c, org))
	if err != nil {
		return err
	}
	switch err := h.external.Links.Reserve(c.ctx, body.Provider, body.ExternalID, org); {
	case errors.Is(err, identity.ErrLinkTaken):
		return newProblem(commands.CodeAlreadyExists, identity.ErrLinkTaken.Error())
	case err != nil:
		return err
	}
	link := identity.IdentityLinkID(body.Provider, body.ExternalID)
	a, err := h.submitCommand(in, commands.LinkIdentityProvider{LinkID: link, Provider: body.Provider, ExternalID: body.ExternalID})
	if p := (*problem)(nil); errors.As(err, &p) {
		err = errors.Join(err, h.external.Links.Release(c.ctx, link, org))
	}
	if err != nil {
		return err
	}
	if err := h.external.Links.Set(c.ctx, org, link, true, a.Oseq); err != nil {
		return err
	}
	return c.answerCreated(gen.IdentityLink{ID: link, Provider: body.Provider, ExternalID: body.ExternalID, LinkedAt: a.Time, Joining: gen.IdentityJoining{Domains: []string{}}}, "/v1/identity-links/"+link.String(), 0)
}

// checkOwned wants to see that who links an organisation of a provider belongs to it: its members would else work here for somebody else.
func (h *identityLinkHandlers) checkOwned(c *call, body gen.IdentityLinkCreate) error {
	provider := h.external.Providers.Named(body.Provider)
	switch {
	case provider == nil:
		return invalidProblem(gen.FieldError{Field: "provider", Reason: "there is no such identity provider in this installation"})
	case c.who.Platform:
		return nil
	case body.Token == "" || !provider.TakesTokens():
		return invalidProblem(gen.FieldError{Field: "token", Reason: "must be a token of the provider that names the organisation, or the operator links it with a platform key"})
	}
	claims, err := provider.Verify(c.ctx, body.Token)
	if errors.Is(err, identity.ErrUnauthenticated) {
		return invalidProblem(gen.FieldError{Field: "token", Reason: "is not valid"})
	}
	if err != nil {
		return err
	}
	if claims.Organization != body.ExternalID {
		return invalidProblem(gen.FieldError{Field: "token", Reason: "names another organisation, or none"})
	}
	return nil
}

func (h *identityLinkHandlers) listLinks(c *call) error {
	out := gen.IdentityLinkList{Data: []gen.IdentityLink{}}
	var rows []*projections.IdentityLink
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ListIdentityLinks(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	for _, row := range rows {
		link, err := identityLinkOf(row)
		if err != nil {
			return err
		}
		out.Data = append(out.Data, link)
	}
	return c.answerJSON(200, out)
}

func (h *identityLinkHandlers) loadLink(c *call, id uuid.UUID) (out gen.IdentityLink, err error) {
	var row *projections.IdentityLink
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetIdentityLink(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return out, err
	}
	return identityLinkOf(row)
}

func (h *identityLinkHandlers) unlinkProvider(c *call, id uuid.UUID) error {
	a, err := h.submitOwn(c, commands.UnlinkIdentityProvider{LinkID: id})
	if err != nil {
		return err
	}
	if err := h.external.Links.Set(c.ctx, c.who.Org, id, false, a.Oseq); err != nil {
		return err
	}
	return c.answerNothing()
}

func (h *identityLinkHandlers) setJoining(c *call, id uuid.UUID, body gen.IdentityJoining) error {
	if _, err := h.loadLink(c, id); err != nil {
		return err
	}
	if body.Role != "" {
		if err := h.members.checkGive(c, identity.Role(body.Role)); err != nil {
			return err
		}
	}
	cmd := commands.SetIdentityJoining{LinkID: id, Role: body.Role}
	hasher, err := h.vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	for i, typed := range body.Domains {
		domain, err := pii.NormalizeDomain(typed)
		if err != nil {
			return invalidProblem(gen.FieldError{Field: "domains." + strconv.Itoa(i), Reason: err.Error()})
		}
		cmd.Domains = append(cmd.Domains, events.JoiningDomain{Name: domain, Hash: hasher.DomainHash(domain).String()})
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "identity_links", a, func() error {
		out, err := h.loadLink(c, id)
		if err != nil {
			return err
		}
		return c.answerJSON(200, out)
	})
}
