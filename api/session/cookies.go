package session

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
)

// Names of cookies, and of the header that a browser sends beside them.
const (
	AccessCookie  = "outrider_access"
	refreshCookie = "outrider_refresh"
	csrfCookie    = "outrider_csrf" // which scripts read, to send what is in it
	HeaderCSRF    = "X-CSRF-Token"
)

// answerGrant signs in: by cookies for browsers, by what is answered for others. The token that renews is in its cookie only.
func (h *Handlers) answerGrant(c *Call, g identity.Grant) error {
	setGrantCookies(c, g)
	return c.Answer(http.StatusOK, gen.SignedIn{AccessToken: g.Token, ExpiresAt: g.Expires.UTC(), CsrfToken: g.CSRF, SessionID: g.Session, PersonID: g.Person, OrganizationID: g.Org, Role: gen.Role(g.Role)})
}

func setGrantCookies(c *Call, g identity.Grant) {
	if g.Refresh != "" {
		setCookie(c, refreshCookie, g.Refresh, "/v1/auth", g.RefreshExpires, true)
	}
	setCookie(c, AccessCookie, g.Token, "/", g.Expires, true)
	setCookie(c, csrfCookie, g.CSRF, "/", g.Expires, false)
}

func setCookie(c *Call, name, value, path string, expires time.Time, hidden bool) {
	c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: path, Expires: expires, Secure: true, HTTPOnly: hidden, SameSite: fiber.CookieSameSiteStrictMode})
}

func clearCookies(c *Call) {
	past := time.Unix(1, 0)
	setCookie(c, refreshCookie, "", "/v1/auth", past, true)
	setCookie(c, AccessCookie, "", "/", past, true)
	setCookie(c, csrfCookie, "", "/", past, false)
}

// begin begins a session for an organisation; the zero value means the first of the person's, or none when there is none.
func (h *Handlers) begin(ctx context.Context, c *Call, person, org uuid.UUID) error {
	g, err := h.grant(ctx, c, person, org)
	if err != nil {
		return err
	}
	return h.answerGrant(c, g)
}

func (h *Handlers) grant(ctx context.Context, c *Call, person, org uuid.UUID) (identity.Grant, error) {
	if org == uuid.Nil {
		list, err := h.cfg.Sessions.Memberships(ctx, person)
		if err != nil {
			return identity.Grant{}, err
		}
		if len(list) > 0 {
			org = list[0].Org
		}
	}
	return h.cfg.Sessions.Begin(ctx, person, org, c.device())
}
