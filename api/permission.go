package api

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/identity"
)

// Permission says who may call a route. The zero value lets nobody in.
type Permission struct {
	Scope    identity.Scope // an organisation's key with this scope; "" = none
	Also     identity.Scope // and this one; "" = no other
	Platform bool           // a platform key
	AnyKey   bool           // whoever has a valid key, or has signed in
	Person   bool           // whoever has signed in, for themselves
	Public   bool           // whoever asks
	Pages    bool           // with Public: strangers' browsers and mail programs, which are answered with pages
	Hook     bool           // with Public: providers, which sign what they post; the handler reads it as it came
}

func withScope(s identity.Scope) Permission       { return Permission{Scope: s} }
func withPII(s identity.Scope) Permission         { return Permission{Scope: s, Also: identity.PIIRead} }
func withBoth(s, also identity.Scope) Permission  { return Permission{Scope: s, Also: also} }
func scopeOrPlatform(s identity.Scope) Permission { return Permission{Scope: s, Platform: true} }
func platformOnly() Permission                    { return Permission{Platform: true} }
func anyKey() Permission                          { return Permission{AnyKey: true} }
func anyPerson() Permission                       { return Permission{Person: true} }
func personOrPlatform() Permission                { return Permission{Person: true, Platform: true} }
func anybody() Permission                         { return Permission{Public: true} }
func anyProvider() Permission                     { return Permission{Public: true, Hook: true} }
func anyVisitor() Permission                      { return Permission{Public: true, Pages: true} }

// Declared reports that somebody may.
func (p Permission) Declared() bool { return p != Permission{} }

// Names lists the permissions of which a caller needs one: those of identity.Permissions, platform:admin, any or public.
func (p Permission) Names() (names []string) {
	switch {
	case p.Public:
		return []string{"public"}
	case p.AnyKey:
		return []string{"any"}
	case p.Person:
		names = append(names, "person")
	}
	if p.Scope != "" {
		names = append(names, string(p.Scope))
	}
	if p.Platform {
		names = append(names, string(identity.PlatformAdmin))
	}
	return names
}

// AlsoNames lists the permissions that a caller needs besides.
func (p Permission) AlsoNames() (names []string) {
	if p.Also != "" {
		names = append(names, string(p.Also))
	}
	return names
}

// checkCaller returns nil, or what the key lacks.
func (p Permission) checkCaller(who identity.Principal) error {
	switch {
	case who.Operator != uuid.Nil && p.Person:
		return newProblem(codeForbidden, "this is the member's own: an operator only reads as them")
	case p.Public, p.AnyKey, p.Person && who.Person != uuid.Nil:
		return nil
	case p.Person && !(p.Platform && who.Platform):
		return newProblem(codeForbidden, "this is for people who have signed in, not for keys")
	case who.Platform:
		if p.Platform && who.Has(identity.PlatformAdmin) {
			return nil
		}
		return forbiddenProblem("an organisation's key with scope "+string(p.Scope), p.Scope)
	case p.Scope != "" && who.Has(p.Scope) && p.Also != "" && !who.Has(p.Also):
		return forbiddenProblem("scope "+string(p.Also)+", too", p.Also)
	case p.Scope != "" && who.Has(p.Scope):
		return nil
	case p.Scope != "" && who.Person != uuid.Nil && who.Org == uuid.Nil:
		return newProblem(codeForbidden, "you are a member of no organisation")
	case p.Scope != "":
		return forbiddenProblem("scope "+string(p.Scope), p.Scope)
	}
	return forbiddenProblem("a platform key", identity.PlatformAdmin)
}

// allowedWhileSuspended are the writes that the key of a suspended or cancelled organisation may still ask for: what stops something,
// and what a person has a right to. The commands behind them say the same (commands.Routes); this keeps what costs something before
// its command is decided, such as a file, from being done at all.
func allowedWhileSuspended() []string {
	return []string{
		"DELETE /v1/organizations/{id}",
		"DELETE /v1/api-keys/{id}",
		"POST /v1/api-keys/{id}/rotate",
		"PATCH /v1/api-keys/{id}",
		"PATCH /v1/members/{id}",
		"DELETE /v1/members/{id}",
		"POST /v1/members/{id}/transfer-ownership",
		"PATCH /v1/roles/{id}",
		"DELETE /v1/roles/{id}",
		"DELETE /v1/invitations/{id}",
		"DELETE /v1/identity-links/{id}",
		"DELETE /v1/exports/{id}",
		"DELETE /v1/webhooks/{id}",
		"POST /v1/webhooks/{id}/rotate-secret",
		"DELETE /v1/hooks/{id}",
		"DELETE /v1/integrations/{id}",
		"POST /v1/integrations/{id}/pause",
		"POST /v1/leads/{id}/erase",
		"POST /v1/suppressions",
		"POST /v1/campaigns/{id}/preview",
		"POST /v1/analytics/query",  // it only reads
		"POST /v1/billing/checkout", // paying lets it go on
		"POST /v1/billing/portal",
		"POST /v1/billing/preview",
		"PUT /v1/billing/subscription",
		"DELETE /v1/billing/subscription",
		"POST /v1/billing/subscription/resume",
		"POST /v1/campaigns/{id}/pause",
		"POST /v1/campaigns/{id}/complete",
		"POST /v1/campaigns/{id}/enrollments/pause",
		"POST /v1/campaigns/{id}/enrollments/stop",
		"POST /v1/mailboxes/{id}/pause",
		"POST /v1/messages/reject",
		"POST /v1/messages/{id}/resolve",
		"DELETE /v1/inbox/replies/{id}",
		"POST /v1/inbox/replies/{id}/resolve",
		"POST /v1/meetings/{id}/cancel",
	}
}

// checkSuspension refuses writes that a suspended organisation may not ask for.
func (c *call) checkSuspension() error {
	if !c.who.ReadOnly || c.route.Allow.Person || c.route.Method == http.MethodGet || slices.Contains(allowedWhileSuspended(), c.route.Method+" "+c.route.Path) {
		return nil
	}
	return newProblem(commands.CodeOrganizationSuspended, "Its keys can read, and stop what runs.")
}
