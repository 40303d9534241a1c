// Package integrations is what connections to services of others share, whatever the service: who we are there, the secrets that a connection is used with,
// the rate at which an account may be asked, and requests that are tried again.
package integrations

import (
	"context"
	"net/http"
	"slices"

	"outrider/internal/mail/mailoauth"
)

// Kinds of services.
const (
	CRM      = "crm"
	Calendar = "calendar"
)

// Provider is a service that organisations connect to.
type Provider struct {
	Name  string
	Kind  string
	Keys  bool // it can be connected by a key, too
	OAuth mailoauth.Registration
}

// ByOAuth reports whether somebody can sign in there: the operator has registered a client.
func (p Provider) ByOAuth() bool { return p.OAuth.Client.ID != "" }

// Registry are the services that are offered.
type Registry struct {
	all   []Provider
	oauth *mailoauth.Providers
}

// NewRegistry returns the services; redirect is our address that browsers come back to.
func NewRegistry(redirect string, client *http.Client, all ...Provider) *Registry {
	r := &Registry{all: all}
	var registered []mailoauth.Registration
	for i := range all {
		all[i].OAuth.Name = all[i].Name
		registered = append(registered, all[i].OAuth)
	}
	r.oauth = mailoauth.Register(redirect, client, registered...)
	return r
}

// Providers lists those that can be connected in one way or the other.
func (r *Registry) Providers() (out []Provider) {
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.all), func(p Provider) bool { return !p.Keys && !p.ByOAuth() })
}

// Named returns one that can be connected.
func (r *Registry) Named(name string) (Provider, bool) {
	all := r.Providers()
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return all[i], true
}

// Begin returns where a browser goes to sign in; hint is the account that the service suggests, redirect where the browser comes back to ("" = our address).
func (r *Registry) Begin(name, state, hint, redirect string) (to string, a mailoauth.Attempt, ok bool) {
	p := r.oauth.Named(name)
	if p == nil {
		return "", a, false
	}
	to, a = p.Begin(state, hint, redirect)
	return to, a, true
}

// Finish trades the code for tokens; redirect is what the sign-in began with.
func (r *Registry) Finish(ctx context.Context, name, code, verifier, redirect string) (mailoauth.Stored, error) {
	return r.oauth.Finish(ctx, name, code, verifier, redirect)
}

// Tokens give access tokens of connections, refreshed once for however many ask.
func (r *Registry) Tokens(vault mailoauth.Vault) *mailoauth.Tokens {
	return mailoauth.NewTokens(mailoauth.TokensConfig{Vault: vault, Providers: r.oauth})
}
