// Package session is how people sign in and out: signing up, passwords, sessions, invitations. Package api mounts its handlers, and does
// for them what it does for every request.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/identity"
	"outrider/internal/mail/systemmail"
	"outrider/internal/pii"
	"outrider/internal/ratelimit"
	"outrider/projections"
)

// What the caller of a handler answers with a problem of its own, besides refusals (*es.Refusal), what package identity says, and faults.
var (
	ErrSignIn = errors.New("address or password is wrong") // whichever it is
	ErrOrigin = errors.New("the request comes from another site")
	ErrOther  = errors.New("somebody else is signed in")
	ErrNoMail = errors.New("this installation sends no mail: see --system-smtp")
	ErrNeeded = errors.New("sign in first")
)

// Mailer sends in the background; *systemmail.Sender is one.
type Mailer interface {
	Send(systemmail.Message) error
}

// Config is what Handlers stand on. All of it is needed unless it says otherwise.
type Config struct {
	People        *identity.People
	Sessions      *identity.Sessions
	Links         *identity.MailedLinks
	Throttle      *identity.Throttle
	SecondFactors *identity.SecondFactors
	Slugs         *identity.Slugs
	Vault         *pii.Vault
	Mail          Mailer // nil = nobody can sign up, be invited or reset a password
	BaseURL       string // under which links lead here
	Dashboard     bool   // it was built
	Plans         map[string]events.Limits
	TrialPlan     string
	Now           func() time.Time
	External      External
	Awaited       *identity.AwaitedLink // of the first run; nil = none

	// TakeTry bounds what an address may ask for that costs a hash or a mail.
	TakeTry func(ctx context.Context, address string) (ok bool, retry time.Duration)
	// Deeds lists what an actor has done in an organisation, the newest first, up to a number.
	Deeds func(ctx context.Context, org uuid.UUID, who es.Actor, most int) ([]gen.OwnAction, error)
	// Submit sends a command and waits for its answer; gateway.ErrPending = it isn't decided yet, and may be sent again.
	Submit func(ctx context.Context, c *es.Command) (es.Answer, error)
	// SealOrigin seals the address that a request came from, for the log.
	SealOrigin func(ctx context.Context, org uuid.UUID, actor es.Actor, address string) (string, error)
	// OrganizationName returns what an organisation is called.
	OrganizationName func(ctx context.Context, org uuid.UUID) (string, error)
	// RoleName returns what a role of an organisation is called.
	RoleName func(ctx context.Context, org uuid.UUID, role identity.Role) (string, error)
	// InvitationsTo lists the invitations of an organisation to an address, whatever became of them.
	InvitationsTo func(ctx context.Context, org uuid.UUID, email string) ([]uuid.UUID, error)
}

// Handlers answer who signs in or out.
type Handlers struct {
	cfg   Config
	joins *ratelimit.Limiter[string] // by who a provider says that it is, of commands to become a member
	mails *ratelimit.Limiter[string] // to one person

	pagePolicy string
}

// New makes the handlers.
func New(cfg Config) *Handlers {
	return &Handlers{cfg: cfg, joins: ratelimit.New[string](5, time.Minute), mails: ratelimit.New[string](5, 10*time.Minute), pagePolicy: makePagePolicy()}
}

// Call is one request.
type Call struct {
	*fiber.Ctx
	RequestID uuid.UUID
	Who       identity.Principal // zero = nobody has signed in
	Body      []byte             // checked against the description
	Place     string             // where the request comes from, as the proxy in front says; "" = not known
	// Answer sends JSON.
	Answer func(status int, v any) error

	Position *es.Answer // of its write; nil = none
}

func (c *Call) device() identity.Device {
	agent := c.Get(fiber.HeaderUserAgent)
	return identity.Device{Address: c.IP(), UserAgent: strings.ToValidUTF8(agent[:min(len(agent), 300)], ""), Place: c.Place}
}

func (c *Call) decodeBody(v any) error {
	if err := json.Unmarshal(c.Body, v); err != nil {
		return fmt.Errorf("read body: %w", err) // it was checked
	}
	return nil
}

// CheckOrigin refuses what another site's page asks for: a browser says where a request comes from, other programs don't.
func (h *Handlers) CheckOrigin(c *fiber.Ctx) error {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return nil
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return ErrOrigin
	}
	if own, err := url.Parse(h.cfg.BaseURL); err == nil && from.Scheme == own.Scheme && from.Host == own.Host {
		return nil
	}
	if from.Host == string(c.Request().Host()) {
		return nil
	}
	return ErrOrigin
}

// limitTries bounds what an address may ask for without having signed in.
func (h *Handlers) limitTries(ctx context.Context, c *Call) error {
	if ok, wait := h.cfg.TakeTry(ctx, c.IP()); !ok {
		return &identity.ThrottledError{Retry: wait}
	}
	return nil
}

// normalize returns an address as people are found by it.
func normalize(email string) (string, error) {
	normal, err := pii.NormalizeAddress(email)
	if err != nil {
		return "", refuseField("email", err.Error())
	}
	return normal, nil
}

func refuseField(field, reason string) error {
	return es.Refuse(commands.CodeInvalid, map[string]string{"field": field, "reason": reason})
}

// sealProfile makes a person's key in an organisation and what its log says of them.
func (h *Handlers) sealProfile(ctx context.Context, org uuid.UUID, p identity.Person) (hash string, sealed events.Sealed, err error) {
	hasher, err := h.cfg.Vault.Hasher(ctx, org)
	if err != nil {
		return "", sealed, err
	}
	profile, err := json.Marshal(projections.MemberProfile{Email: p.Email, FirstName: p.FirstName, LastName: p.LastName})
	if err != nil {
		return "", sealed, err
	}
	keys, err := h.cfg.Vault.Keys(ctx, org, []uuid.UUID{p.ID})
	if err != nil {
		return "", sealed, err
	}
	s, err := keys[0].Seal(projections.MemberField, profile)
	return hasher.AddressHash(p.Email).String(), events.Sealed(s), err
}

// submit sends a person's command until it is decided. id makes a repeat the same command.
func (h *Handlers) submit(ctx context.Context, c *Call, org, person, id uuid.UUID, cmd commands.Command) (es.Answer, error) {
	sent, err := h.newCommand(org, person, id, cmd)
	if err != nil {
		return es.Answer{}, err
	}
	sent.CorrelationID, sent.CausationID = c.RequestID, c.RequestID
	if sent.Origin, err = h.cfg.SealOrigin(ctx, org, sent.Actor, c.IP()); err != nil {
		return es.Answer{}, err
	}
	a, err := h.decide(ctx, sent)
	if err == nil {
		c.Position = &a
	}
	return a, err
}

// newCommand is one of a person.
func (h *Handlers) newCommand(org, person, id uuid.UUID, cmd commands.Command) (*es.Command, error) {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return nil, err
	}
	return &es.Command{ID: id, Type: kind, Org: org, Time: h.cfg.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorPerson, ID: person.String()}, CorrelationID: id, CausationID: id, Data: data}, nil
}

// decide sends a command until it is decided. A refusal is a *es.Refusal.
func (h *Handlers) decide(ctx context.Context, sent *es.Command) (es.Answer, error) {
	for {
		a, err := h.cfg.Submit(ctx, sent)
		switch {
		case err == nil && a.Outcome == es.Refused:
			return a, &es.Refusal{Code: a.Code, Detail: a.Detail}
		case !errors.Is(err, gateway.ErrPending):
			return a, err
		}
		if err := context.Cause(ctx); err != nil {
			return a, err
		}
	}
}
