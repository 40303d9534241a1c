package aggregates

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
)

// Role is one that the organisation has defined.
type Role struct {
	Name        string
	Description string
	Permissions []string
}

// Equal reports whether two say the same.
func (r Role) Equal(other Role) bool {
	return r.Name == other.Name && r.Description == other.Description && slices.Equal(r.Permissions, other.Permissions)
}

// Role returns a role of the organisation's own.
func (m *Members) Role(id uuid.UUID) (Role, bool) {
	r, ok := m.roles[id]
	return r, ok
}

// Roles counts those of the organisation's own.
func (m *Members) Roles() int { return len(m.roles) }

// RoleNamed returns the role that has a name, however it is capitalised.
func (m *Members) RoleNamed(name string) (id uuid.UUID, ok bool) {
	for id, r := range m.roles {
		if strings.EqualFold(r.Name, name) {
			return id, true
		}
	}
	return uuid.Nil, false
}

// HasRole reports whether members may be given a role: a built-in one by its name, one of the organisation's own by its id.
func (m *Members) HasRole(role string) bool {
	switch role {
	case events.RoleOwner, events.RoleAdmin, events.RoleMember:
		return true
	}
	id, err := uuid.Parse(role)
	if err != nil || id.String() != role {
		return false
	}
	_, ok := m.roles[id]
	return ok
}

// WithRole counts the members who have a role, and the invitations that would give it; an expired one can be renewed, so it counts.
func (m *Members) WithRole(role string) (members, invitations int) {
	for _, p := range m.people {
		if p.role == role {
			members++
		}
	}
	for _, i := range m.invited {
		if i.Role == role {
			invitations++
		}
	}
	return members, invitations
}

func (m *Members) setOwnRole(id uuid.UUID, r Role) {
	if m.roles == nil {
		m.roles = map[uuid.UUID]Role{}
	}
	m.roles[id] = r
}
