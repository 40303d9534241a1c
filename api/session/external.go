package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/oidc"
	"outrider/internal/pii"
)

// What somebody is told whose token is good, and who still isn't let in.
var (
	ErrNoMember   = errors.New("you are no member of this organisation: somebody invites you, or the organisation lets people join by signing in")
	ErrNotKnown   = errors.New("nobody is known here by this token: sign in in the browser first, or send tokens with the claims email and email_verified")
	ErrUnverified = errors.New("the identity provider doesn't say that your e-mail address is yours (claims email and email_verified)")
)

// External is what people come by who sign in elsewhere.
type External struct {
	Providers  *oidc.Providers // nil = none
	Identities *identity.ExternalIdentities
	Links      *identity.IdentityLinks
	SignIns    *identity.OIDCSignIns
	Logger     *slog.Logger
	// Joining says what people become who come by a link of an organisation; "" = nothing. No domains = from whichever.
	Joining func(ctx context.Context, org, link uuid.UUID) (role string, domains []string, err error)
}

// Verifier returns who checks a token that isn't one of ours; nil = none of the operator's providers has issued it.
func (h *Handlers) Verifier(token string) oidc.Verifier {
	if h == nil || h.cfg.External.Providers == nil {
		return nil
	}
	return h.cfg.External.Providers.Of(token)
}

// AuthenticateExternal returns who sends a token of a provider. c is the request by which somebody may become a member; nil = nobody does.
func (h *Handlers) AuthenticateExternal(ctx context.Context, c *Call, by oidc.Verifier, token string) (identity.Principal, error) {
	claims, err := by.Verify(ctx, token)
	if err != nil {
		return identity.Principal{}, err
	}
	s, err := h.findPerson(ctx, claims)
	if err != nil {
		return identity.Principal{}, err
	}
	if !s.IsMember() && c != nil && s.Link != uuid.Nil {
		if s, err = h.join(ctx, c, claims, s); err != nil {
			return identity.Principal{}, err
		}
	}
	switch {
	case !s.Known:
		return identity.Principal{}, ErrNotKnown
	case !s.IsMember():
		return identity.Principal{}, ErrNoMember
	}
	if claims.Own {
		return narrow(s.Principal, claims)
	}
	return s.Principal, nil
}

func externalOf(c oidc.Claims) identity.External {
	return identity.External{Provider: c.Provider, Issuer: c.Issuer, Subject: c.Subject}
}

// findStanding takes from a token whom and which organisation it names; what somebody is there it takes from our own books.
func (h *Handlers) findStanding(ctx context.Context, c oidc.Claims) (identity.Standing, error) {
	x := h.cfg.External.Identities
	if !c.Own {
		return x.Standing(ctx, externalOf(c), identity.Place{External: c.Organization})
	}
	at := identity.Place{}
	if c.Organization != "" {
		org, err := uuid.Parse(c.Organization)
		if err != nil || org == uuid.Nil {
			return identity.Standing{}, identity.ErrUnauthenticated
		}
		at.Org = org
	}
	if person, err := uuid.Parse(c.Subject); err == nil {
		return x.StandingOf(ctx, person, at)
	}
	return x.Standing(ctx, externalOf(c), at)
}

// findPerson is findStanding, for who comes the first time too: a person who has the address that the provider has seen to be theirs.
func (h *Handlers) findPerson(ctx context.Context, c oidc.Claims) (identity.Standing, error) {
	s, err := h.findStanding(ctx, c)
	if err != nil || s.Known || c.Email == "" {
		return s, err
	}
	email, err := pii.NormalizeAddress(c.Email)
	if err != nil {
		return s, ErrUnverified
	}
	switch _, err := h.cfg.People.ByEmail(ctx, email); {
	case errors.Is(err, identity.ErrNotFound):
		return s, nil
	case err != nil:
		return s, err
	}
	if _, err := h.cfg.External.Identities.Link(ctx, externalOf(c), personOf(c, email)); err != nil {
		return s, err
	}
	return h.findStanding(ctx, c)
}

// narrow leaves of what somebody may do what their token says.
func narrow(p identity.Principal, c oidc.Claims) (identity.Principal, error) {
	keep := func(ok func(identity.Scope) bool) {
		p.Scopes = slices.DeleteFunc(slices.Clone(p.Scopes), func(s identity.Scope) bool { return !ok(s) })
	}
	if role := identity.Role(c.Role); role != "" && role != p.Role {
		if !slices.Contains(identity.Roles(), role) {
			return identity.Principal{}, identity.ErrUnauthenticated
		}
		keep(func(s identity.Scope) bool { return slices.Contains(role.Scopes(), s) })
	}
	if c.Scopes != nil {
		keep(func(s identity.Scope) bool { return slices.Contains(c.Scopes, string(s)) })
	}
	return p, nil
}

// join makes somebody a member whom a linked provider knows as one of the organisation, if it lets people join so. What is asked of the
// log is only what it will likely allow: a token may come with every request. Without a change s is returned.
func (h *Handlers) join(ctx context.Context, c *Call, claims oidc.Claims, s identity.Standing) (identity.Standing, error) {
	role, domains, err := h.cfg.External.Joining(ctx, s.Named, s.Link)
	if err != nil || role == "" {
		return s, err
	}
	email, err := pii.NormalizeAddress(claims.Email)
	if err != nil {
		return s, ErrUnverified
	}
	domain := email[strings.LastIndexByte(email, '@')+1:]
	if len(domains) > 0 && !slices.Contains(domains, domain) {
		return s, ErrNoMember
	}
	if ok, wait := h.joins.Take(claims.Issuer+" "+claims.Subject, time.Now()); !ok {
		return s, &identity.ThrottledError{Retry: wait}
	}
	person, err := h.cfg.External.Identities.Link(ctx, externalOf(claims), personOf(claims, email))
	if err != nil {
		return s, err
	}
	who, err := h.cfg.People.ByID(ctx, person)
	if err != nil {
		return s, err
	}
	if err := h.submitJoin(ctx, c, s, who, domain, role); err != nil {
		return s, err
	}
	return h.awaitMembership(ctx, claims)
}

func personOf(c oidc.Claims, email string) identity.Person {
	cut := func(name string) string { return firstRunes(strings.ToValidUTF8(name, ""), 100) }
	return identity.Person{Email: email, FirstName: cut(c.FirstName), LastName: cut(c.LastName)}
}

func firstRunes(text string, n int) string {
	if all := []rune(text); len(all) > n {
		return string(all[:n])
	}
	return text
}

func (h *Handlers) submitJoin(ctx context.Context, c *Call, s identity.Standing, who identity.Person, domain, role string) error {
	hash, profile, err := h.sealProfile(ctx, s.Named, who)
	if err != nil {
		return err
	}
	hasher, err := h.cfg.Vault.Hasher(ctx, s.Named)
	if err != nil {
		return err
	}
	a, err := h.submit(ctx, c, s.Named, who.ID, uuid.New(), commands.JoinByIdentity{LinkID: s.Link, PersonID: who.ID, AddressHash: hash, DomainHash: hasher.DomainHash(domain).String(), Role: role, Profile: profile})
	var refused *es.Refusal
	if errors.As(err, &refused) && (refused.Code == commands.CodeNotAdmitted || refused.Code == commands.CodeNotFound) {
		return ErrNoMember
	}
	if err != nil || a.Outcome != es.Accepted {
		return err
	}
	return h.cfg.Sessions.SetMembership(ctx, s.Named, who.ID, identity.Role(role), a.Oseq)
}

// awaitMembership waits for who has joined by another request at the same time, whose process is about to write it down.
func (h *Handlers) awaitMembership(ctx context.Context, claims oidc.Claims) (identity.Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		s, err := h.findStanding(ctx, claims)
		if err != nil || s.IsMember() {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("wait for membership: %w", context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
