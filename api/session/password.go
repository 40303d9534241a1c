package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
)

const resetTime = time.Hour

// ForgotPassword answers the same, after the same work, whether somebody has the address.
func (h *Handlers) ForgotPassword(ctx context.Context, c *Call) error {
	var body gen.ForgotPassword
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.CanMail(); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	email, err := normalize(body.Email)
	if err != nil {
		return err
	}
	kind, about := identity.LinkReset, email
	switch who, err := h.cfg.People.ByEmail(ctx, email); {
	case errors.Is(err, identity.ErrNotFound):
		kind = identity.LinkDecoy
	case err != nil:
		return err
	default:
		about = who.ID.String()
	}
	token, err := h.cfg.Links.Issue(ctx, kind, about, struct{}{}, resetTime)
	if err != nil {
		return err
	}
	if kind == identity.LinkReset {
		h.send(email, mailReset(h.link("reset-password", token)))
	}
	c.Status(http.StatusAccepted)
	return nil
}

// ResetPassword sets a password by a mailed link, and ends all sessions: whoever had the old one has nothing any more.
func (h *Handlers) ResetPassword(ctx context.Context, c *Call) error {
	var body gen.ResetPassword
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	link, err := h.cfg.Links.Find(ctx, identity.LinkReset, body.Token)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(link.About)
	if err != nil {
		return identity.ErrLink
	}
	who, err := h.cfg.People.ByID(ctx, id)
	if errors.Is(err, identity.ErrNotFound) {
		return identity.ErrLink
	}
	if err != nil {
		return err
	}
	if err := h.setPassword(ctx, who, body.Password, "password", func() error { return h.cfg.Links.Use(ctx, link.ID) }); err != nil {
		return err
	}
	if err := h.cfg.Sessions.EndAll(ctx, who.ID, uuid.Nil); err != nil {
		return err
	}
	if err := h.cfg.Throttle.Succeeded(ctx, who.Email, c.IP()); err != nil {
		return err
	}
	h.send(who.Email, mailPasswordChanged())
	c.Status(http.StatusNoContent)
	return nil
}

// ChangePassword ends the person's other sessions.
func (h *Handlers) ChangePassword(ctx context.Context, c *Call) error {
	var body gen.ChangePassword
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	who, err := h.confirmPassword(ctx, c, body.Password)
	if err != nil {
		return err
	}
	if err := h.setPassword(ctx, who, body.NewPassword, "new_password", func() error { return nil }); err != nil {
		return err
	}
	if err := h.cfg.Sessions.EndAll(ctx, who.ID, c.Who.Session); err != nil {
		return err
	}
	h.send(who.Email, mailPasswordChanged())
	c.Status(http.StatusNoContent)
	return nil
}

// confirmPassword wants the password of who has signed in once more.
func (h *Handlers) confirmPassword(ctx context.Context, c *Call, password string) (identity.Person, error) {
	who, err := h.cfg.People.ByID(ctx, c.Who.Person)
	if err != nil {
		return who, err
	}
	_, err = h.checkPassword(ctx, c, who.Email, password)
	if errors.Is(err, ErrSignIn) {
		err = refuseField("password", "is wrong")
	}
	return who, err
}

// ConfirmPassword wants the password of who has signed in once more, before what can't be taken back.
func (h *Handlers) ConfirmPassword(ctx context.Context, c *Call, password string) error {
	_, err := h.confirmPassword(ctx, c, password)
	return err
}

// setPassword calls use before anything changes.
func (h *Handlers) setPassword(ctx context.Context, who identity.Person, password, field string, use func() error) error {
	if err := identity.CheckPassword(password, who.Email); err != nil {
		return refuseField(field, err.Error())
	}
	hash, err := h.cfg.People.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	if err := use(); err != nil {
		return err
	}
	return h.cfg.People.SetPassword(ctx, who.ID, hash)
}
