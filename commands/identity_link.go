package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxIdentityLinks bounds those of an organisation.
	MaxIdentityLinks = 20
	// MaxJoiningDomains bounds those of a link.
	MaxJoiningDomains = 50
)

// LinkIdentityProvider links the organisation to one that an identity provider knows. It is sent after the edge has reserved the link:
// the log can't know those of other organisations.
type LinkIdentityProvider struct {
	LinkID     uuid.UUID `json:"link_id"`
	Provider   string    `json:"provider"`
	ExternalID string    `json:"external_id"`
}

func (LinkIdentityProvider) CommandType() string { return "organization.link_identity.v1" }

// Decide has nothing to do for a link that there is.
func (c LinkIdentityProvider) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.LinkID == uuid.Nil {
		return nil, errInvalid("link_id", "is missing")
	}
	if err := firstError(checkText("provider", c.Provider, 1, 40), checkText("external_id", c.ExternalID, 1, 200)); err != nil {
		return nil, err
	}
	is, ok := o.Identity[c.LinkID]
	switch {
	case ok && is.Provider == c.Provider && is.ExternalID == c.ExternalID:
		return nil, nil
	case ok:
		return nil, errAlreadyExists(c.LinkID)
	case len(o.Identity) >= MaxIdentityLinks:
		return nil, errInvalid("external_id", "an organisation has at most "+strconv.Itoa(MaxIdentityLinks)+" links")
	}
	return oneEvent(events.IdentityLinked{IdentityLinkRef: identityLinkRef(c.LinkID), Provider: c.Provider, ExternalID: c.ExternalID})
}

func identityLinkRef(id uuid.UUID) events.IdentityLinkRef { return events.IdentityLinkRef{LinkID: id} }

// UnlinkIdentityProvider ends a link.
type UnlinkIdentityProvider struct {
	LinkID uuid.UUID `json:"link_id"`
}

func (UnlinkIdentityProvider) CommandType() string { return "organization.unlink_identity.v1" }

// Decide forgets it, so asking twice finds none.
func (c UnlinkIdentityProvider) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Identity[c.LinkID]; !ok {
		return nil, errNotFound(c.LinkID)
	}
	return oneEvent(events.IdentityUnlinked{IdentityLinkRef: identityLinkRef(c.LinkID)})
}

// SetIdentityJoining says who becomes a member by coming from the provider. Who asks has at least the role's permissions: the edge sees to that.
type SetIdentityJoining struct {
	LinkID  uuid.UUID              `json:"link_id"`
	Role    string                 `json:"role"` // "" = nobody
	Domains []events.JoiningDomain `json:"domains"`
}

func (SetIdentityJoining) CommandType() string { return "organization.set_identity_joining.v1" }

// Decide lets nobody own the organisation by coming.
func (c SetIdentityJoining) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Identity[c.LinkID]
	if !ok {
		return nil, errNotFound(c.LinkID)
	}
	if err := c.checkFields(o); err != nil {
		return nil, err
	}
	if is.Joining.Same(aggregates.Joining{Role: c.Role, Domains: c.Domains}) {
		return nil, nil
	}
	return oneEvent(events.IdentityJoiningSet{IdentityLinkRef: identityLinkRef(c.LinkID), Role: c.Role, Domains: c.Domains})
}

func (c SetIdentityJoining) checkFields(o *aggregates.Organization) error {
	if c.Role != "" {
		if err := checkRole(o, c.Role); err != nil {
			return err
		}
	}
	switch {
	case c.Role == events.RoleOwner:
		return errInvalid("role", "must not be owner: nobody owns an organisation by signing in")
	case len(c.Domains) > MaxJoiningDomains:
		return errInvalid("domains", "are at most "+strconv.Itoa(MaxJoiningDomains))
	}
	for _, d := range c.Domains {
		if err := checkText("domains", d.Name, 1, 253); err != nil {
			return err
		}
		if _, ok := aggregates.ParseHash(d.Hash); !ok {
			return errInvalid("domains", reasonHash)
		}
	}
	return nil
}

// JoinByIdentity makes a person a member whom a provider knows as one of the organisation, if the organisation lets them and there is a
// seat. The edge has checked what the provider says.
type JoinByIdentity struct {
	LinkID      uuid.UUID     `json:"link_id"`
	PersonID    uuid.UUID     `json:"person_id"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
	Role        string        `json:"role"` // that the link gives, as the edge knows it
	Profile     events.Sealed `json:"profile"`
}

func (JoinByIdentity) CommandType() string { return "member.join_by_identity.v1" }

// Decide takes a seat. Who was removed comes back by an invitation only.
func (c JoinByIdentity) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkPerson(c.PersonID, c.AddressHash, c.Profile); err != nil {
		return nil, err
	}
	if o.Members.RoleOf(c.PersonID) != "" {
		return nil, nil
	}
	link, ok := o.Identity[c.LinkID]
	hash, _ := aggregates.ParseHash(c.AddressHash)
	switch {
	case !ok:
		return nil, errNotFound(c.LinkID)
	case !link.Joining.Admits(c.DomainHash) || link.Joining.Role != c.Role || !o.Members.HasRole(c.Role) || o.Members.WasRemoved(c.PersonID):
		return nil, refuseAbout(c.LinkID, CodeNotAdmitted, detailID{c.LinkID})
	}
	if person, taken := o.Members.WithAddress(hash); taken {
		return nil, errAlreadyExists(person)
	}
	return takeSeat(now, o, events.MemberProvisioned{MemberRef: events.MemberRef{PersonID: c.PersonID}, LinkID: c.LinkID, Role: link.Joining.Role, AddressHash: c.AddressHash, Profile: c.Profile})
}
