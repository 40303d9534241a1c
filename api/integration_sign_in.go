package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
	"outrider/projections"
)

// integrationSignIn is one that has begun.
type integrationSignIn struct {
	oauthTrip

	Provider   string    `json:"provider"`
	Connection uuid.UUID `json:"connection"` // that is signed in again; zero = a new one
	Person     uuid.UUID `json:"person"`     // whose it becomes, of what belongs to one
}

func (h *integrationHandlers) trips() oauthTrips {
	return oauthTrips{h.vault, "integration", "/v1/integration-sign-ins/callback", h.locally}
}

// beginSignIn sends a browser to the service.
func (h *integrationHandlers) beginSignIn(c *call, body gen.IntegrationSignInCreate) error {
	if err := checkReturnTo(body.ReturnTo); err != nil {
		return err
	}
	if h.connector == nil {
		return integrationProblem("provider", integrations.ErrProvider)
	}
	p, ok := h.connector.Registry.Named(body.Provider)
	if !ok || !p.ByOAuth() {
		return integrationProblem("provider", integrations.ErrProvider)
	}
	if body.IntegrationID != uuid.Nil {
		if row, err := h.row(c, body.IntegrationID); err != nil {
			return err
		} else if row.Provider != body.Provider {
			return invalidField("provider", "isn't that of the connection")
		}
	}
	state := mailoauth.NewState()
	redirect := h.trips().redirect(c)
	to, attempt, ok := h.connector.Registry.Begin(p.Name, c.who.Org.String()+"."+state, "", redirect)
	if !ok {
		return integrationProblem("provider", integrations.ErrProvider)
	}
	in := integrationSignIn{oauthTrip: oauthTrip{Verifier: attempt.Verifier, ReturnTo: body.ReturnTo, Redirect: redirect}, Provider: p.Name, Connection: body.IntegrationID}
	if p.Kind == services.Calendar {
		in.Person = c.who.Person
	}
	if err := h.trips().begin(c, state, &in.oauthTrip, &in); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.IntegrationSignIn{AuthorizeURL: to})
}

// finishSignIn takes a browser back. Whatever becomes of it, it goes to where it began, which says so.
func (h *integrationHandlers) finishSignIn(c *call) error {
	if h.connector == nil {
		return notFoundProblem()
	}
	var in integrationSignIn
	org, state, err := h.trips().take(c, &in.oauthTrip, &in)
	if err != nil {
		return err
	}
	id, err := h.connectSignedIn(c, org, state, in)
	if err != nil {
		return in.sendBack(c, "integration_problem", integrationSignInProblem(err))
	}
	return in.sendBack(c, "connected", id.String())
}

// integrationSignInProblem is what the page is told.
func integrationSignInProblem(err error) string {
	var refused *es.Refusal
	var needs *services.NeedsYou
	switch {
	case errors.Is(err, errTripDenied):
		return "denied"
	case errors.Is(err, integrations.ErrOtherAccount):
		return "other_account"
	case errors.Is(err, mailoauth.ErrRefused), errors.Is(err, mailoauth.ErrNotOffered), errors.As(err, &needs):
		return "provider"
	case errors.As(err, &refused):
		return refused.Code
	}
	return "failed"
}

// connectSignedIn trades the code and makes the connection, or signs one in again.
func (h *integrationHandlers) connectSignedIn(c *call, org uuid.UUID, state string, in integrationSignIn) (uuid.UUID, error) {
	code, err := tripCode(c)
	if err != nil {
		return uuid.Nil, err
	}
	tokens, err := h.connector.Registry.Finish(c.ctx, in.Provider, code, in.Verifier, in.Redirect)
	if err != nil {
		return uuid.Nil, err
	}
	secret, command := integrations.Secret{Tokens: &tokens}, es.DeriveID(org, "integration sign-in", state, "command")
	if in.Connection != uuid.Nil {
		var row *projections.Connection
		if err := h.readInOrg(c, org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetConnection(c.ctx, tx, org, in.Connection)
			return err
		}); err != nil {
			return uuid.Nil, err
		}
		cmd, err := h.connector.Reconnect(c.ctx, org, in.Connection, in.Provider, row.AccountHash, secret)
		if err != nil {
			return uuid.Nil, err
		}
		return in.Connection, h.submitFor(c, org, in.Actor, command, cmd)
	}
	id := es.DeriveID(org, "integration sign-in", state, "connection")
	cmd, err := h.connector.Connect(c.ctx, org, id, in.Person, in.Provider, secret)
	if err != nil {
		return uuid.Nil, err
	}
	err = h.submitFor(c, org, in.Actor, command, cmd)
	if refused := (*es.Refusal)(nil); errors.As(err, &refused) {
		err = errors.Join(err, h.connector.Forget(c.ctx, org, id))
	}
	return id, err
}
