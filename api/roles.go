package api

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/internal/postgres"
	"outrider/projections"
)

// roleOf shows one of the organisation's own roles.
func roleOf(row *projections.Role) gen.RoleDefinition {
	return gen.RoleDefinition{ID: row.RoleID.String(), Name: row.Name, Description: row.Description, Permissions: strings.Fields(row.Permissions), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
}

func (m *memberHandlers) loadRoles(c *call) (rows []*projections.Role, err error) {
	err = m.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ListRoles(c.ctx, tx, c.who.Org)
		return err
	})
	return rows, err
}

// roleNames says what roles are called.
func (m *memberHandlers) roleNames(c *call) (map[string]string, error) {
	names := map[string]string{}
	for _, r := range identity.Roles() {
		names[string(r)] = string(r)
	}
	own, err := m.loadRoles(c)
	for _, r := range own {
		names[r.RoleID.String()] = r.Name
	}
	return names, err
}

func (m *memberHandlers) listRoles(c *call) error {
	out := gen.RoleList{Data: []gen.RoleDefinition{}}
	for _, r := range identity.Roles() {
		out.Data = append(out.Data, gen.RoleDefinition{ID: string(r), Name: string(r), BuiltIn: true, Permissions: sortedNames(r.Scopes())})
	}
	own, err := m.loadRoles(c)
	if err != nil {
		return err
	}
	for _, row := range own {
		out.Data = append(out.Data, roleOf(row))
	}
	return c.answerJSON(200, out)
}

func sortedNames(scopes []identity.Scope) []string {
	names := []string{}
	for _, s := range scopes {
		names = append(names, string(s))
	}
	slices.Sort(names)
	return names
}

// checkGive refuses to give or take a role with permissions that the caller lacks.
func (m *memberHandlers) checkGive(c *call, roles ...identity.Role) error {
	for _, r := range roles {
		scopes, err := m.scopesOf(c, r)
		if err != nil {
			return err
		}
		if err := checkHas(c.who, scopes, "which the role "+string(r)+" has and you lack"); err != nil {
			return err
		}
	}
	return nil
}

func checkHas(who identity.Principal, scopes []identity.Scope, because string) error {
	for _, s := range scopes {
		if !who.Has(s) {
			return forbiddenProblem("scope "+string(s)+", "+because, s)
		}
	}
	return nil
}

// scopesOf returns what a role permits: as those who sign in have it, which holds as soon as a change is answered.
func (m *memberHandlers) scopesOf(c *call, r identity.Role) (scopes []identity.Scope, err error) {
	switch {
	case r.BuiltIn():
		return r.Scopes(), nil
	case m.signIn != nil:
		scopes, err = m.signIn.Sessions.RoleScopes(c.ctx, c.who.Org, r)
	}
	if err == nil && len(scopes) == 0 { // nobody is let have what isn't known
		err = invalidField("role", "must be owner, admin, member or the id of a role of this organisation")
	}
	return scopes, err
}

// cleanPermissions sorts what a role is to permit: permissions that there are, and that the caller has.
func cleanPermissions(c *call, names []string) ([]string, error) {
	all := identity.OrganizationScopes()
	var scopes []identity.Scope
	for i, name := range names {
		if !slices.Contains(all, identity.Scope(name)) {
			return nil, invalidField("permissions."+strconv.Itoa(i), "there is no permission "+strconv.Quote(name))
		}
		scopes = append(scopes, identity.Scope(name))
	}
	return slices.Compact(sortedNames(scopes)), checkHas(c.who, scopes, "which you lack and so can't give")
}

func (m *memberHandlers) createRole(c *call, body gen.RoleCreate) error {
	permissions, err := cleanPermissions(c, body.Permissions)
	if err != nil {
		return err
	}
	in, err := m.beginOwn(c)
	if err != nil {
		return err
	}
	role := events.RoleRef{RoleID: in.newID("role")}
	a, err := m.submitCommand(in, commands.DefineRole{RoleRef: role, Name: body.Name, Description: body.Description, Permissions: permissions})
	if err != nil {
		return err
	}
	if err := m.setRole(c, role.RoleID, permissions, a.Oseq); err != nil {
		return err
	}
	return c.answerCreated(gen.RoleDefinition{ID: role.RoleID.String(), Name: body.Name, Description: body.Description, Permissions: permissions, CreatedAt: a.Time, UpdatedAt: a.Time}, "/v1/roles/"+a.Subject, 0)
}

// setRole lets what the log says hold in this process at once; a reactor does the same for whoever dies before.
func (m *memberHandlers) setRole(c *call, role uuid.UUID, permissions []string, oseq int64) error {
	if m.signIn == nil {
		return nil
	}
	return m.signIn.Sessions.SetRole(c.ctx, c.who.Org, role, permissions, oseq)
}

func (m *memberHandlers) loadRole(c *call, id uuid.UUID) (row *projections.Role, err error) {
	err = m.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetRole(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}

// updateRole reads presence from the JSON itself: a description that is "" is taken away.
func (m *memberHandlers) updateRole(c *call, id uuid.UUID, body gen.RolePatch) error {
	if _, err := m.loadRole(c, id); err != nil {
		return err
	}
	if err := m.checkGive(c, identity.Role(id.String())); err != nil {
		return err
	}
	object, _ := c.json.(map[string]any)
	cmd := commands.ChangeRole{RoleRef: events.RoleRef{RoleID: id}, Name: textOf(object, "name"), Description: textOf(object, "description")}
	if body.Permissions != nil {
		var err error
		if cmd.Permissions, err = cleanPermissions(c, body.Permissions); err != nil {
			return err
		}
	}
	a, err := m.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	if cmd.Permissions != nil {
		if err := m.setRole(c, id, cmd.Permissions, a.Oseq); err != nil {
			return err
		}
	}
	return m.showAfterChange(c, "members", a, func() error {
		row, err := m.loadRole(c, id)
		if err != nil {
			return err
		}
		return c.answerJSON(200, roleOf(row))
	})
}

func (m *memberHandlers) removeRole(c *call, id uuid.UUID) error {
	a, err := m.submitOwn(c, commands.RemoveRole{RoleRef: events.RoleRef{RoleID: id}})
	if err != nil {
		return err
	}
	if err := m.setRole(c, id, nil, a.Oseq); err != nil {
		return err
	}
	return c.answerNothing()
}

// roleName returns what a role is called; "" for one that isn't in the read model.
func roleName(ctx context.Context, r *readSide, org uuid.UUID, role identity.Role) (name string, err error) {
	id, err := uuid.Parse(string(role))
	if err != nil {
		return string(role), nil //nolint:nilerr // a built-in one
	}
	err = postgres.InOrg(ctx, r.pool, org, func(tx pgx.Tx) error {
		row, err := projections.GetRole(ctx, tx, org, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			name = row.Name
		}
		return err
	})
	return name, err
}
