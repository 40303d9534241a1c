package oidc

import (
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Claims are what a token says that was checked.
type Claims struct {
	Provider     string
	Issuer       string
	Subject      string
	Email        string // "" unless the provider has seen that it is theirs
	FirstName    string
	LastName     string
	Organization string // at the provider; "" = none

	// Of tokens that the operator issues: who narrows what the bearer may do.
	Own    bool
	Role   string   // "" = as it is
	Scopes []string // nil = all
}

const maxSubject = 255

// claimsOf reads who somebody is. Each kind of provider has its own place for organisations.
func (p *Provider) claimsOf(raw jwt.MapClaims) (Claims, bool) {
	c := personClaims(raw)
	c.Provider, c.Issuer, c.Organization = p.Name, p.Issuer, p.organizationOf(raw)
	if p.Kind == Clerk && textOf(raw, "sts") == "pending" { // a sign-in that isn't finished
		return c, false
	}
	return c, c.Subject != "" && len(c.Subject) <= maxSubject
}

func (p *Provider) organizationOf(raw jwt.MapClaims) string {
	switch {
	case p.OrganizationClaim != "":
		return textOf(raw, p.OrganizationClaim)
	case p.Kind == Auth0:
		return textOf(raw, "org_id")
	case p.Kind == Clerk:
		if o, ok := raw["o"].(map[string]any); ok { // version 2
			return textOf(o, "id")
		}
		return textOf(raw, "org_id")
	}
	return ""
}

func personClaims(raw jwt.MapClaims) Claims {
	c := Claims{Subject: textOf(raw, "sub"), FirstName: textOf(raw, "given_name"), LastName: textOf(raw, "family_name")}
	if verified := raw["email_verified"]; verified == true || verified == "true" { // as Amazon's
		c.Email = textOf(raw, "email")
	}
	if c.FirstName == "" && c.LastName == "" {
		c.FirstName, c.LastName, _ = strings.Cut(textOf(raw, "name"), " ")
	}
	return c
}

func textOf(raw map[string]any, name string) string {
	text, _ := raw[name].(string)
	return text
}

// listOf reads what may be a list, or text with spaces in between.
func listOf(raw map[string]any, name string) []string {
	switch v := raw[name].(type) {
	case string:
		return strings.Fields(v)
	case []any:
		list := make([]string, 0, len(v))
		for _, x := range v {
			if text, ok := x.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

// partyFits reports whether the token was issued to somebody who may send it.
func (p *Provider) partyFits(raw jwt.MapClaims) bool {
	return len(p.AuthorizedParties) == 0 || slices.Contains(p.AuthorizedParties, textOf(raw, "azp"))
}
