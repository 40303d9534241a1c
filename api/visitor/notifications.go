package visitor

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"

	"outrider/internal/linktoken"
	"outrider/projections"
)

// ShowNotifications asks whether mails of notifications should end. Filters follow links, so asking changes nothing.
func (h *Handlers) ShowNotifications(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Notifications)
	if err != nil {
		return err
	}
	if err := h.limitUse(t, linktoken.Notifications, false); err != nil {
		return err
	}
	return h.showPage(c.Ctx, http.StatusOK, "notifications", struct{ Organization string }{h.nameOf(ctx, t)})
}

// StopNotifications ends mails of notifications to a person, a mail program's one click (RFC 8058) or our own page's button. Whoever asks twice is told so twice.
func (h *Handlers) StopNotifications(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Notifications)
	if err != nil {
		return err
	}
	if err := h.limitUse(t, linktoken.Notifications, true); err != nil {
		return err
	}
	if h.cfg.StopNotifications == nil {
		return ErrInvalidLink
	}
	if err := h.cfg.StopNotifications(ctx, t.Message, t.Org); err != nil {
		return err
	}
	return h.showPage(c.Ctx, http.StatusOK, "message", message{"No more of these mails", "You are told in the dashboard only from now on. In its settings, under Notifications, you choose again."})
}

// nameOf returns what the organisation of a link is called, as far as it is known.
func (h *Handlers) nameOf(ctx context.Context, t linktoken.Token) string {
	name := "this organisation"
	_ = h.cfg.ReadInOrg(ctx, t.Org, func(tx pgx.Tx) error { // the page is as good without it
		o, err := projections.GetOrganization(ctx, tx, t.Org)
		if err == nil {
			name = o.Name
		}
		return err
	})
	return name
}
