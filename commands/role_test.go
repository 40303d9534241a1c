package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var sellerID = uuid.MustParse("01990000-0000-7000-8000-0000000000c1")

func role(id uuid.UUID) events.RoleRef { return events.RoleRef{RoleID: id} }

func seller() events.RoleDefined {
	return events.RoleDefined{RoleRef: role(sellerID), Name: "Seller", Description: "Sells", Permissions: []string{"leads:read", "messages:read"}}
}

func defineBut(change func(*commands.DefineRole)) commands.DefineRole {
	c := commands.DefineRole(seller())
	change(&c)
	return c
}

func roleChanged(change func(*events.RoleChanged)) events.RoleChanged {
	e := events.RoleChanged(seller())
	change(&e)
	return e
}

func TestRoles(t *testing.T) {
	t.Parallel()
	has := func(more ...es.Payload) []es.Payload {
		return given(append([]es.Payload{founded(), seller()}, more...)...)
	}
	in := sellerID.String()
	name, blank := "Closer", " Closer"
	kit().Run(t, map[string]estest.Case{
		"a role is defined":                   {Given: given(), When: commands.DefineRole(seller()), Then: facts{seller()}, Again: estest.NothingToDo()},
		"a role has an id":                    {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.RoleID = uuid.Nil }), Refused: "invalid"},
		"a role has a name":                   {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Name = "" }), Refused: "invalid"},
		"a name has no blanks around it":      {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Name = blank }), Refused: "invalid"},
		"a name isn't that of a built-in":     {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Name = "Owner" }), Refused: "invalid"},
		"a description isn't endless":         {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Description = strings.Repeat("x", 501) }), Refused: "invalid"},
		"a role allows something":             {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Permissions = nil }), Refused: "invalid"},
		"permissions are sorted, each once":   {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Permissions = []string{"leads:read", "leads:read"} }), Refused: "invalid"},
		"permissions look like some":          {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Permissions = []string{"everything"} }), Refused: "invalid"},
		"permissions are bounded":             {Given: given(), When: defineBut(func(c *commands.DefineRole) { c.Permissions = many(101) }), Refused: "invalid"},
		"an id isn't used for another role":   {Given: has(), When: defineBut(func(c *commands.DefineRole) { c.Name = name }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": sellerID}},
		"two roles don't share a name":        {Given: has(), When: defineBut(func(c *commands.DefineRole) { c.RoleID, c.Name = other, "SELLER" }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": sellerID}},
		"a role gets another name":            {Given: has(), When: commands.ChangeRole{RoleRef: role(sellerID), Name: &name}, Then: facts{roleChanged(func(e *events.RoleChanged) { e.Name = name })}, Again: estest.NothingToDo()},
		"a role gets another description":     {Given: has(), When: commands.ChangeRole{RoleRef: role(sellerID), Description: new(string)}, Then: facts{roleChanged(func(e *events.RoleChanged) { e.Description = "" })}, Again: estest.NothingToDo()},
		"a role allows something else":        {Given: has(), When: commands.ChangeRole{RoleRef: role(sellerID), Permissions: []string{"leads:read"}}, Then: facts{roleChanged(func(e *events.RoleChanged) { e.Permissions = []string{"leads:read"} })}, Again: estest.NothingToDo()},
		"a changed name has no blanks":        {Given: has(), When: commands.ChangeRole{RoleRef: role(sellerID), Name: &blank}, Refused: "invalid"},
		"a changed role allows something":     {Given: has(), When: commands.ChangeRole{RoleRef: role(sellerID), Permissions: []string{}}, Refused: "invalid"},
		"a changed name isn't another's":      {Given: has(events.RoleDefined{RoleRef: role(other), Name: name, Permissions: []string{"leads:read"}}), When: commands.ChangeRole{RoleRef: role(sellerID), Name: &name}, Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"nothing unknown is changed":          {Given: given(), When: commands.ChangeRole{RoleRef: role(sellerID), Name: &name}, Refused: "not_found"},
		"a role that nobody has is removed":   {Given: has(), When: commands.RemoveRole{RoleRef: role(sellerID)}, Then: facts{events.RoleRemoved{RoleRef: role(sellerID)}}, Again: estest.RefusedAs("not_found")},
		"nothing unknown is removed":          {Given: given(), When: commands.RemoveRole{RoleRef: role(sellerID)}, Refused: "not_found"},
		"a role that a member has stays":      {Given: has(joined(bert, "bert@example.com", in)), When: commands.RemoveRole{RoleRef: role(sellerID)}, Refused: "in_use", Detail: map[string]any{"id": sellerID, "members": 1, "invitations": 0}},
		"a role of a link stays":              {Given: has(identityLinked(), joining(in)), When: commands.RemoveRole{RoleRef: role(sellerID)}, Refused: "in_use", Detail: map[string]any{"id": sellerID, "members": 0, "invitations": 0, "links": 1}},
		"a role of an invitation stays":       {Given: has(invitedAs(in)), At: estest.At.Add(commands.InvitationTime), When: commands.RemoveRole{RoleRef: role(sellerID)}, Refused: "in_use", Detail: map[string]any{"id": sellerID, "members": 0, "invitations": 1}},
		"a role that a member had is free":    {Given: has(joined(bert, "bert@example.com", in), events.MemberRoleChanged{MemberRef: member(bert), Role: "member"}), When: commands.RemoveRole{RoleRef: role(sellerID)}, Then: facts{events.RoleRemoved{RoleRef: role(sellerID)}}, Again: estest.RefusedAs("not_found")},
		"a member gets a role by its id":      {Given: has(joined(bert, "bert@example.com", "member")), When: commands.ChangeMemberRole{PersonID: bert, Role: in}, Then: facts{events.MemberRoleChanged{MemberRef: member(bert), Role: in}}, Again: estest.NothingToDo()},
		"a role is given by its id alone":     {Given: has(joined(bert, "bert@example.com", "member")), When: commands.ChangeMemberRole{PersonID: bert, Role: "Seller"}, Refused: "invalid"},
		"an id has one form":                  {Given: has(joined(bert, "bert@example.com", "member")), When: commands.ChangeMemberRole{PersonID: bert, Role: strings.ToUpper(in)}, Refused: "invalid"},
		"a role that was removed isn't had":   {Given: has(joined(bert, "bert@example.com", "member"), events.RoleRemoved{RoleRef: role(sellerID)}), When: commands.ChangeMemberRole{PersonID: bert, Role: in}, Refused: "invalid"},
		"the last owner gets no other role":   {Given: has(), When: commands.ChangeMemberRole{PersonID: anna, Role: in}, Refused: "last_owner"},
		"somebody is invited to a role":       {Given: has(), When: commands.InviteMember{InvitationID: letterID, AddressHash: h("bert@example.com"), Details: sealed, Role: in}, Then: facts{invitedAs(in)}, Again: estest.NothingToDo()},
		"nobody is invited to another's role": {Given: has(), When: commands.InviteMember{InvitationID: letterID, AddressHash: h("bert@example.com"), Details: sealed, Role: other.String()}, Refused: "invalid"},
		"who accepts gets the role":           {Given: has(invitedAs(in)), When: accept("bert@example.com"), Then: facts{joined(bert, "bert@example.com", in)}, Again: estest.NothingToDo()},
	})
}

func invitedAs(role string) events.MemberInvited {
	e := invited("bert@example.com", estest.At)
	e.Role = role
	return e
}

func many(n int) (list []string) {
	for i := range n {
		list = append(list, "leads:x"+strings.Repeat("y", i%30)+string(rune('a'+i/30)))
	}
	return list
}

func TestRolesAreBounded(t *testing.T) {
	t.Parallel()
	full := given(founded())
	for n := range commands.MaxRoles {
		full = append(full, events.RoleDefined{RoleRef: role(es.DeriveID(org, strconv.Itoa(n))), Name: "Role " + strconv.Itoa(n), Permissions: []string{"leads:read"}})
	}
	kit().Run(t, map[string]estest.Case{
		"as many as may be":     {Given: full, When: commands.DefineRole(seller()), Refused: "invalid"},
		"one less leaves space": {Given: full[:len(full)-1], When: commands.DefineRole(seller()), Then: facts{seller()}, Again: estest.NothingToDo()},
	})
}
