package api

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/session"
	"outrider/internal/identity"
)

// authenticate finds out who asks: by a key, by an access token of ours or of an identity provider, or by the cookie that a browser sends by itself, which counts for
// writes only together with what another site can't know.
func (s *Server) authenticate(c *call) (identity.Principal, error) {
	if by := s.sessions.Verifier(c.keyToken()); by != nil { // never from a cookie
		return s.sessions.AuthenticateExternal(c.ctx, &session.Call{Ctx: c.Ctx, RequestID: c.request}, by, c.keyToken())
	}
	who, err := s.authenticateOwn(c.ctx, c.credential(), c.address())
	if err == nil && c.keyToken() == "" {
		who, err = s.inOrganization(c, who)
	}
	if err != nil || c.keyToken() != "" || c.Method() == http.MethodGet || c.Method() == http.MethodHead {
		return who, err
	}
	if err := s.sessions.CheckOrigin(c.Ctx); err != nil {
		return identity.Principal{}, err
	}
	if !who.CheckCSRF(c.Get(session.HeaderCSRF)) {
		return identity.Principal{}, errNoCSRF()
	}
	return who, nil
}

// headerOrganization says which of a person's organisations a request of their browser is about: a cookie is for all tabs, but each may show another organisation.
const headerOrganization = "Outrider-Organization"

func (s *Server) inOrganization(c *call, who identity.Principal) (identity.Principal, error) {
	text := c.Get(headerOrganization)
	if text == "" || who.Person == uuid.Nil {
		return who, nil
	}
	org, err := parseID(text)
	if err != nil {
		return who, malformedProblem(headerOrganization + " is no id")
	}
	if org == who.Org {
		return who, nil
	}
	return s.cfg.SignIn.Sessions.In(c.ctx, who, org)
}

// address is where the caller asks from: who is at the other end of the connection.
func (c *call) address() netip.Addr {
	from, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return from.Unmap()
}

// authenticateToken says who sends a token that was looked at before.
func (s *Server) authenticateToken(ctx context.Context, token string, from netip.Addr) (identity.Principal, error) {
	if by := s.sessions.Verifier(token); by != nil {
		return s.sessions.AuthenticateExternal(ctx, nil, by, token)
	}
	return s.authenticateOwn(ctx, token, from)
}

func (s *Server) authenticateOwn(ctx context.Context, token string, from netip.Addr) (identity.Principal, error) {
	if s.cfg.SignIn != nil && identity.IsAccessToken(token) {
		return s.cfg.SignIn.Sessions.Authenticate(ctx, token)
	}
	return s.cfg.Keys.Authenticate(ctx, token, from)
}

// credential is what the caller sends by themselves, else what their browser sends.
func (c *call) credential() string {
	if token := c.keyToken(); token != "" {
		return token
	}
	if cookie := c.Cookies(session.AccessCookie); identity.IsAccessToken(cookie) { // a key is none, whoever has put it there
		return cookie
	}
	return ""
}

func errNoCSRF() error {
	return newProblem(codeForbidden, "a request with a cookie needs "+session.HeaderCSRF+" with the csrf_token of this sign-in")
}

// keyToken is the key or access token that the caller sends.
func (c *call) keyToken() string {
	token := c.Get("X-Api-Key")
	if token == "" {
		scheme, rest, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
		if strings.EqualFold(scheme, "Bearer") {
			token = strings.TrimSpace(rest)
		}
	}
	return token
}
