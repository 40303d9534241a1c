package events

import "github.com/google/uuid"

// RoleRef names a role of the organisation's own.
type RoleRef struct {
	RoleID uuid.UUID `json:"role_id"`
}

func (r RoleRef) AggregateID() string { return r.RoleID.String() }

// RoleDefined: a role beside the built-in ones. A member's role is then its id.
type RoleDefined struct {
	RoleRef
	Name        string   `json:"name"`
	Description string   `json:"description,omitzero"`
	Permissions []string `json:"permissions"` // sorted; which there are is the edge's (identity.Permissions)
}

func (RoleDefined) EventType() string { return "role.defined.v1" }

// RoleChanged says all of a role anew.
type RoleChanged struct {
	RoleRef
	Name        string   `json:"name"`
	Description string   `json:"description,omitzero"`
	Permissions []string `json:"permissions"`
}

func (RoleChanged) EventType() string { return "role.changed.v1" }

// RoleRemoved: nobody had it.
type RoleRemoved struct {
	RoleRef
}

func (RoleRemoved) EventType() string { return "role.removed.v1" }
