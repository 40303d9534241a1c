package commands

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxRoles bounds the roles of an organisation's own.
	MaxRoles = 50
	// MaxRolePermissions bounds those of a role.
	MaxRolePermissions = 100
)

var permissionForm = regexp.MustCompile(`^[a-z_]{1,40}:[a-z_]{1,40}$`)

// DefineRole makes a role beside the built-in ones. Who asks has all its permissions: the edge sees to that.
type DefineRole struct {
	events.RoleRef
	Name        string   `json:"name"`
	Description string   `json:"description,omitzero"`
	Permissions []string `json:"permissions"`
}

func (DefineRole) CommandType() string { return "role.define.v1" }

// Decide identifies a role by its id, and lets no two have one name.
func (c DefineRole) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	role := aggregates.Role{Name: c.Name, Description: c.Description, Permissions: c.Permissions}
	if is, ok := o.Members.Role(c.RoleID); ok {
		if is.Equal(role) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.RoleID)
	}
	if err := checkOwnRole(o, c.RoleID, role); err != nil {
		return nil, err
	}
	if o.Members.Roles() >= MaxRoles {
		return nil, errInvalid("name", "there are "+strconv.Itoa(MaxRoles)+" roles; remove one first")
	}
	return oneEvent(events.RoleDefined(c))
}

func checkOwnRole(o *aggregates.Organization, id uuid.UUID, r aggregates.Role) error {
	if id == uuid.Nil {
		return errInvalid("role_id", "is missing")
	}
	if err := firstError(checkText("name", r.Name, 1, 100), checkText("description", r.Description, 0, 500), checkPermissions(r.Permissions)); err != nil {
		return err
	}
	if r.Name != strings.TrimSpace(r.Name) {
		return errInvalid("name", "begins or ends with a blank")
	}
	if slices.Contains([]string{events.RoleOwner, events.RoleAdmin, events.RoleMember}, strings.ToLower(r.Name)) {
		return errInvalid("name", "is that of a built-in role")
	}
	if other, ok := o.Members.RoleNamed(r.Name); ok && other != id {
		return errAlreadyExists(other)
	}
	return nil
}

func checkPermissions(list []string) error {
	if len(list) == 0 || len(list) > MaxRolePermissions {
		return errInvalid("permissions", "must be 1 to "+strconv.Itoa(MaxRolePermissions))
	}
	for i, p := range list {
		if !permissionForm.MatchString(p) {
			return errInvalid("permissions", "must be names such as leads:read")
		}
		if i > 0 && list[i-1] >= p {
			return errInvalid("permissions", "must be sorted, each once")
		}
	}
	return nil
}

// ChangeRole changes what those who have a role may do. Who asks has all its permissions, before and after: the edge sees to that.
type ChangeRole struct {
	events.RoleRef
	Name        *string  `json:"name,omitzero"`        // nil = as it is
	Description *string  `json:"description,omitzero"` // likewise
	Permissions []string `json:"permissions,omitzero"` // likewise
}

func (ChangeRole) CommandType() string { return "role.change.v1" }

// Decide changes roles of the organisation's own; there is no way to change a built-in one.
func (c ChangeRole) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Members.Role(c.RoleID)
	if !ok {
		return nil, errNotFound(c.RoleID)
	}
	role := is
	if c.Name != nil {
		role.Name = *c.Name
	}
	if c.Description != nil {
		role.Description = *c.Description
	}
	if c.Permissions != nil {
		role.Permissions = c.Permissions
	}
	if role.Equal(is) {
		return nil, nil
	}
	if err := checkOwnRole(o, c.RoleID, role); err != nil {
		return nil, err
	}
	return oneEvent(events.RoleChanged{RoleRef: c.RoleRef, Name: role.Name, Description: role.Description, Permissions: role.Permissions})
}

// RemoveRole removes a role that nobody has.
type RemoveRole struct {
	events.RoleRef
}

func (RemoveRole) CommandType() string { return "role.remove.v1" }

// Decide counts who has it, or is invited to have it. Asking twice finds none.
func (c RemoveRole) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Members.Role(c.RoleID); !ok {
		return nil, errNotFound(c.RoleID)
	}
	if members, invitations := o.Members.WithRole(c.RoleID.String()); members+invitations+o.Identity.WithRole(c.RoleID.String()) > 0 {
		return nil, refuseAbout(c.RoleID, CodeInUse, detailRoleInUse{c.RoleID, members, invitations, o.Identity.WithRole(c.RoleID.String())})
	}
	return oneEvent(events.RoleRemoved(c))
}
