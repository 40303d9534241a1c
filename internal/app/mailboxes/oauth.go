package mailboxes

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/smtp"

	"outrider/commands"
)

// OAuth is a mailbox that was signed in at its provider: the tokens as the vault keeps them, and the provider's servers.
type OAuth struct {
	Token      string
	SMTP, IMAP mailoauth.Server
}

// Request connects it.
func (o OAuth) Request(address, name string) Request {
	r := Request{Address: address, DisplayName: name, Transport: events.TransportSMTP, Pace: commands.DefaultPace(), token: o.Token}
	r.SMTP, r.IMAP = serverOf(o.SMTP, address), serverOf(o.IMAP, address)
	return r
}

// Change signs it in again.
func (o OAuth) Change(address string) Change {
	return Change{SMTP: serverOf(o.SMTP, address), IMAP: serverOf(o.IMAP, address), token: o.Token}
}

func serverOf(s mailoauth.Server, user string) *ServerChange {
	return &ServerChange{Host: &s.Host, Port: &s.Port, Security: &s.Security, Username: &user}
}

// Tokens give access tokens by the name under which the vault keeps a sign-in; *mailoauth.Tokens is one.
type Tokens interface {
	Access(ctx context.Context, org uuid.UUID, name string) (string, error)
	Refuse(ctx context.Context, org uuid.UUID, name string) bool
}

// WithTokens are secrets of which those that are sign-ins give an access token.
func WithTokens(others Secrets, t Tokens) Secrets { return tokenSecrets{others, t} }

type tokenSecrets struct {
	Secrets

	tokens Tokens
}

// Secret is Secrets'.
func (s tokenSecrets) Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error) {
	if kindOf(name) != kindOAuth {
		return s.Secrets.Secret(ctx, org, name)
	}
	access, err := s.tokens.Access(ctx, org, name)
	return []byte(access), err
}

// RefuseToken says that a server refused a sign-in, and reports whether it may be taken with another token the next time.
func RefuseToken(ctx context.Context, secrets Secrets, org uuid.UUID, server MailServer) bool {
	with, ok := secrets.(tokenSecrets)
	return ok && kindOf(server.Secret) == kindOAuth && with.tokens.Refuse(ctx, org, server.Secret)
}

// SignsInByToken reports whether a server is signed in at by a token.
func (s MailServer) SignsInByToken() bool { return kindOf(s.Secret) == kindOAuth }

// ResultOfAccount is the result of a message whose mailbox has no account to send with: an ended permission is refused as a wrong password is.
func ResultOfAccount(err error) smtp.Result {
	if errors.Is(err, mailoauth.ErrEnded) {
		return smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageAuth, Code: 535, Enhanced: "5.7.8", Text: mailoauth.ErrEnded.Error(), Err: err}
	}
	return smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Err: err}
}
