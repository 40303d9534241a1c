package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
)

// reserveSlug holds a slug for an organisation, or says why it can't have it.
func (w *slugSide) reserveSlug(c *call, slug string, org uuid.UUID) error {
	switch err := w.slugs.Reserve(c.ctx, slug, org); {
	case errors.Is(err, identity.ErrSlugTaken):
		p := newProblem(commands.CodeAlreadyExists, "the slug is taken")
		p.Errors = []gen.FieldError{{Field: "slug", Reason: "is taken"}}
		return p
	case errors.Is(err, identity.ErrSlug):
		return invalidProblem(gen.FieldError{Field: "slug", Reason: err.Error()})
	default:
		return err
	}
}

// slugSide is what handlers that give slugs stand on.
type slugSide struct {
	*writeSide
	slugs *identity.Slugs
}

// changeSlug reserves the slug first, as creating an organisation does; the one before leads to it for a while.
func (w *slugSide) changeSlug(c *call, in *writeRequest, slug string) (es.Answer, error) {
	before, err := w.slugs.Of(c.ctx, in.org)
	if err != nil {
		return es.Answer{}, err
	}
	if before == slug {
		return w.submitPart(in, "slug", commands.ChangeSlug{Slug: slug})
	}
	if err := w.reserveSlug(c, slug, in.org); err != nil {
		return es.Answer{}, err
	}
	a, err := w.submitPart(in, "slug", commands.ChangeSlug{Slug: slug})
	if p := (*problem)(nil); errors.As(err, &p) {
		err = errors.Join(err, w.slugs.Release(c.ctx, slug, in.org))
	}
	if err != nil {
		return a, err
	}
	return a, w.slugs.Rename(c.ctx, before, slug, in.org) // a reactor does the same for whoever dies before
}

// findBySlug shows an organisation of the caller by its slug. One that it had before redirects, for thirty days.
func (m *memberHandlers) findBySlug(c *call) error {
	asked := c.Params("name")
	now, err := m.slugs.Resolve(c.ctx, asked)
	if err != nil {
		return err
	}
	role, err := m.roleFor(c, now.Org)
	if err != nil {
		return err
	}
	if now.Slug != asked {
		c.Set(fiber.HeaderLocation, "/v1/organizations/by-slug/"+now.Slug)
		c.Status(http.StatusPermanentRedirect)
		return nil
	}
	out, err := m.ownOrganization(c, now.Org, string(role))
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// roleFor returns what the caller is in an organisation, "" for keys; an organisation that isn't theirs there isn't.
func (m *memberHandlers) roleFor(c *call, org uuid.UUID) (role identity.Role, err error) {
	switch {
	case c.who.Platform, c.who.Org == org:
		return c.who.Role, nil
	case c.who.Person == uuid.Nil, c.who.Operator != uuid.Nil:
		return "", notFoundProblem()
	}
	role, err = m.signIn.Sessions.RoleOf(c.ctx, c.who.Person, org)
	if err == nil && role == "" {
		err = notFoundProblem()
	}
	return role, err
}
