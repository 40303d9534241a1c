package api

import "outrider/internal/identity"

// Permission says who may call a route. The zero value lets nobody in.
type Permission struct {
	Scope    identity.Scope // an organisation's key with this scope; "" = none
	Platform bool           // a platform key
	AnyKey   bool           // whoever has a valid key
	Public   bool           // whoever asks
	Pages    bool           // with Public: strangers' browsers and mail programs, which are answered with pages
}

func withScope(s identity.Scope) Permission       { return Permission{Scope: s} }
func scopeOrPlatform(s identity.Scope) Permission { return Permission{Scope: s, Platform: true} }
func platformOnly() Permission                    { return Permission{Platform: true} }
func anyKey() Permission                          { return Permission{AnyKey: true} }
func anybody() Permission                         { return Permission{Public: true} }
func anyVisitor() Permission                      { return Permission{Public: true, Pages: true} }

// Declared reports that somebody may.
func (p Permission) Declared() bool { return p != Permission{} }

// checkCaller returns nil, or what the key lacks.
func (p Permission) checkCaller(who identity.Principal) error {
	switch {
	case p.Public, p.AnyKey:
		return nil
	case who.Platform:
		if p.Platform && who.Has(identity.PlatformAdmin) {
			return nil
		}
		return forbiddenProblem("an organisation's key with scope "+string(p.Scope), p.Scope)
	case p.Scope != "" && who.Has(p.Scope):
		return nil
	case p.Scope != "":
		return forbiddenProblem("scope "+string(p.Scope), p.Scope)
	}
	return forbiddenProblem("a platform key", identity.PlatformAdmin)
}
