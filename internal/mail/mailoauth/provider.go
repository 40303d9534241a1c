// Package mailoauth signs mailboxes in at Google and Microsoft without a password: by authorization code with PKCE (RFC 7636), and by access tokens that are
// refreshed once for however many senders and readers there are.
package mailoauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Names of providers.
const (
	Google    = "google"
	Microsoft = "microsoft"
)

// Server is where a provider's mailboxes send and are read.
type Server struct {
	Host     string
	Port     int
	Security string
}

// Provider is one whose mailboxes can be signed in here.
type Provider struct {
	Name       string
	SMTP, IMAP Server

	config oauth2.Config
	more   []oauth2.AuthCodeOption
}

// Client is what a provider has registered the operator as.
type Client struct{ ID, Secret string }

// Options say who we are at the providers.
type Options struct {
	Google, Microsoft Client // without an ID it isn't offered
	Tenant            string // of Microsoft; "" = common
	Redirect          string // our address that browsers come back to
	StandIn           string // URL that takes the place of both providers' pages and of their token endpoints: for tests; "" = none
	StandInSMTP       Server // likewise of their mail servers; without a host: none
	StandInIMAP       Server
	HTTP              *http.Client // nil = one that waits 20 s
}

// Providers are those that are offered, by name.
type Providers struct {
	byName map[string]*Provider
	client *http.Client
}

// New returns the providers that have a client.
func New(o Options) *Providers {
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 20 * time.Second}
	}
	if o.Tenant == "" {
		o.Tenant = "common"
	}
	all := &Providers{byName: map[string]*Provider{}, client: o.HTTP}
	login := "https://login.microsoftonline.com/" + o.Tenant + "/oauth2/v2.0/"
	for _, p := range []struct {
		Provider
		client      Client
		auth, token string
		scopes      []string
	}{
		{Provider{Name: Google, SMTP: Server{"smtp.gmail.com", 465, "tls"}, IMAP: Server{"imap.gmail.com", 993, "tls"}, more: []oauth2.AuthCodeOption{oauth2.AccessTypeOffline, oauth2.ApprovalForce}},
			o.Google, "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", []string{"https://mail.google.com/"}},
		{Provider{Name: Microsoft, SMTP: Server{"smtp.office365.com", 587, "starttls"}, IMAP: Server{"outlook.office365.com", 993, "tls"}},
			o.Microsoft, login + "authorize", login + "token", []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}},
	} {
		if p.client.ID == "" {
			continue
		}
		if o.StandIn != "" {
			p.auth, p.token = strings.TrimSuffix(o.StandIn, "/")+"/authorize", strings.TrimSuffix(o.StandIn, "/")+"/token"
		}
		if o.StandInSMTP.Host != "" {
			p.SMTP, p.IMAP = o.StandInSMTP, o.StandInIMAP
		}
		p.config = oauth2.Config{ClientID: p.client.ID, ClientSecret: p.client.Secret, Endpoint: oauth2.Endpoint{AuthURL: p.auth, TokenURL: p.token, AuthStyle: oauth2.AuthStyleInParams}, RedirectURL: o.Redirect, Scopes: p.scopes}
		one := p.Provider
		all.byName[p.Name] = &one
	}
	return all
}

// Names lists those that are offered.
func (p *Providers) Names() (names []string) {
	for _, name := range []string{Google, Microsoft} {
		if p != nil && p.byName[name] != nil {
			names = append(names, name)
		}
	}
	return names
}

// Named returns one, or nil.
func (p *Providers) Named(name string) *Provider {
	if p == nil {
		return nil
	}
	return p.byName[name]
}

// Attempt is a sign-in that has begun. All of it is secret.
type Attempt struct {
	State    string
	Verifier string
}

// Begin returns where the browser goes; the provider suggests the account of the address. redirect is where it comes back to; "" = the address that the provider was made with.
func (p *Provider) Begin(state, address, redirect string) (to string, a Attempt) {
	a = Attempt{State: state, Verifier: oauth2.GenerateVerifier()}
	options := append([]oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("login_hint", address)}, p.more...)
	return p.comingBackTo(redirect).AuthCodeURL(a.State, options...), a
}

// comingBackTo is the client of a browser that comes back to an address; "" = the usual one.
func (p *Provider) comingBackTo(redirect string) *oauth2.Config {
	config := p.config
	if redirect != "" {
		config.RedirectURL = redirect
	}
	return &config
}

// NewState returns a text that nobody guesses.
func NewState() string { return rand.Text() }

// Why there is no token.
var (
	// ErrEnded means that the provider takes the permission for ended: by the person, by an administrator, by a new password, or by time. Only signing in again helps.
	ErrEnded = errors.New("the permission has ended; sign in again")
	// ErrRefused means that the provider didn't give one.
	ErrRefused = errors.New("the provider gives no token")
	// ErrNotOffered means that the operator has no client at that provider any more.
	ErrNotOffered = errors.New("this provider isn't set up here")
)

// Finish trades the code for tokens; redirect is what the sign-in began with.
func (p *Providers) Finish(ctx context.Context, name, code, verifier, redirect string) (Stored, error) {
	is := p.Named(name)
	if is == nil {
		return Stored{}, ErrNotOffered
	}
	got, err := is.comingBackTo(redirect).Exchange(context.WithValue(ctx, oauth2.HTTPClient, p.client), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Stored{}, fmt.Errorf("%w: %w", ErrRefused, safely(err))
	}
	if got.RefreshToken == "" {
		return Stored{}, fmt.Errorf("%w: it gives none that lasts", ErrRefused)
	}
	s := storedOf(name, got)
	s.Minted = time.Now().UTC()
	return s, nil
}

// refresh returns the tokens that follow. A provider may give another refresh token; where it doesn't, the one that there is lasts.
func (p *Providers) refresh(ctx context.Context, s Stored) (Stored, error) {
	is := p.Named(s.Provider)
	if is == nil {
		return s, ErrNotOffered
	}
	got, err := is.config.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, p.client), &oauth2.Token{RefreshToken: s.Refresh}).Token()
	if said := (*oauth2.RetrieveError)(nil); errors.As(err, &said) && said.ErrorCode == "invalid_grant" {
		return s, ErrEnded
	}
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrRefused, safely(err))
	}
	next := storedOf(s.Provider, got)
	if next.Refresh == "" {
		next.Refresh = s.Refresh
	}
	if next.Instance == "" {
		next.Instance = s.Instance
	}
	return next, nil
}

// safely keeps an error's code, and not the body that it came with: that may hold a token.
func safely(err error) error {
	if said := (*oauth2.RetrieveError)(nil); errors.As(err, &said) {
		status := 0
		if said.Response != nil {
			status = said.Response.StatusCode
		}
		return fmt.Errorf("it says %d %s", status, said.ErrorCode)
	}
	return err
}

// Registration is a service that is signed in at in the same way, and has nothing to do with mail.
type Registration struct {
	Name       string
	Client     Client // without an ID it isn't offered
	Auth       string // URL of the page
	Token      string // URL of the endpoint
	Scopes     []string
	Parameters map[string]string // of the page's URL, besides
}

// Register returns those that have a client.
func Register(redirect string, client *http.Client, all ...Registration) *Providers {
	out := &Providers{byName: map[string]*Provider{}, client: client}
	for _, r := range all {
		if r.Client.ID == "" {
			continue
		}
		p := &Provider{Name: r.Name, config: oauth2.Config{ClientID: r.Client.ID, ClientSecret: r.Client.Secret, Endpoint: oauth2.Endpoint{AuthURL: r.Auth, TokenURL: r.Token, AuthStyle: oauth2.AuthStyleInParams},
			RedirectURL: redirect, Scopes: r.Scopes}}
		for name, value := range r.Parameters {
			p.more = append(p.more, oauth2.SetAuthURLParam(name, value))
		}
		out.byName[r.Name] = p
	}
	return out
}
