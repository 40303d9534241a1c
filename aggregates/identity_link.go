package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// IdentityLink says which organisation of which identity provider is this one.
type IdentityLink struct {
	Provider   string
	ExternalID string
	Joining    Joining
}

// Joining says who becomes a member by coming.
type Joining struct {
	Role    string // "" = nobody
	Domains []events.JoiningDomain
}

// Admits reports whether somebody with an address of a domain may join.
func (j Joining) Admits(domainHash string) bool {
	return j.Role != "" && (len(j.Domains) == 0 || slices.ContainsFunc(j.Domains, func(d events.JoiningDomain) bool { return d.Hash == domainHash }))
}

// Same reports whether both let the same people join.
func (j Joining) Same(other Joining) bool {
	return j.Role == other.Role && slices.Equal(j.Domains, other.Domains)
}

// IdentityLinks of an organisation, by id.
type IdentityLinks map[uuid.UUID]IdentityLink

// WithRole counts the links by which who comes gets a role.
func (l IdentityLinks) WithRole(role string) (n int) {
	for _, is := range l {
		if is.Joining.Role == role {
			n++
		}
	}
	return n
}

func (l *IdentityLinks) applyEvent(event events.IdentityEvent) {
	switch e := event.(type) {
	case events.IdentityLinked:
		if *l == nil {
			*l = IdentityLinks{}
		}
		(*l)[e.LinkID] = IdentityLink{Provider: e.Provider, ExternalID: e.ExternalID}
	case events.IdentityUnlinked:
		delete(*l, e.LinkID)
	case events.IdentityJoiningSet:
		if is, ok := (*l)[e.LinkID]; ok {
			is.Joining = Joining{e.Role, e.Domains}
			(*l)[e.LinkID] = is
		}
	}
}
