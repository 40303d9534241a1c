package session

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed page.html
var page string

// dashboardPage is where the dashboard does what a mailed link is for. Browsers keep what stands after the # of a link over a redirect
// (RFC 9110, section 10.2.2).
func dashboardPage(link string) string {
	switch link {
	case "/auth/verify-email":
		return "/verify"
	case "/auth/reset-password":
		return "/reset"
	default:
		return "/invite"
	}
}

// ShowPage is where mailed links lead: to the dashboard, or, where none was built, to one page that asks for what the path says. Nothing
// changes until its button is pressed, and the token stands after the #, so that no log sees it.
func (h *Handlers) ShowPage(_ context.Context, c *Call) error {
	if h.cfg.Dashboard {
		return c.Redirect(dashboardPage(c.Path()), http.StatusSeeOther)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, h.pagePolicy)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.SendString(page)
}

// makePagePolicy returns the page's content security policy.
func makePagePolicy() string {
	return "default-src 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; script-src '" + hashOf("script") + "'; style-src '" + hashOf("style") + "'"
}

// hashOf is the hash of the page's only element of a kind, as a content security policy names it.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(page, "<"+element+">")
	content, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
