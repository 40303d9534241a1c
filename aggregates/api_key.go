package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// APIKey is also kept after it was revoked, so that revoking twice is not an error.
type APIKey struct {
	Person    uuid.UUID // whose it is; zero = the organisation's
	Name      string
	Scopes    []string
	ExpiresAt time.Time
	Networks  int
	Rotation  uuid.UUID // the newest; zero = none
	Revoked   bool

	NetworksChange uuid.UUID // the newest; zero = none
}

// Same reports whether a key was issued with these very values.
func (k *APIKey) Same(person uuid.UUID, name string, scopes []string, expires time.Time, networks int) bool {
	return k.Person == person && k.Name == name && slices.Equal(k.Scopes, scopes) && k.ExpiresAt.Equal(expires) && k.Networks == networks
}

// APIKeys of an organisation, by id.
type APIKeys map[uuid.UUID]*APIKey

func (k *APIKeys) applyEvent(event events.APIKeyEvent) {
	switch e := event.(type) {
	case events.APIKeyIssued:
		if *k == nil {
			*k = APIKeys{}
		}
		(*k)[e.KeyID] = &APIKey{Person: e.PersonID, Name: e.Name, Scopes: e.Scopes, ExpiresAt: e.ExpiresAt, Networks: e.Networks}
	case events.APIKeyRotated:
		if is := (*k)[e.KeyID]; is != nil {
			is.Rotation = e.RotationID
		}
	case events.APIKeyNetworksChanged:
		if is := (*k)[e.KeyID]; is != nil {
			is.Networks, is.NetworksChange = e.Networks, e.ChangeID
		}
	case events.APIKeyRevoked:
		if is := (*k)[e.KeyID]; is != nil {
			is.Revoked = true
		}
	}
}

// applyMember ends the keys of who is no member any more.
func (k APIKeys) applyMember(event events.MemberEvent) {
	switch e := event.(type) {
	case events.MemberLeft:
		k.endThoseOf(e.PersonID)
	case events.MemberRemoved:
		k.endThoseOf(e.PersonID)
	case events.MemberErased:
		k.endThoseOf(e.PersonID)
	case events.MemberInvited, events.MemberInvitationRenewed, events.MemberInvitationWithdrawn, events.MemberJoined, events.MemberProvisioned, events.MemberRoleChanged, events.OwnershipTransferred, events.MemberSeatPaused, events.MemberSeatResumed,
		events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberImpersonated, events.MemberImpersonationUsed, events.RoleDefined, events.RoleChanged, events.RoleRemoved: // end none
	}
}

func (k APIKeys) endThoseOf(person uuid.UUID) {
	for _, is := range k {
		if is.Person == person {
			is.Revoked = true
		}
	}
}
