package api_test

import (
	"testing"
	"time"

	"outrider/internal/identity"
)

func TestADeletedOrganisationCanBeRestoredFor30Days(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "admin")
	key := ann.with("leads:read")
	path := "/v1/organizations/" + ann.org.String()
	made := ann.ok("POST", "/v1/leads", obj{"email": "lead@example.com", "last_name": "Lee"})
	bob.refused(403, "forbidden", "DELETE", path, nil)
	w.operator().ok("PATCH", path, obj{"plan": "growth"}) // so that the trial's end changes nothing
	ann.ok("DELETE", path, nil)
	for name, c := range map[string]*client{"owner": ann.client, "admin": bob.client, "key": key} {
		if a := c.do("GET", "/v1/leads", nil); a.status != 401 {
			t.Errorf("the %s is answered %d %s", name, a.status, a.body)
		}
	}
	w.operator().refused(404, "organization_deleted", "PATCH", path, obj{"name": "x"})
	shown := w.operator().until(path, func(a answer) bool { return a.text("erase_at") != "" })
	if shown.text("deletion_requested_at") == "" || shown.text("deleted_at") != "" {
		t.Errorf("it shows as %s", shown.body)
	}
	back, admin, eve := w.signIn("ann@example.com"), w.signIn("bob@example.com"), w.signUp("eve@example.com")
	if back.org == ann.org {
		t.Error("the owner signed in to an organisation that is deleted")
	}
	for _, c := range []*signedInMember{admin, eve} {
		c.refused(404, "not_found", "POST", path+"/restore", nil)
	}
	w.clock.forward(29 * 24 * time.Hour)
	if a := back.ok("POST", path+"/restore", nil); a.text("erase_at") != "" || a.text("status") != "active" {
		t.Errorf("restored as %s", a.body)
	}
	w.signedIn(back.do("POST", "/v1/auth/switch-organization", obj{"organization_id": ann.org})).ok("GET", made.header.Get("Location"), nil)
	key.ok("GET", "/v1/leads", nil)

	w.operator().ok("DELETE", path, nil)
	w.operator().ok("POST", path+"/restore", nil)
	w.operator().ok("DELETE", path, nil)
	w.clock.forward(31 * 24 * time.Hour)
	w.operator().until(path, func(a answer) bool { return a.text("deleted_at") != "" })
	w.operator().refused(404, "organization_deleted", "POST", path+"/restore", nil)
	var left int
	for late := time.Now().Add(5 * time.Minute); ; {
		check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select (select count(*) from read.leads where org_id = $1) + (select count(*) from read.members where org_id = $1)`, ann.org).Scan(&left))
		if left == 0 || time.Now().After(late) {
			break
		}
	}
	if left != 0 {
		t.Errorf("%d rows of it can be read", left)
	}
	if err := w.cfg.Keys.SetAccess(t.Context(), ann.org, identity.AccessNone, 1<<40); err != nil { // as the reactor does
		t.Fatal(err)
	}
	key.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
}
