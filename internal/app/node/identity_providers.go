package node

import (
	"cmp"
	"fmt"

	"outrider/api"
	"outrider/internal/identity"
	"outrider/internal/oidc"
)

// IdentityProviders are who else says who somebody is.
type IdentityProviders struct {
	OIDC        []string `name:"oidc" sep:"none" help:"An identity provider whose tokens are accepted, and where people sign in in their browser: NAME=ISSUER,kind=clerk|auth0|oidc,client-id=ID,client-secret-file=FILE (or client-secret-env=VARIABLE),audience=A|B,authorized-party=A|B,organization-claim=CLAIM,scopes=A|B,private=yes. May be repeated; see docs/operations.md." placeholder:"SPEC"`
	JWTSecret   string   `name:"jwt-secret" help:"A file with a secret of at least 32 bytes: tokens signed with it (HS256) are accepted." placeholder:"FILE"`
	JWTIssuer   string   `name:"jwt-issuer" help:"Issuer (iss) of those tokens; default: the address under which the API is reached." placeholder:"ISS"`
	JWTAudience string   `name:"jwt-audience" default:"outrider" help:"Audience (aud) of those tokens."`
}

// newExternalSignIn makes what people sign in by who are known elsewhere. No provider is asked for anything yet.
func (n *Node) newExternalSignIn(c IdentityProviders) (x api.ExternalSignIn, err error) {
	var all []*oidc.Provider
	for _, text := range c.OIDC {
		cfg, err := oidc.ParseConfig(text)
		if err != nil {
			return x, fmt.Errorf("--oidc: %w", err)
		}
		p, err := oidc.NewProvider(cfg, oidc.Options{})
		if err != nil {
			return x, fmt.Errorf("--oidc: %w", err)
		}
		all = append(all, p)
	}
	var secret *oidc.Secret
	if c.JWTSecret != "" {
		if secret, err = oidc.ReadSecret(c.JWTSecret, cmp.Or(c.JWTIssuer, n.mailing.base), cmp.Or(c.JWTAudience, "outrider")); err != nil {
			return x, fmt.Errorf("--jwt-secret: %w", err)
		}
	}
	if x.Providers, err = oidc.NewProviders(all, secret); err != nil {
		return x, fmt.Errorf("--oidc: %w", err)
	}
	pool := n.Pools.Identity
	x.Links, x.SignIns = identity.NewIdentityLinks(pool, nil), identity.NewOIDCSignIns(pool, nil)
	x.Identities, err = identity.NewExternalIdentities(pool, identity.NewPeople(pool, nil), x.Links, identity.Options{})
	return x, err
}
