package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
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
}

// forMailSignIns is the handler of a route that mailSignIns answer.
func forMailSignIns(handle func(*mailSignIns, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&mailSignIns{s.readSide, s.writeSide, s.cfg.MailOAuth, s.mailboxes, s.cfg.Vault}, c)
	}
}

const (
	mailCallback   = "/v1/mailbox-sign-ins/callback"
	mailSignInTime = 10 * time.Minute
)

// mailSignIn is one that has begun; the vault keeps it, encrypted.
type mailSignIn struct {
	Provider    string    `json:"provider"`
	Address     string    `json:"address"`
	DisplayName string    `json:"display_name"`
	Mailbox     uuid.UUID `json:"mailbox"` // that is signed in again; zero = a new one
	Verifier    string    `json:"verifier"`
	Browser     string    `json:"browser"` // SHA-256 of what its cookie holds
	ReturnTo    string    `json:"return_to"`
	Actor       es.Actor  `json:"actor"`
	Until       time.Time `json:"until"`
}

func (h *mailSignIns) listProviders(c *call) error {
	out := gen.MailProviderList{Data: []gen.MailProvider{}}
	for _, name := range h.providers.Names() {
		out.Data = append(out.Data, gen.MailProvider{Name: gen.MailProviderName(name)})
	}
	return c.answerJSON(http.StatusOK, out)
}

// begin keeps who begins, and binds what comes back to their browser: nobody is to give their mailbox to another organisation by following a link.
func (h *mailSignIns) begin(c *call, body gen.MailboxSignInCreate) error {
	p := h.providers.Named(string(body.Provider))
	if p == nil {
		return invalidField("provider", "isn't set up here: the operator has registered no client there")
	}
	address, err := pii.NormalizeAddress(body.Address)
	if err != nil {
		return invalidField("address", "is no address")
	}
	if body.ReturnTo != "" && (!strings.HasPrefix(body.ReturnTo, "/") || strings.HasPrefix(body.ReturnTo, "//") || strings.ContainsAny(body.ReturnTo, "\\\r\n?#")) {
		return invalidField("return_to", "must be a path of this site")
	}
	state, browser := mailoauth.NewState(), rand.Text()
	to, attempt := p.Begin(c.who.Org.String()+"."+state, address)
	kept, err := json.Marshal(mailSignIn{Provider: p.Name, Address: address, DisplayName: body.DisplayName, Mailbox: body.MailboxID, Verifier: attempt.Verifier, Browser: hashOfText(browser), ReturnTo: body.ReturnTo,
		Actor: c.actorOf(), Until: time.Now().Add(mailSignInTime)})
	if err != nil {
		return fmt.Errorf("encode sign-in: %w", err)
	}
	if err := h.vault.PutSecret(c.ctx, c.who.Org, mailSignInName(state), kept); err != nil {
		return err
	}
	// Lax, as the provider's site sends the browser back.
	c.Cookie(&fiber.Cookie{Name: mailCookie(state), Value: browser, Path: mailCallback, Expires: time.Now().Add(mailSignInTime), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	return c.answerJSON(http.StatusOK, gen.MailboxSignIn{AuthorizeURL: to})
}

func mailSignInName(state string) string { return "mail_sign_in/" + hashOfText(state) }
func mailCookie(state string) string     { return "outrider_mail_" + state[:min(len(state), 8)] }

func hashOfText(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// finish takes a browser back. Whatever becomes of it, it goes to where it began, which says so.
func (h *mailSignIns) finish(c *call) error {
	orgText, state, _ := strings.Cut(c.Query("state"), ".")
	org, err := uuid.Parse(orgText)
	if err != nil || len(orgText) != 36 || len(state) < 20 || len(state) > 100 || strings.ContainsFunc(state, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return notFoundProblem()
	}
	in, err := h.take(c.ctx, org, state, c.Cookies(mailCookie(state)))
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: mailCookie(state), Path: mailCallback, Expires: time.Unix(1, 0), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	back := in.ReturnTo
	if back == "" {
		back = "/"
	}
	id, err := h.connect(c, org, state, in)
	if err != nil {
		return c.Redirect(back+"?"+url.Values{"mail_problem": {mailProblem(err)}}.Encode(), http.StatusSeeOther)
	}
	return c.Redirect(back+"?"+url.Values{"connected": {id.String()}}.Encode(), http.StatusSeeOther)
}

// take returns a sign-in to the browser that has begun it, once.
func (h *mailSignIns) take(ctx context.Context, org uuid.UUID, state, browser string) (in mailSignIn, err error) {
	kept, err := h.vault.Secret(ctx, org, mailSignInName(state))
	if err != nil {
		return in, notFoundProblem()
	}
	if err := json.Unmarshal(kept, &in); err != nil {
		return in, fmt.Errorf("read sign-in: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(hashOfText(browser)), []byte(in.Browser)) != 1 {
		return in, notFoundProblem()
	}
	if err := h.vault.DeleteSecret(ctx, org, mailSignInName(state)); err != nil {
		return in, err
	}
	if time.Now().After(in.Until) {
		return in, notFoundProblem()
	}
	return in, nil
}

var errMailDenied = errors.New("the provider was not allowed to")

// mailProblem is what the page is told.
func mailProblem(err error) string {
	var refused *es.Refusal
	switch {
	case errors.Is(err, errMailDenied):
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
	if c.Query("error") != "" || c.Query("code") == "" {
		return uuid.Nil, errMailDenied
	}
	tokens, err := h.providers.Finish(c.ctx, in.Provider, c.Query("code"), in.Verifier)
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
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return err
	}
	a, err := h.gateway.Submit(c.ctx, &es.Command{ID: id, Type: kind, Org: org, Time: h.now().UTC().Truncate(time.Microsecond), Actor: in.Actor, CorrelationID: c.request, CausationID: c.request, ReplyTo: -1, Data: data})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		h.connector.DeleteSecrets(c.ctx, org, secrets)
		return &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return nil
}
