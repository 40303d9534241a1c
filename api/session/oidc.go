package session

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/oidc"
	"outrider/internal/pii"
)

const oidcPath = "/v1/auth/oidc/"

// ListProviders names where people can sign in besides here.
func (h *Handlers) ListProviders(_ context.Context, c *Call) error {
	out := gen.IdentityProviderList{Data: []gen.IdentityProvider{}}
	for _, name := range h.cfg.External.Providers.SignIn() {
		out.Data = append(out.Data, gen.IdentityProvider{Name: name, SignInURL: h.cfg.BaseURL + oidcPath + name + "/start"})
	}
	return c.Answer(http.StatusOK, out)
}

// StartOIDC sends a browser to a provider, to sign in there. What comes back is bound to the browser by a cookie.
func (h *Handlers) StartOIDC(ctx context.Context, c *Call) error {
	p := h.signInProvider(c)
	if p == nil {
		return showPage(c, http.StatusNotFound, "Nobody signs in here", "There is no such identity provider.", "")
	}
	to := c.Query("return_to")
	if to != "" && !isLocalPath(to) {
		return showPage(c, http.StatusBadRequest, "That doesn't work", "return_to must be a path of this site.", "")
	}
	if err := h.limitTries(ctx, c); err != nil {
		return h.showFailure(c, err)
	}
	at, a, err := p.Begin(ctx, h.callbackOf(p))
	if err != nil {
		return h.showFailure(c, err)
	}
	browser := rand.Text()
	if err := h.cfg.External.SignIns.Begin(ctx, a.State, browser, identity.OIDCSignIn{Provider: p.Name, Nonce: a.Nonce, Verifier: a.Verifier, ReturnTo: to}); err != nil {
		return err
	}
	// Lax, as the provider's site sends the browser back.
	c.Cookie(&fiber.Cookie{Name: stateCookie(a.State), Value: browser, Path: oidcPath + p.Name + "/callback", Expires: time.Now().Add(identity.OIDCSignInTime), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	return c.Redirect(at, http.StatusSeeOther)
}

// signInProvider is nil for names that aren't one's, and for HEAD, which must not use anything up.
func (h *Handlers) signInProvider(c *Call) *oidc.Provider {
	p := h.cfg.External.Providers.Named(c.Params("name"))
	if p == nil || p.ClientID == "" || c.Method() != http.MethodGet {
		return nil
	}
	return p
}

func (h *Handlers) callbackOf(p *oidc.Provider) string {
	return h.cfg.BaseURL + oidcPath + p.Name + "/callback"
}

// stateCookie is a name of its own for each sign-in, so that two tabs don't disturb each other.
func stateCookie(state string) string { return "outrider_oidc_" + state[:min(len(state), 8)] }

// FinishOIDC takes a browser back from the provider, and signs it in as with a password.
func (h *Handlers) FinishOIDC(ctx context.Context, c *Call) error {
	p, state := h.signInProvider(c), c.Query("state")
	if p == nil {
		return showPage(c, http.StatusNotFound, "Nobody signs in here", "There is no such identity provider.", "")
	}
	if len(state) > 100 || strings.ContainsFunc(state, notInToken) {
		return h.showFailure(c, identity.ErrSignInGone)
	}
	in, err := h.cfg.External.SignIns.Take(ctx, p.Name, state, c.Cookies(stateCookie(state)))
	if err != nil {
		return h.showFailure(c, err)
	}
	c.Cookie(&fiber.Cookie{Name: stateCookie(state), Path: oidcPath + p.Name + "/callback", Expires: time.Unix(1, 0), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	switch issuer := c.Query("iss"); {
	case issuer != "" && issuer != p.Issuer: // RFC 9207: it was another provider
		return h.showFailure(c, identity.ErrSignInGone)
	case c.Query("error") != "" || c.Query("code") == "":
		return h.showFailure(c, oidc.ErrRefused)
	}
	claims, err := p.Finish(ctx, h.callbackOf(p), c.Query("code"), oidc.Attempt{State: state, Nonce: in.Nonce, Verifier: in.Verifier})
	if err != nil {
		return h.showFailure(c, err)
	}
	person, org, err := h.comeIn(ctx, c, claims)
	if err != nil {
		return h.showFailure(c, err)
	}
	g, err := h.grant(ctx, c, person, org)
	if err != nil {
		return h.showFailure(c, err)
	}
	setGrantCookies(c, g)
	return showPage(c, http.StatusOK, "You have signed in", "This page may be closed.", in.ReturnTo)
}

func notInToken(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// comeIn returns who somebody is here and for which organisation they come; zero = for any of theirs. A person is found by what the
// provider calls them, and the first time by the address that it has seen to be theirs.
func (h *Handlers) comeIn(ctx context.Context, c *Call, claims oidc.Claims) (person, org uuid.UUID, err error) {
	s, err := h.findPerson(ctx, claims)
	if errors.Is(err, identity.ErrNotLinked) { // they may come for another one
		claims.Organization = ""
		s, err = h.findPerson(ctx, claims)
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	if !s.IsMember() && s.Link != uuid.Nil {
		joined, err := h.join(ctx, c, claims, s)
		if err != nil && !errors.Is(err, ErrNoMember) {
			return uuid.Nil, uuid.Nil, err
		}
		if err == nil {
			s = joined
		}
	}
	if s.Known {
		if s.Person == uuid.Nil {
			return uuid.Nil, uuid.Nil, ErrNotKnown
		}
		return s.Person, s.Org, nil
	}
	email, err := pii.NormalizeAddress(claims.Email)
	if err != nil {
		return uuid.Nil, uuid.Nil, ErrUnverified
	}
	person, err = h.cfg.External.Identities.Link(ctx, externalOf(claims), personOf(claims, email))
	return person, uuid.Nil, err
}

// showFailure tells a browser why nobody was signed in; what it needn't know is logged.
func (h *Handlers) showFailure(c *Call, err error) error {
	const title = "You are not signed in"
	var throttled *identity.ThrottledError
	var refused *es.Refusal
	switch {
	case errors.Is(err, identity.ErrSignInGone):
		return showPage(c, http.StatusBadRequest, title, "This sign-in wasn't begun in this browser, was used before or is too old. Begin again.", "")
	case errors.Is(err, oidc.ErrRefused):
		h.cfg.External.Logger.Warn("an identity provider signed nobody in", "provider", c.Params("name"), "error", err)
		return showPage(c, http.StatusForbidden, title, "The identity provider didn't sign you in. Begin again, or ask who runs this site.", "")
	case errors.Is(err, oidc.ErrUnavailable):
		h.cfg.External.Logger.Warn("an identity provider can't be reached", "provider", c.Params("name"), "error", err)
		return showPage(c, http.StatusServiceUnavailable, title, "The identity provider can't be reached. Try again later.", "")
	case errors.Is(err, ErrUnverified):
		return showPage(c, http.StatusForbidden, title, "The identity provider doesn't say that your e-mail address is yours. Confirm it there, then begin again.", "")
	case errors.Is(err, ErrNoMember), errors.Is(err, ErrNotKnown), errors.Is(err, identity.ErrUnauthenticated):
		return showPage(c, http.StatusForbidden, title, "You are not known here.", "")
	case errors.As(err, &refused) && refused.Code == commands.CodeQuotaExceeded:
		return showPage(c, http.StatusPaymentRequired, title, "Your organisation has no seat left. Ask who runs it.", "")
	case errors.As(err, &throttled):
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(throttled.Retry/time.Second)+1))
		return showPage(c, http.StatusTooManyRequests, title, "There were too many attempts. Try again in a minute.", "")
	}
	return err
}

// isLocalPath reports whether a browser takes a text for a path of the site that it is on, however it reads it.
func isLocalPath(to string) bool {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\r\n") || len(to) > 1000 {
		return false
	}
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//")
}

//go:embed signed_in.html
var signedInText string

var signedIn = template.Must(template.New("").Parse(signedInText)) //nolint:gochecknoglobals // a constant

// showPage answers a browser. Cookies of this site (SameSite=Strict) go along only with what a page of this site leads to, so whoever
// comes from a provider goes on by a page instead of a redirect.
func showPage(c *Call, status int, title, text, next string) error {
	var page strings.Builder
	if err := signedIn.Execute(&page, map[string]string{"Title": title, "Text": text, "Next": next}); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).SendString(page.String())
}
