package api

import (
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
)

// deleteOrganization stops everything that an organisation does. It can be restored for a while.
func (s *Server) deleteOrganization(c *call) error {
	id, err := c.pathOrganization()
	if err != nil {
		return err
	}
	in, err := s.beginWrite(c, id, scopeOf(c, id))
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.DeleteOrganization{})
	if err != nil {
		return err
	}
	if a.Outcome == es.Accepted { // at once here; a reactor does the same for whoever dies before
		if err := s.setAccess(c, id, identity.AccessNone, a); err != nil {
			return err
		}
	}
	return c.answerNothing()
}

// setAccess lets what the log says hold for keys and sessions in this process at once.
func (s *Server) setAccess(c *call, org uuid.UUID, access identity.OrganisationAccess, a es.Answer) error {
	if err := s.cfg.Keys.SetAccess(c.ctx, org, access, a.Oseq); err != nil {
		return err
	}
	if s.cfg.SignIn != nil {
		s.cfg.SignIn.Sessions.Reread(org)
	}
	return nil
}

// restoreOrganization takes a deletion back. Nobody is signed in to the organisation then, so a person says which one they mean.
func (s *Server) restoreOrganization(c *call, id uuid.UUID) error {
	if !c.who.Platform {
		role, err := s.cfg.SignIn.Sessions.RoleOf(c.ctx, c.who.Person, id)
		if err != nil {
			return err
		}
		if role != identity.RoleOwner {
			return notFoundProblem()
		}
	}
	in, err := s.beginWrite(c, id, scopeOf(c, id))
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.RestoreOrganization{})
	if err != nil {
		return err
	}
	return s.showAfterChange(c, "organizations", a, func() error {
		out, err := s.loadOrganization(c, id)
		if err != nil {
			return err
		}
		if a.Outcome == es.Accepted {
			if err := s.setAccess(c, id, identity.AccessWith(string(out.Status)), a); err != nil {
				return err
			}
		}
		return c.answerVersioned(out, out.Version)
	})
}
