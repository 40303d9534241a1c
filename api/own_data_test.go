package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

func TestAPersonTakesOutTheirDataAndIsForgotten(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "admin")
	eve := w.signUp("eve@example.com")
	eve.ok("POST", "/v1/invitations", obj{"email": "bob@example.com", "role": "member"})
	w.signedIn(bob.do("POST", "/v1/auth/accept-invitation", obj{"token": w.mails.token(t, "bob@example.com")}))
	bob = w.signIn("bob@example.com")
	bob = w.signedIn(bob.do("POST", "/v1/auth/switch-organization", obj{"organization_id": ann.org}))
	own := &client{world: w, org: ann.org, key: bob.ok("POST", "/v1/api-keys", obj{"name": "mine", "scopes": []string{"leads:read", "leads:write"}, "owner": "person"}).text("token")}
	own.ok("GET", "/v1/leads", nil)
	for _, c := range []*signedInMember{ann, eve} {
		c.until("/v1/invitations", func(a answer) bool { return a.status == 200 && len(a.list("data")) == 0 })
	}

	own.ok("POST", "/v1/leads", obj{"email": "lead@example.net"})
	did := func(out answer, event string, org uuid.UUID, byKey bool) bool {
		return slices.ContainsFunc(out.list("actions"), func(x any) bool {
			a := x.(map[string]any)
			return strings.HasPrefix(a["type"].(string), event) && a["organization_id"] == org.String() && a["subject"] != "" && (a["api_key_id"] != nil) == byKey
		})
	}
	showPicture(t, bob, ann, w.tenant("growth"))
	out := bob.until("/v1/me/export", func(a answer) bool {
		return did(a, "member.joined.", ann.org, false) && did(a, "member.joined.", eve.org, false) && did(a, "api_key.issued.", ann.org, false) && did(a, "lead.created.", ann.org, true)
	})
	if out.text("email") != "bob@example.com" || out.text("first_name") != "Bo" || len(out.list("memberships")) != 2 || len(out.list("sessions")) < 2 || len(out.list("api_keys")) != 1 {
		t.Errorf("it is %s", out.body)
	}
	if strings.Contains(string(out.body), ann.person.String()) {
		t.Errorf("it tells of others: %s", out.body)
	}
	own.refused(403, "forbidden", "GET", "/v1/me/export", nil)

	ann.refused(409, "last_owner", "DELETE", "/v1/me", obj{"password": password})
	bob.refused(422, "invalid", "DELETE", "/v1/me", obj{"password": "not the password"})
	bob.refused(422, "invalid", "DELETE", "/v1/me", obj{"email": "bob@example.com"})
	if a := bob.do("DELETE", "/v1/me", obj{"password": password}); a.status != 204 {
		t.Fatalf("forgetting: %d %s", a.status, a.body)
	}
	bob.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	for late := time.Now().Add(5 * time.Minute); own.do("GET", "/v1/leads", nil).status != 401; {
		if time.Now().After(late) {
			t.Fatal("his key is still good")
		}
		time.Sleep(100 * time.Millisecond) // the organisation's limit of requests is for what comes after, too
	}
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "bob@example.com", "password": password})
	for _, c := range []*signedInMember{ann, eve} {
		c.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 1 })
		var erased *es.Event
		for _, e := range w.eventsOf(c.org) {
			if e.Type == "member.erased.v1" {
				erased = e
			}
		}
		if erased == nil || !strings.Contains(string(erased.Data), bob.person.String()) || !strings.Contains(string(erased.Data), "invitations") {
			t.Errorf("the history of %s has %v", c.org, erased)
		}
	}
	var left int
	check(t, w.db.Pools.Identity.QueryRow(t.Context(), `select (select count(*) from identity.people where id = $1) + (select count(*) from identity.sessions where person_id = $1) + (select count(*) from identity.pictures where person_id = $1)
		+ (select count(*) from identity.mailed_links where about = 'bob@example.com')`, bob.person).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows are left of him", left)
	}
	if again := ann.join("bob@example.com", "member"); again.person == bob.person || again.person == uuid.Nil {
		t.Error("who comes again is somebody new")
	}
}
