package api

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
	"outrider/projections"
)

const integrationCallback = "/v1/integration-sign-ins/callback"

// integrationSignIn is one that has begun; the vault keeps it, encrypted.
type integrationSignIn struct {
	Provider   string    `json:"provider"`
	Connection uuid.UUID `json:"connection"` // that is signed in again; zero = a new one
	Person     uuid.UUID `json:"person"`     // whose it becomes, of what belongs to one
	Verifier   string    `json:"verifier"`
	Browser    string    `json:"browser"` // SHA-256 of what its cookie holds
	ReturnTo   string    `json:"return_to"`
	Actor      es.Actor  `json:"actor"`
	Until      time.Time `json:"until"`
}

func integrationSignInName(state string) string { return "integration_sign_in/" + hashOfText(state) }
func integrationCookie(state string) string {
	return "outrider_integration_" + state[:min(len(state), 8)]
}

// beginSignIn keeps who begins, and binds what comes back to their browser: nobody is to give their account to another organisation by following a link.
func (h *integrationHandlers) beginSignIn(c *call, body gen.IntegrationSignInCreate) error {
	if body.ReturnTo != "" && (!strings.HasPrefix(body.ReturnTo, "/") || strings.HasPrefix(body.ReturnTo, "//") || strings.ContainsAny(body.ReturnTo, "\\\r\n?#")) {
		return invalidField("return_to", "must be a path of this site")
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
	state, browser := mailoauth.NewState(), rand.Text()
	to, attempt, ok := h.connector.Registry.Begin(p.Name, c.who.Org.String()+"."+state, "")
	if !ok {
		return integrationProblem("provider", integrations.ErrProvider)
	}
	in := integrationSignIn{Provider: p.Name, Connection: body.IntegrationID, Verifier: attempt.Verifier, Browser: hashOfText(browser), ReturnTo: body.ReturnTo, Actor: c.actorOf(), Until: time.Now().Add(mailSignInTime)}
	if p.Kind == services.Calendar {
		in.Person = c.who.Person
	}
	kept, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode sign-in: %w", err)
	}
	if err := h.vault.PutSecret(c.ctx, c.who.Org, integrationSignInName(state), kept); err != nil {
		return err
	}
	// Lax, as the service's site sends the browser back.
	c.Cookie(&fiber.Cookie{Name: integrationCookie(state), Value: browser, Path: integrationCallback, Expires: time.Now().Add(mailSignInTime), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	return c.answerJSON(http.StatusOK, gen.IntegrationSignIn{AuthorizeURL: to})
}

// finishSignIn takes a browser back. Whatever becomes of it, it goes to where it began, which says so.
func (h *integrationHandlers) finishSignIn(c *call) error {
	orgText, state, _ := strings.Cut(c.Query("state"), ".")
	org, err := uuid.Parse(orgText)
	if err != nil || h.connector == nil || len(orgText) != 36 || len(state) < 20 || len(state) > 100 || strings.ContainsFunc(state, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return notFoundProblem()
	}
	in, err := h.takeSignIn(c, org, state)
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: integrationCookie(state), Path: integrationCallback, Expires: time.Unix(1, 0), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	back := in.ReturnTo
	if back == "" {
		back = "/"
	}
	id, err := h.connectSignedIn(c, org, state, in)
	if err != nil {
		return c.Redirect(back+"?"+url.Values{"integration_problem": {integrationSignInProblem(err)}}.Encode(), http.StatusSeeOther)
	}
	return c.Redirect(back+"?"+url.Values{"connected": {id.String()}}.Encode(), http.StatusSeeOther)
}

// takeSignIn returns a sign-in to the browser that has begun it, once.
func (h *integrationHandlers) takeSignIn(c *call, org uuid.UUID, state string) (in integrationSignIn, err error) {
	kept, err := h.vault.Secret(c.ctx, org, integrationSignInName(state))
	if err != nil {
		return in, notFoundProblem()
	}
	if err := json.Unmarshal(kept, &in); err != nil {
		return in, fmt.Errorf("read sign-in: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(hashOfText(c.Cookies(integrationCookie(state)))), []byte(in.Browser)) != 1 {
		return in, notFoundProblem()
	}
	if err := h.vault.DeleteSecrets(c.ctx, org, integrationSignInName(state)); err != nil {
		return in, err
	}
	if time.Now().After(in.Until) {
		return in, notFoundProblem()
	}
	return in, nil
}

// integrationSignInProblem is what the page is told.
func integrationSignInProblem(err error) string {
	var refused *es.Refusal
	var needs *services.NeedsYou
	switch {
	case errors.Is(err, errMailDenied):
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
	if c.Query("error") != "" || c.Query("code") == "" {
		return uuid.Nil, errMailDenied
	}
	tokens, err := h.connector.Registry.Finish(c.ctx, in.Provider, c.Query("code"), in.Verifier)
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

// submitFor submits a command of who has begun a sign-in.
func (h *integrationHandlers) submitFor(c *call, org uuid.UUID, actor es.Actor, id uuid.UUID, cmd commands.Command) error {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return err
	}
	a, err := h.gateway.Submit(c.ctx, &es.Command{ID: id, Type: kind, Org: org, Time: h.now().UTC().Truncate(time.Microsecond), Actor: actor, CorrelationID: c.request, CausationID: c.request, ReplyTo: -1, Data: data})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return nil
}
