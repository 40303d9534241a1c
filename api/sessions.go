package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/session"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/oidc"
	"outrider/internal/postgres"
	"outrider/internal/ratelimit"
	"outrider/projections"
)

// triesPerMinute is how often an address may ask for what costs a hash or a mail.
const triesPerMinute = 60

// SignIn is what people sign in by.
type SignIn struct {
	People        *identity.People
	Sessions      *identity.Sessions
	SigningKeys   *identity.SigningKeys
	Links         *identity.MailedLinks
	Throttle      *identity.Throttle
	SecondFactors *identity.SecondFactors
	Settings      *identity.PersonSettings
	External      ExternalSignIn
	Mail          session.Mailer        // nil = nobody can sign up, be invited or reset a password
	TrialPlan     string                // of who signs up
	Awaited       *identity.AwaitedLink // of the first run; nil = none
}

// newSessionHandlers gives the handlers of signing in what they need of the server; nil where only keys sign in.
func newSessionHandlers(s *Server) *session.Handlers {
	cfg, in := s.cfg, s.cfg.SignIn
	if in == nil {
		return nil
	}
	return session.New(session.Config{People: in.People, Sessions: in.Sessions, Links: in.Links, Throttle: in.Throttle, SecondFactors: in.SecondFactors, Slugs: cfg.Slugs, Vault: cfg.Vault, Mail: in.Mail,
		TakeTry: takeTry(cfg.Shared),
		BaseURL: cfg.BaseURL, Dashboard: cfg.Dashboard != nil, Plans: cfg.Plans, TrialPlan: in.TrialPlan, Awaited: in.Awaited, Now: cfg.Now, External: in.External.newSession(s.readSide, cfg.Logger), Submit: cfg.Commands.Submit, SealOrigin: s.origins.sealOrigin,
		RoleName: func(ctx context.Context, org uuid.UUID, role identity.Role) (string, error) {
			return roleName(ctx, s.readSide, org, role)
		},
		InvitationsTo: func(ctx context.Context, org uuid.UUID, email string) (ids []uuid.UUID, err error) {
			err = postgres.InOrg(ctx, s.pool, org, func(tx pgx.Tx) (err error) {
				ids, err = projections.InvitationsTo(ctx, tx, org, email, commands.MaxItems)
				return err
			})
			return ids, err
		},
		Deeds: s.audit.listDeeds,
		OrganizationName: func(ctx context.Context, org uuid.UUID) (string, error) {
			return organizationName(ctx, s.readSide, org)
		}})
}

// takeTry bounds what an address may ask for without having signed in, for all processes where shared limits can tell. Redis learns no address.
func takeTry(shared SharedLimits) func(ctx context.Context, address string) (ok bool, retry time.Duration) {
	alone := ratelimit.New[string](triesPerMinute, time.Minute)
	return func(ctx context.Context, address string) (bool, time.Duration) {
		if shared != nil {
			sum := sha256.Sum256([]byte(address))
			if t, counted := shared.Take(ctx, "try:"+hex.EncodeToString(sum[:16]), triesPerMinute, 1, time.Minute); counted {
				return t.OK, max(t.Wait, time.Second)
			}
		}
		return alone.Take(address, time.Now())
	}
}

// organizationName returns "" for one that isn't in the read model yet.
func organizationName(ctx context.Context, r *readSide, org uuid.UUID) (name string, err error) {
	err = postgres.InOrg(ctx, r.pool, org, func(tx pgx.Tx) error {
		row, err := projections.GetOrganization(ctx, tx, org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			name = row.Name
		}
		return err
	})
	return name, err
}

// forSession is the handler of a route that is answered by package session.
func forSession(handle func(*session.Handlers, context.Context, *session.Call) error) handler {
	return func(s *Server, c *call) error {
		if s.sessions == nil {
			return notFoundProblem()
		}
		if c.route.Allow.Public && c.Method() != "GET" {
			if err := s.sessions.CheckOrigin(c.Ctx); err != nil {
				return err
			}
			if identity.IsAccessToken(c.credential()) { // no key, of which an address may not try many
				if who, err := s.authenticate(c); err == nil { // an old cookie keeps nobody from signing in
					c.who = who
				}
			}
		}
		v := &session.Call{Ctx: c.Ctx, RequestID: c.request, Who: c.who, Body: c.raw, Place: c.placeOf(&s.cfg), Answer: c.answerJSON}
		err := handle(s.sessions, c.ctx, v)
		if v.Position != nil {
			c.position = es.Position{Generation: s.cfg.Generation, Partition: v.Position.Partition, Pseq: v.Position.Pseq}
			c.setPosition()
		}
		return err
	}
}

// signInProblem is what signing in can fail by; nil for other errors.
func signInProblem(err error) *problem {
	var throttled *identity.ThrottledError
	var second *session.SecondFactorError
	switch {
	case errors.As(err, &second):
		p := newProblem(codeSecondFactor, "the password is right; send a code with second_factor_token")
		p.SecondFactorToken, p.ExpiresAt = second.Token, second.Expires.UTC()
		return p
	case errors.Is(err, identity.ErrCode), errors.Is(err, identity.ErrSignInStep):
		return newProblem(codeSignIn, signInDetail(err))
	case errors.Is(err, identity.ErrSecondFactorOn):
		return newProblem(commands.CodeWrongStatus, identity.ErrSecondFactorOn.Error())
	case errors.Is(err, identity.ErrSecondFactorOff):
		return newProblem(commands.CodeWrongStatus, identity.ErrSecondFactorOff.Error())
	case errors.As(err, &throttled):
		p := newProblem(codeRateLimited, "too many attempts")
		p.retry = throttled.Retry
		return p
	case errors.Is(err, session.ErrSignIn):
		return newProblem(codeSignIn, session.ErrSignIn.Error())
	case errors.Is(err, session.ErrNeeded):
		return newProblem(codeUnauthenticated, "the address has a person already: sign in, then accept")
	case errors.Is(err, session.ErrOrigin), errors.Is(err, session.ErrElsewhere), errors.Is(err, session.ErrOther), errors.Is(err, session.ErrNotKnown), errors.Is(err, session.ErrNoMember), errors.Is(err, session.ErrUnverified):
		return newProblem(codeForbidden, err.Error())
	case errors.Is(err, identity.ErrNotLinked):
		return newProblem(codeForbidden, identity.ErrNotLinked.Error())
	case errors.Is(err, oidc.ErrUnavailable):
		return laterProblem(codeUnavailable, oidc.ErrUnavailable.Error(), err)
	case errors.Is(err, session.ErrNoMail):
		return newProblem(codeNoMail, session.ErrNoMail.Error())
	case errors.Is(err, identity.ErrLinkAwaited):
		p := laterProblem(codeStarting, identity.ErrLinkAwaited.Error(), nil)
		p.Phase = phaseOrganization
		return p
	case errors.Is(err, identity.ErrLink):
		return newProblem(codeLink, identity.ErrLink.Error())
	}
	return nil
}

func signInDetail(err error) string {
	if errors.Is(err, identity.ErrCode) {
		return identity.ErrCode.Error()
	}
	return identity.ErrSignInStep.Error()
}

// TellSecondFactors lets histories say what happened to second factors, and wasn't told for so long: the request that did it could not.
func (s *Server) TellSecondFactors(ctx context.Context, waited time.Duration) error {
	if s.sessions == nil {
		return nil
	}
	return s.sessions.TellLate(ctx, waited)
}

// getSigningKeys publishes the keys of access tokens. RFC 7517 wants no more than its members.
func (s *Server) getSigningKeys(c *call) error {
	if s.cfg.SignIn == nil {
		return notFoundProblem()
	}
	keys, err := s.cfg.SignIn.SigningKeys.Published(c.ctx)
	if err != nil {
		return err
	}
	out := gen.KeySet{Keys: []gen.SigningKey{}}
	for _, k := range keys {
		out.Keys = append(out.Keys, gen.SigningKey{Kty: k.KeyType, Crv: k.Curve, Alg: k.Algorithm, Use: k.Use, Kid: k.ID, X: k.X})
	}
	return c.answerJSON(200, out)
}
