package session

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/identity"
)

// SignIn takes as long whether somebody has the address.
func (h *Handlers) SignIn(ctx context.Context, c *Call) error {
	var body gen.SignIn
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	email, err := normalize(body.Email)
	if err != nil {
		return err
	}
	who, err := h.checkPassword(ctx, c, email, body.Password)
	if err != nil {
		return err
	}
	if err = h.askSecondFactor(ctx, who, body.OrganizationID); err == nil {
		err = h.begin(ctx, c, who.ID, body.OrganizationID)
	}
	if errors.Is(err, identity.ErrNotFound) {
		return refuseField("organization_id", "you are no member of it")
	}
	return err
}

// checkPassword slows down who guesses.
func (h *Handlers) checkPassword(ctx context.Context, c *Call, email, password string) (identity.Person, error) {
	if err := h.cfg.Throttle.Check(ctx, email, c.IP()); err != nil {
		return identity.Person{}, err
	}
	who, err := h.cfg.People.Verify(ctx, email, password)
	switch {
	case errors.Is(err, identity.ErrUnauthenticated):
		return who, errors.Join(ErrSignIn, h.cfg.Throttle.Failed(ctx, email, c.IP()))
	case err != nil:
		return who, err
	}
	return who, h.cfg.Throttle.Succeeded(ctx, email, c.IP())
}

// Refresh renews a session by its cookie. A token that was used before ends the session, and the history of its organisation says so.
func (h *Handlers) Refresh(ctx context.Context, c *Call) error {
	g, err := h.cfg.Sessions.Refresh(ctx, c.Cookies(refreshCookie), c.device())
	if errors.Is(err, identity.ErrUnauthenticated) {
		clearCookies(c)
	}
	var replayed *identity.ReplayedError
	if errors.As(err, &replayed) && replayed.Org != uuid.Nil {
		if _, failed := h.submit(ctx, c, replayed.Org, replayed.Person, uuid.New(), commands.RecordSessionEnd{PersonID: replayed.Person, SessionID: replayed.Session, Reason: events.SessionReplayed}); failed != nil {
			return errors.Join(err, failed)
		}
	}
	if err != nil {
		return err
	}
	return h.answerGrant(c, g)
}

// SignOut ends the session that asks.
func (h *Handlers) SignOut(ctx context.Context, c *Call) error {
	if err := h.cfg.Sessions.End(ctx, c.Who.Person, c.Who.Session); err != nil && !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	clearCookies(c)
	c.Status(http.StatusNoContent)
	return nil
}

// SignOutEverywhere ends all sessions of the person.
func (h *Handlers) SignOutEverywhere(ctx context.Context, c *Call) error {
	if err := h.cfg.Sessions.EndAll(ctx, c.Who.Person, uuid.Nil); err != nil {
		return err
	}
	clearCookies(c)
	c.Status(http.StatusNoContent)
	return nil
}

// ListSessions shows the person's sessions.
func (h *Handlers) ListSessions(ctx context.Context, c *Call) error {
	list, err := h.cfg.Sessions.List(ctx, c.Who.Person)
	if err != nil {
		return err
	}
	out := gen.SessionPage{Data: []gen.Session{}}
	for _, s := range list {
		shown := gen.Session{ID: s.ID, Current: s.ID == c.Who.Session, CreatedAt: s.Created.UTC(), UsedAt: s.Used.UTC(), ExpiresAt: s.Expires.UTC(), Address: s.Address, UserAgent: s.UserAgent, Place: s.Place, Operator: s.Operator}
		if s.Org != nil {
			shown.OrganizationID = *s.Org
		}
		out.Data = append(out.Data, shown)
	}
	return c.Answer(http.StatusOK, out)
}

// EndSession ends one of the person's sessions.
func (h *Handlers) EndSession(ctx context.Context, c *Call) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return identity.ErrNotFound
	}
	if err := h.cfg.Sessions.End(ctx, c.Who.Person, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// SwitchOrganization gives a token for another organisation.
func (h *Handlers) SwitchOrganization(ctx context.Context, c *Call) error {
	var body gen.SwitchOrganization
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	g, err := h.cfg.Sessions.Switch(ctx, c.Who.Session, c.Who.Person, body.OrganizationID)
	if err != nil {
		return err
	}
	return h.answerGrant(c, g)
}

// LeaveOrganization ends the person's membership in the organisation that the session speaks for.
func (h *Handlers) LeaveOrganization(ctx context.Context, c *Call) error {
	if c.Who.Org == uuid.Nil {
		return identity.ErrNotFound
	}
	a, err := h.submit(ctx, c, c.Who.Org, c.Who.Person, uuid.New(), commands.LeaveOrganization{PersonID: c.Who.Person})
	if err != nil {
		return err
	}
	if err := h.cfg.Sessions.SetMembership(ctx, c.Who.Org, c.Who.Person, "", a.Oseq); err != nil {
		return err
	}
	clearCookies(c)
	c.Status(http.StatusNoContent)
	return nil
}
