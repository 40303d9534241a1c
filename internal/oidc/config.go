// Package oidc believes identity providers: it checks the tokens that Clerk, Auth0 and any OpenID provider issue, and those that the
// operator issues with a shared secret, and signs people in at a provider in their browser. Who somebody is to us is package identity's.
package oidc

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Kind is whose habits a provider has.
type Kind string

// The kinds.
const (
	Plain Kind = "oidc"
	Clerk Kind = "clerk" // organisations as Clerk writes them, in both versions; tokens name who they were issued to, not whom they are for
	Auth0 Kind = "auth0" // organisations in org_id
)

// Config is what the operator says of a provider.
type Config struct {
	Name              string
	Issuer            string // as it stands in tokens, to the last slash
	Kind              Kind
	ClientID          string // of sign-in in the browser; "" = none
	ClientSecret      string // "" = a public client
	Audiences         []string
	AuthorizedParties []string // azp of tokens: one of these
	OrganizationClaim string   // "" = the kind's
	Scopes            []string // asked for besides openid, email and profile
	Private           bool     // it may lie in a private network, and speak http
}

// TakesTokens reports whether its tokens are accepted: it must say whom they are for, or who asked for them.
func (c Config) TakesTokens() bool { return len(c.Audiences)+len(c.AuthorizedParties) > 0 }

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// ParseConfig reads NAME=ISSUER,key=value,...; a list has | between its members. Secrets are read from a file or the environment.
func ParseConfig(text string) (Config, error) {
	parts := strings.Split(text, ",")
	name, issuer, _ := strings.Cut(parts[0], "=")
	c := Config{Name: name, Issuer: issuer, Kind: Plain}
	for _, part := range parts[1:] {
		key, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return c, fmt.Errorf("provider %s: %q isn't key=value", name, part)
		}
		if err := c.setOption(key, value); err != nil {
			return c, fmt.Errorf("provider %s: %w", name, err)
		}
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("provider %s: %w", name, err)
	}
	return c, nil
}

func (c *Config) setOption(key, value string) (err error) {
	switch key {
	case "kind":
		c.Kind = Kind(value)
	case "client-id":
		c.ClientID = value
	case "client-secret-file":
		text, err := os.ReadFile(value) //nolint:gosec // the operator names it
		if err != nil {
			return fmt.Errorf("client-secret-file: %w", err)
		}
		c.ClientSecret = strings.TrimSpace(string(text))
	case "client-secret-env":
		if c.ClientSecret = os.Getenv(value); c.ClientSecret == "" {
			return fmt.Errorf("client-secret-env: %s is empty", value)
		}
	case "audience":
		c.Audiences = strings.Split(value, "|")
	case "authorized-party":
		c.AuthorizedParties = strings.Split(value, "|")
	case "organization-claim":
		c.OrganizationClaim = value
	case "scopes":
		c.Scopes = strings.Split(value, "|")
	case "private":
		if c.Private = value == "yes"; !c.Private {
			return fmt.Errorf("private is yes, or isn't there")
		}
	default:
		return fmt.Errorf("there is no option %q: there are kind, client-id, client-secret-file, client-secret-env, audience, authorized-party, organization-claim, scopes, private", key)
	}
	return nil
}

func (c *Config) check() error {
	at, err := url.Parse(c.Issuer)
	switch {
	case !namePattern.MatchString(c.Name):
		return fmt.Errorf("a name has 1 to 32 of a-z, 0-9 and -, a letter first")
	case err != nil || at.Host == "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil:
		return fmt.Errorf("%q is no issuer", c.Issuer)
	case at.Scheme != "https" && !(at.Scheme == "http" && c.Private):
		return fmt.Errorf("an issuer is https:// (http:// with private=yes)")
	case !slices.Contains([]Kind{Plain, Clerk, Auth0}, c.Kind):
		return fmt.Errorf("kind is oidc, clerk or auth0")
	case c.Kind == Clerk && len(c.AuthorizedParties) == 0:
		return fmt.Errorf("kind=clerk needs authorized-party: the origins of your front ends, which Clerk writes into azp")
	case c.Kind == Auth0 && len(c.Audiences) == 0 && c.ClientID == "":
		return fmt.Errorf("kind=auth0 needs audience (the identifier of your API), client-id or both")
	case c.ClientID == "" && !c.TakesTokens():
		return fmt.Errorf("it needs client-id (to sign in in the browser), or audience or authorized-party (to send its tokens)")
	case c.ClientSecret != "" && c.ClientID == "":
		return fmt.Errorf("a client secret comes with client-id")
	}
	return nil
}
