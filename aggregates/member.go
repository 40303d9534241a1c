package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Members of an organisation, and who is invited to be one.
type Members struct {
	people      map[uuid.UUID]member
	joined      int64 // counts who came
	pausedSeats int   // of people
	invited     map[uuid.UUID]Invitation
	removed     map[uuid.UUID]struct{} // and not back since
	erased      map[uuid.UUID]struct{} // who has asked to be forgotten
	roles       map[uuid.UUID]Role     // of the organisation's own
}

type member struct {
	role    string
	address Hash
	joined  int64 // who came before has a lower one
	paused  bool  // the plan has fewer seats
}

// Invitation is one that nobody has accepted or withdrawn.
type Invitation struct {
	Role      string
	Address   Hash
	ExpiresAt time.Time
}

// Expired reports whether it is too late to accept it.
func (i Invitation) Expired(now time.Time) bool { return !now.Before(i.ExpiresAt) }

// Len is how many seats are taken.
func (m *Members) Len() int64 { return int64(len(m.people)) }

// RoleOf returns a member's role; "" = no member.
func (m *Members) RoleOf(person uuid.UUID) string { return m.people[person].role }

// WasRemoved reports whether somebody else has ended the person's membership, and nobody has invited them again.
func (m *Members) WasRemoved(person uuid.UUID) bool {
	_, ok := m.removed[person]
	return ok
}

// WasErased reports whether the person was forgotten.
func (m *Members) WasErased(person uuid.UUID) bool {
	_, ok := m.erased[person]
	return ok
}

// HasOtherOwner reports whether the organisation has an owner without this member.
func (m *Members) HasOtherOwner(person uuid.UUID) bool {
	for id, p := range m.people {
		if id != person && p.role == events.RoleOwner {
			return true
		}
	}
	return false
}

// WithAddress returns the member who has an address.
func (m *Members) WithAddress(address Hash) (person uuid.UUID, ok bool) {
	for id, p := range m.people {
		if p.address == address {
			return id, true
		}
	}
	return uuid.Nil, false
}

// Invitation returns one that can be accepted, or could until it expired.
func (m *Members) Invitation(id uuid.UUID) (Invitation, bool) {
	i, ok := m.invited[id]
	return i, ok
}

// InvitationOf returns the invitation of an address that hasn't expired.
func (m *Members) InvitationOf(address Hash, now time.Time) (id uuid.UUID, ok bool) {
	for id, i := range m.invited {
		if i.Address == address && !i.Expired(now) {
			return id, true
		}
	}
	return uuid.Nil, false
}

// Invited counts the invitations that can be accepted.
func (m *Members) Invited(now time.Time) (n int) {
	for _, i := range m.invited {
		if !i.Expired(now) {
			n++
		}
	}
	return n
}

func (m *Members) applyEvent(event events.MemberEvent) {
	switch e := event.(type) {
	case events.MemberInvited:
		if m.invited == nil {
			m.invited = map[uuid.UUID]Invitation{}
		}
		for id, i := range m.invited { // what it replaces
			if i.Address == hashOf(e.AddressHash) {
				delete(m.invited, id)
			}
		}
		m.invited[e.InvitationID] = Invitation{e.Role, hashOf(e.AddressHash), e.ExpiresAt}
	case events.MemberInvitationRenewed:
		if i, ok := m.invited[e.InvitationID]; ok {
			i.ExpiresAt = e.ExpiresAt
			m.invited[e.InvitationID] = i
		}
	case events.MemberInvitationWithdrawn:
		delete(m.invited, e.InvitationID)
	case events.MemberJoined:
		m.addPerson(e.PersonID, e.Role, e.AddressHash)
		delete(m.invited, e.InvitationID)
	case events.MemberProvisioned:
		m.addPerson(e.PersonID, e.Role, e.AddressHash)
	case events.MemberRoleChanged:
		m.setRole(e.PersonID, e.Role)
	case events.OwnershipTransferred:
		m.setRole(e.From, events.RoleAdmin)
		m.setRole(e.PersonID, events.RoleOwner)
	case events.MemberLeft:
		m.endPerson(e.PersonID)
	case events.MemberRemoved:
		m.endPerson(e.PersonID)
		if m.removed == nil {
			m.removed = map[uuid.UUID]struct{}{}
		}
		m.removed[e.PersonID] = struct{}{}
	case events.MemberErased:
		m.endPerson(e.PersonID)
		delete(m.removed, e.PersonID)
		if m.erased == nil {
			m.erased = map[uuid.UUID]struct{}{}
		}
		m.erased[e.PersonID] = struct{}{}
		for _, id := range e.Invitations {
			delete(m.invited, id)
		}
	case events.MemberSeatPaused:
		m.setSeatPaused(e.PersonID, true)
	case events.MemberSeatResumed:
		m.setSeatPaused(e.PersonID, false)
	case events.RoleDefined:
		m.setOwnRole(e.RoleID, Role{e.Name, e.Description, e.Permissions})
	case events.RoleChanged:
		m.setOwnRole(e.RoleID, Role{e.Name, e.Description, e.Permissions})
	case events.RoleRemoved:
		delete(m.roles, e.RoleID)
	case events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberImpersonated, events.MemberImpersonationUsed: // change nothing here
	}
}

func (m *Members) addPerson(id uuid.UUID, role, addressHash string) {
	if m.people == nil {
		m.people = map[uuid.UUID]member{}
	}
	m.endPerson(id)
	m.joined++
	m.people[id] = member{role: role, address: hashOf(addressHash), joined: m.joined}
	delete(m.removed, id)
}

func (m *Members) setRole(person uuid.UUID, role string) {
	if p, ok := m.people[person]; ok {
		p.role = role
		m.people[person] = p
	}
}
