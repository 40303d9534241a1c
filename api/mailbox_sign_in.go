package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
	"outrider/projections"
)

// mailSignIns connect mailboxes at Google and Microsoft: a browser goes there, and comes back with a code.
type mailSignIns struct {
	*readSide
	*writeSide
	providers *mailoauth.Providers
	connector mailboxes.Connector
	vault     *pii.Vault
	locally   bool // Config.SignInsReturnLocally
}

// forMailSignIns is the handler of a route that mailSignIns answer.
func forMailSignIns(handle func(*mailSignIns, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&mailSignIns{s.readSide, s.writeSide, s.cfg.MailOAuth, s.mailboxes, s.cfg.Vault, s.cfg.SignInsReturnLocally}, c)
	}
}

// mailSignIn is one that has begun.
type mailSignIn struct {
	oauthTrip

	Provider    string    `json:"provider"`
	Address     string    `json:"address"`
	DisplayName string    `json:"display_name"`
	Mailbox     uuid.UUID `json:"mailbox"` // that is signed in again; zero = a new one
}

func (h *mailSignIns) trips() oauthTrips {
	return oauthTrips{h.vault, "mail", "/v1/mailbox-sign-ins/callback", h.locally}
}

func (h *mailSignIns) listProviders(c *call) error {
	out := gen.MailProviderList{Data: []gen.MailProvider{}}
	for _, name := range h.providers.Names() {
		out.Data = append(out.Data, gen.MailProvider{Name: gen.MailProviderName(name)})
	}
	return c.answerJSON(http.StatusOK, out)
}

// begin sends a browser to the provider.
func (h *mailSignIns) begin(c *call, body gen.MailboxSignInCreate) error {
	p := h.providers.Named(string(body.Provider))
	if p == nil {
		return invalidField("provider", "isn't set up here: the operator has registered no client there")
	}
	address, err := pii.NormalizeAddress(body.Address)
	if err != nil {
		return invalidField("address", "is no address")
	}
	if err := checkReturnTo(body.ReturnTo); err != nil {
		return err
	}
	state := mailoauth.NewState()
	redirect := h.trips().redirect(c)
	to, attempt := p.Begin(c.who.Org.String()+"."+state, address, redirect)
	in := mailSignIn{oauthTrip: oauthTrip{Verifier: attempt.Verifier, ReturnTo: body.ReturnTo, Redirect: redirect}, Provider: p.Name, Address: address, DisplayName: body.DisplayName, Mailbox: body.MailboxID}
	if err := h.trips().begin(c, state, &in.oauthTrip, &in); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.MailboxSignIn{AuthorizeURL: to})
}

// finish takes a browser back. Whatever becomes of it, it goes to where it began, which says so.
func (h *mailSignIns) finish(c *call) error {
	var in mailSignIn
	org, state, err := h.trips().take(c, &in.oauthTrip, &in)
	if err != nil {
		return err
	}
	id, err := h.connect(c, org, state, in)
	if err != nil {
		return in.sendBack(c, "mail_problem", mailProblem(err))
	}
	return in.sendBack(c, "connected", id.String())
}

// mailProblem is what the page is told.
func mailProblem(err error) string {
	var refused *es.Refusal
	switch {
	case errors.Is(err, errTripDenied):
		return "denied"
	case errors.Is(err, mailoauth.ErrRefused), errors.Is(err, mailoauth.ErrNotOffered):
		return "provider"
	case errors.As(err, &refused):
		return refused.Code
	}
	return "failed"
}

// connect trades the code and connects the mailbox, or signs one that is connected in again.
func (h *mailSignIns) connect(c *call, org uuid.UUID, state string, in mailSignIn) (uuid.UUID, error) {
	code, err := tripCode(c)
	if err != nil {
		return uuid.Nil, err
	}
	tokens, err := h.providers.Finish(c.ctx, in.Provider, code, in.Verifier, in.Redirect)
	if err != nil {
		return uuid.Nil, err
	}
	kept, err := tokens.Encode()
	if err != nil {
		return uuid.Nil, err
	}
	ids := func(what string) uuid.UUID { return es.DeriveID(org, "mail sign-in", state, what) }
	way := mailboxes.OAuth{Token: string(kept), SMTP: h.providers.Named(in.Provider).SMTP, IMAP: h.providers.Named(in.Provider).IMAP}
	if in.Mailbox != uuid.Nil {
		return in.Mailbox, h.signInAgain(c, org, in, way, ids)
	}
	made, err := h.connector.Connect(c.ctx, org, ids("mailbox"), way.Request(in.Address, in.DisplayName), ids)
	if err != nil {
		return uuid.Nil, err
	}
	return made.Command.MailboxID, h.submit(c, org, in, ids("connect"), made.Command, made.Secrets)
}

func (h *mailSignIns) signInAgain(c *call, org uuid.UUID, in mailSignIn, way mailboxes.OAuth, ids mailboxes.IDs) error {
	var row *projections.Mailbox
	if err := h.readInOrg(c, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMailbox(c.ctx, tx, org, in.Mailbox)
		return err
	}); err != nil {
		return err
	}
	changed, err := h.connector.Change(c.ctx, row, way.Change(in.Address), ids)
	if err != nil {
		return err
	}
	return h.submit(c, org, in, ids("sign in again"), changed.Command, changed.Secrets)
}

func (h *mailSignIns) submit(c *call, org uuid.UUID, in mailSignIn, id uuid.UUID, cmd commands.Command, secrets []string) error {
	err := h.submitFor(c, org, in.Actor, id, cmd)
	if refused := (*es.Refusal)(nil); errors.As(err, &refused) {
		h.connector.DeleteSecrets(c.ctx, org, secrets)
	}
	return err
}
