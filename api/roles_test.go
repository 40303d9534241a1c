package api_test

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/identity"
)

func TestARoleOfOnesOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	made := ann.ok("POST", "/v1/roles", obj{"name": "Seller", "description": "Sells", "permissions": []string{"members:read", "leads:read", "leads:read"}})
	id := made.text("id")
	path := made.header.Get("Location")
	ann.refused(409, "already_exists", "POST", "/v1/roles", obj{"name": "seller", "permissions": []string{"leads:read"}})
	ann.refused(422, "invalid", "POST", "/v1/roles", obj{"name": "Admin", "permissions": []string{"leads:read"}})
	ann.refused(422, "invalid", "POST", "/v1/roles", obj{"name": "Boss", "permissions": []string{"platform:admin"}})
	ann.refused(422, "invalid", "POST", "/v1/invitations", obj{"email": "x@example.com", "role": uuid.NewString()})
	for _, r := range identity.Roles() {
		ann.refused(404, "not_found", "PATCH", "/v1/roles/"+string(r), obj{"permissions": []string{"leads:read"}})
	}
	roles := ann.ok("GET", "/v1/roles", nil, "Outrider-Position", made.header.Get("Outrider-Position")).list("data")
	last := roles[len(roles)-1].(map[string]any)
	if len(roles) != 4 || last["id"] != id || last["built_in"] != false || len(last["permissions"].([]any)) != 2 {
		t.Fatalf("roles: %v", roles)
	}

	bob := ann.join("bob@example.com", id)
	bob.ok("GET", "/v1/leads", nil)
	if got := bob.refused(403, "forbidden", "POST", "/v1/leads", obj{"email": "x@example.com"}).text("scope"); got != "leads:write" {
		t.Errorf("what is missing is %q", got)
	}
	if me := bob.ok("GET", "/v1/me", nil); me.text("role") != id || len(me.list("permissions")) != 2 {
		t.Errorf("me: %s", me.body)
	}
	listed := ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 2 })
	if m := listed.list("data")[1].(map[string]any); m["role"] != id || m["role_name"] != "Seller" {
		t.Errorf("member: %v", m)
	}

	inUse := ann.refused(409, "in_use", "DELETE", path, nil)
	if inUse.json["members"] != 1.0 {
		t.Errorf("it doesn't say how many: %s", inUse.body)
	}
	if a := ann.ok("PATCH", path, obj{"name": "Closer", "permissions": []string{"leads:write", "leads:read"}}); a.text("name") != "Closer" || a.text("description") != "Sells" {
		t.Errorf("changed: %s", a.body)
	}
	bob.ok("POST", "/v1/leads", obj{"email": "x@example.com"}) // at once, with the same token
	bob.refused(403, "forbidden", "GET", "/v1/members", nil)
	ann.ok("PATCH", "/v1/members/"+bob.person.String(), obj{"role": "member"})
	ann.ok("DELETE", path, nil)
	ann.refused(422, "invalid", "PATCH", "/v1/members/"+bob.person.String(), obj{"role": id})
	ann.until("/v1/roles", func(a answer) bool { return len(a.list("data")) == 3 })
	ann.refused(404, "not_found", "PATCH", path, obj{"name": "Again"})
	ann.refused(404, "not_found", "DELETE", path, nil)
}

// Nobody gets, or gives, what they don't have: neither by a role, nor by changing one, nor by an invitation.
func TestNobodyGivesARoleWithMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	manager := ann.ok("POST", "/v1/roles", obj{"name": "Manager", "permissions": []string{"members:read", "members:manage", "roles:manage", "leads:read"}}).text("id")
	strong := ann.ok("POST", "/v1/roles", obj{"name": "Exporter", "permissions": []string{"leads:read", "leads:export"}})
	weak := ann.ok("POST", "/v1/roles", obj{"name": "Reader", "permissions": []string{"leads:read"}})
	bob, carl := ann.join("bob@example.com", manager), ann.join("carl@example.com", strong.text("id"))
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 3 })
	lacks := func(permission, method, path string, body obj) {
		t.Helper()
		if a := bob.refused(403, "forbidden", method, path, body); a.text("scope") != permission {
			t.Errorf("%s %s: %s", method, path, a.body)
		}
	}
	lacks("leads:export", "POST", "/v1/roles", obj{"name": "Mine", "permissions": []string{"leads:read", "leads:export"}})
	lacks("leads:export", "PATCH", weak.header.Get("Location"), obj{"permissions": []string{"leads:read", "leads:export"}})
	lacks("leads:export", "PATCH", strong.header.Get("Location"), obj{"permissions": []string{"leads:read"}})
	lacks("leads:export", "PATCH", "/v1/members/"+bob.person.String(), obj{"role": strong.text("id")})
	lacks("leads:export", "PATCH", "/v1/members/"+carl.person.String(), obj{"role": weak.text("id")})
	lacks("leads:export", "DELETE", "/v1/members/"+carl.person.String(), nil)
	lacks("leads:export", "POST", "/v1/invitations", obj{"email": "eve@example.com", "role": strong.text("id")})
	if a := bob.do("PATCH", "/v1/members/"+bob.person.String(), obj{"role": "admin"}); a.status != 403 {
		t.Errorf("a manager became an admin: %s", a.body)
	}
	bob.ok("PATCH", weak.header.Get("Location"), obj{"permissions": []string{"leads:read", "members:read"}})
	bob.ok("POST", "/v1/invitations", obj{"email": "eve@example.com", "role": weak.text("id")})
	ann.refused(409, "in_use", "DELETE", weak.header.Get("Location"), nil)
}

// What a role permits holds on every process within seconds, also where a session is in memory.
func TestAChangedRoleHoldsEverywhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	made := ann.ok("POST", "/v1/roles", obj{"name": "Seller", "permissions": []string{"leads:read", "leads:write"}})
	bob := ann.join("bob@example.com", made.text("id"))
	other, err := identity.NewSessions(w.db.Pools.Identity, identity.NewSigningKeys(w.db.Pools.Identity, w.cfg.Vault, nil), base, identity.Options{}) // of another process
	check(t, err)
	if who, err := other.Authenticate(t.Context(), bob.key); err != nil || !who.Has(identity.LeadsWrite) {
		t.Fatalf("the other process: %+v, %v", who, err)
	}
	ann.ok("PATCH", made.header.Get("Location"), obj{"permissions": []string{"leads:read"}}, "Outrider-Position", made.header.Get("Outrider-Position"))
	for changed := time.Now(); ; {
		who, err := other.Authenticate(t.Context(), bob.key)
		check(t, err)
		if !who.Has(identity.LeadsWrite) {
			break
		}
		if time.Since(changed) > time.Minute { // the cache's time is a second
			t.Fatal("the other process lets a member do what their role permits no more")
		}
	}
	bob.refused(403, "forbidden", "POST", "/v1/leads", obj{"email": "x@example.com"})
	check(t, w.cfg.SignIn.Sessions.SetRole(t.Context(), ann.org, uuid.MustParse(made.text("id")), []string{"leads:write"}, 1)) // a late word of an old event
	bob.refused(403, "forbidden", "POST", "/v1/leads", obj{"email": "x@example.com"})
}

func TestRolesAreFewAtMost(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	for n := range 50 {
		c.ok("POST", "/v1/roles", obj{"name": "Role " + strconv.Itoa(n), "permissions": []string{"leads:read"}})
	}
	c.refused(422, "invalid", "POST", "/v1/roles", obj{"name": "One more", "permissions": []string{"leads:read"}})
}

// A key from before pii:read was a permission reads what it read then; one of now has what it was given.
func TestKeysFromBeforeSeePeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	key := c.ok("POST", "/v1/api-keys", obj{"name": "reader", "scopes": []string{"leads:read"}})
	has := func() bool {
		me := (&client{world: w, org: c.org, key: key.text("token")}).ok("GET", "/v1/me", nil)
		return slices.Contains(me.list("permissions"), any("pii:read"))
	}
	if has() {
		t.Error("a new key has a permission that it wasn't given")
	}
	other, err := identity.NewKeys(w.db.Pools.Identity, identity.Options{}) // whose cache is empty
	check(t, err)
	_, err = w.db.Pools.Identity.Exec(t.Context(), `update identity.api_keys set permissions_version = 0 where id = $1`, key.text("id"))
	check(t, err)
	who, err := other.Authenticate(t.Context(), key.text("token"), netip.Addr{})
	check(t, err)
	if !who.Has(identity.PIIRead) || who.Has(identity.LeadsWrite) {
		t.Errorf("a key from before has %v", who.Scopes)
	}
	list, err := other.List(t.Context(), c.org)
	check(t, err)
	shown := false
	for _, k := range list {
		shown = shown || k.ID.String() == key.text("id") && slices.Contains(k.Scopes, identity.PIIRead)
	}
	if !shown {
		t.Error("the list of keys doesn't say so")
	}
}
