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

func scope(s identity.Scope) Permission      { return Permission{Scope: s} }
func orPlatform(s identity.Scope) Permission { return Permission{Scope: s, Platform: true} }
func platformOnly() Permission               { return Permission{Platform: true} }
func anyKey() Permission                     { return Permission{AnyKey: true} }
func public() Permission                     { return Permission{Public: true} }
func visitors() Permission                   { return Permission{Public: true, Pages: true} }

// Declared says that somebody may.
func (p Permission) Declared() bool { return p != Permission{} }

// check gives nil, or what the key lacks.
func (p Permission) check(who identity.Principal) error {
	switch {
	case p.Public, p.AnyKey:
		return nil
	case who.Platform:
		if p.Platform && who.Has(identity.PlatformAdmin) {
			return nil
		}
		return forbidden("an organisation's key with scope "+string(p.Scope), p.Scope)
	case p.Scope != "" && who.Has(p.Scope):
		return nil
	case p.Scope != "":
		return forbidden("scope "+string(p.Scope), p.Scope)
	}
	return forbidden("a platform key", identity.PlatformAdmin)
}
