package node

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/mail/mailoauth"
)

// MailSignIn says who we are at the providers where people let us use their mailboxes without a password.
type MailSignIn struct {
	GoogleClientID        string `name:"google-client-id" env:"GOOGLE_CLIENT_ID" help:"Client of Google's, with which people connect Gmail without a password; its redirect is PUBLIC-URL/v1/mailbox-sign-ins/callback." placeholder:"ID"`
	GoogleClientSecret    string `name:"google-client-secret" env:"GOOGLE_CLIENT_SECRET" help:"Its secret." placeholder:"SECRET"`
	MicrosoftClientID     string `name:"microsoft-client-id" env:"MICROSOFT_CLIENT_ID" help:"Application of Microsoft's, likewise for Microsoft 365." placeholder:"ID"`
	MicrosoftClientSecret string `name:"microsoft-client-secret" env:"MICROSOFT_CLIENT_SECRET" help:"Its secret." placeholder:"SECRET"`
	MicrosoftTenant       string `name:"microsoft-tenant" env:"MICROSOFT_TENANT" default:"common" help:"Whose accounts it takes: common, organizations, or a tenant." placeholder:"TENANT"`
	MailOAuthURL          string `name:"mail-oauth-url" help:"What takes the place of both providers: for tests." placeholder:"URL" hidden:""`
}

// providers are those that have a client; loopback reaches nothing but this machine: while mail is simulated.
func (c MailSignIn) providers(base string, loopback bool) *mailoauth.Providers {
	client := &http.Client{Timeout: 20 * time.Second}
	if loopback {
		client.Transport = &http.Transport{DialContext: dial.Dialer{Reach: dial.Loopback}.DialContext}
	}
	return mailoauth.New(mailoauth.Options{Google: mailoauth.Client{ID: c.GoogleClientID, Secret: c.GoogleClientSecret}, Microsoft: mailoauth.Client{ID: c.MicrosoftClientID, Secret: c.MicrosoftClientSecret},
		Tenant: c.MicrosoftTenant, Redirect: base + "/v1/mailbox-sign-ins/callback", StandIn: c.MailOAuthURL, HTTP: client})
}

// endPermission has a mailbox stopped whose provider takes the permission for ended. The name is that of a secret, mailbox/ID/oauth/ID.
func endPermission(to reaction.Commander, now func() time.Time, log *slog.Logger) func(uuid.UUID, string) {
	return func(org uuid.UUID, name string) {
		parts := strings.Split(name, "/")
		if len(parts) != 4 {
			return
		}
		mailbox, err := uuid.Parse(parts[1])
		if err != nil {
			return
		}
		log.Warn("the permission to use a mailbox has ended", "mailbox", mailbox, "org", org)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		id := es.NewID()
		cause := reaction.Cause{Org: org, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorProvider, ID: "mail_sign_in"}}
		if _, err := reaction.Submit(ctx, to, cause, id, now(), commands.EndMailboxPermission{MailboxRef: events.MailboxRef{MailboxID: mailbox}}); err != nil {
			log.Error("a mailbox whose permission has ended could not be stopped", "mailbox", mailbox, "org", org, "error", err)
		}
	}
}
