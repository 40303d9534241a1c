package events

import "github.com/google/uuid"

// IdentityLinkRef names what links an organisation to one that an identity provider knows.
type IdentityLinkRef struct {
	LinkID uuid.UUID `json:"link_id"` // follows from provider and external id
}

func (r IdentityLinkRef) AggregateID() string { return r.LinkID.String() }

// IdentityLinked says that tokens of a provider which name its organisation are for ours. No other organisation of the installation has
// the same link: the edge has seen to that.
type IdentityLinked struct {
	IdentityLinkRef
	Provider   string `json:"provider"`
	ExternalID string `json:"external_id"` // of the organisation, at the provider
}

func (IdentityLinked) EventType() string { return "organization.identity_linked.v1" }

// IdentityUnlinked ends that. Who came by it stays a member.
type IdentityUnlinked struct {
	IdentityLinkRef
}

func (IdentityUnlinked) EventType() string { return "organization.identity_unlinked.v1" }

// IdentityJoiningSet says whether whom the provider knows as one of the organisation becomes a member by coming.
type IdentityJoiningSet struct {
	IdentityLinkRef
	Role    string          `json:"role"`    // that they get; "" = nobody joins so
	Domains []JoiningDomain `json:"domains"` // of their addresses; none = whichever
}

func (IdentityJoiningSet) EventType() string { return "organization.identity_joining_set.v1" }

// JoiningDomain is a domain of addresses.
type JoiningDomain struct {
	Name string `json:"name"`
	Hash string `json:"hash"` // as DomainHash of the vault makes it: commands don't name domains of persons
}

// MemberProvisioned makes a person a member who came by an identity provider.
type MemberProvisioned struct {
	MemberRef
	LinkID      uuid.UUID `json:"link_id"`
	Role        string    `json:"role"`
	AddressHash string    `json:"address_hash"`
	Profile     Sealed    `json:"profile"` // as in MemberJoined
}

func (MemberProvisioned) EventType() string { return "member.provisioned.v1" }
