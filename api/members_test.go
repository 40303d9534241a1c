package api_test

import (
	"strings"
	"testing"
	"time"

	"outrider/internal/identity"
)

func TestAMemberIsInvitedPromotedAndRemoved(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	invited := ann.ok("POST", "/v1/invitations", obj{"email": "Bob@example.com", "role": "member"})
	ann.refused(409, "already_exists", "POST", "/v1/invitations", obj{"email": "bob@example.com", "role": "admin"})
	old := w.mails.token(t, w.mails.all[len(w.mails.all)-1].To)
	path := invited.header.Get("Location")
	ann.ok("POST", path+"/resend", nil, "Outrider-Position", invited.header.Get("Outrider-Position"))
	fresh := w.mails.token(t, w.mails.all[len(w.mails.all)-1].To)
	w.nobody().refused(410, "link_invalid", "POST", "/v1/auth/invitation", obj{"token": old})
	shown := w.nobody().ok("POST", "/v1/auth/invitation", obj{"token": fresh})
	if strings.Contains(shown.text("email"), "bob") || shown.text("role") != "member" || shown.json["new_person"] != true {
		t.Errorf("invitation: %s", shown.body)
	}
	eve := w.signUp("eve@example.com")
	other := eve.refused(403, "forbidden", "POST", "/v1/auth/accept-invitation", obj{"token": fresh})
	if !strings.Contains(other.text("detail"), "***") {
		t.Errorf("it doesn't say who is invited: %s", other.body)
	}
	w.nobody().refused(422, "invalid", "POST", "/v1/auth/accept-invitation", obj{"token": fresh})
	bob := w.signedIn(w.nobody().do("POST", "/v1/auth/accept-invitation", obj{"token": fresh, "password": password, "first_name": "Bob"}))
	if bob.org != ann.org {
		t.Fatalf("bob is in %s", bob.org)
	}
	lacks := bob.refused(403, "forbidden", "POST", "/v1/invitations", obj{"email": "x@example.com", "role": "member"})
	if lacks.text("scope") != "members:manage" {
		t.Errorf("it doesn't name what is missing: %s", lacks.body)
	}
	joined := ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 2 })
	if len(ann.ok("GET", "/v1/invitations", nil).list("data")) != 0 {
		t.Errorf("the invitation is open still; members %s", joined.body)
	}
	member := "/v1/members/" + bob.person.String()
	if a := ann.ok("PATCH", member, obj{"role": "admin"}); a.text("role") != "admin" {
		t.Errorf("promoted: %s", a.body)
	}
	bob.ok("GET", "/v1/invitations", nil) // at once, with the same token
	bob.refused(403, "forbidden", "PATCH", "/v1/members/"+ann.person.String(), obj{"role": "member"})
	bob.refused(403, "forbidden", "PATCH", member, obj{"role": "owner"})
	bob.refused(403, "forbidden", "DELETE", "/v1/members/"+ann.person.String(), nil)
	ann.refused(409, "last_owner", "DELETE", "/v1/members/"+ann.person.String(), nil)
	ann.refused(409, "last_owner", "POST", "/v1/auth/leave-organization", nil)
	ann.refused(422, "invalid", "POST", member+"/transfer-ownership", obj{"password": "wrong wrong wrong"})
	ann.ok("POST", member+"/transfer-ownership", obj{"password": password})
	if bob.ok("GET", "/v1/me", nil).text("role") != "owner" || ann.ok("GET", "/v1/me", nil).text("role") != "admin" {
		t.Error("the organisation wasn't handed over")
	}
	bob.until("/v1/members", func(a answer) bool {
		return strings.Count(string(a.body), `"role":"owner"`) == 1 && strings.Contains(string(a.body), `"role":"admin"`)
	})
	bob.ok("DELETE", "/v1/members/"+ann.person.String(), nil)
	ann.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	if back := w.signIn("ann@example.com"); back.org.String() != "00000000-0000-0000-0000-000000000000" {
		t.Errorf("who was removed is in %s still", back.org)
	} else {
		back.refused(403, "forbidden", "GET", "/v1/leads", nil)
		back.ok("GET", "/v1/me", nil)
		back.refused(404, "not_found", "POST", "/v1/auth/switch-organization", obj{"organization_id": bob.org})
		back.refused(404, "not_found", "GET", "/v1/operations/"+anID, nil)
	}
}

// A removed member is out on every process within seconds, also where their session is in memory.
func TestARemovedMemberIsOutEverywhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "member")
	other, err := identity.NewSessions(w.db.Pools.Identity, identity.NewSigningKeys(w.db.Pools.Identity, w.cfg.Vault, nil), base, identity.Options{}) // of another process
	check(t, err)
	if who, err := other.Authenticate(t.Context(), bob.key); err != nil || who.Role != identity.RoleMember {
		t.Fatalf("the other process: %+v, %v", who, err)
	}
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 2 })
	ann.ok("DELETE", "/v1/members/"+bob.person.String(), nil)
	removed := time.Now()
	for {
		if _, err = other.Authenticate(t.Context(), bob.key); err != nil {
			break
		}
		if time.Since(removed) > time.Minute { // the cache's time is a second
			t.Fatal("the other process lets a removed member in")
		}
	}
	bob.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
	w.nobody().refused(401, "unauthenticated", "POST", "/v1/auth/refresh", nil, "Cookie", "outrider_refresh="+bob.refresh)
}

func TestSeatsAreBounded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("starter") // one seat
	c.join("ann@example.com", "owner")
	c.ok("POST", "/v1/invitations", obj{"email": "bob@example.com", "role": "member"})
	accept := obj{"token": w.mails.token(t, "bob@example.com"), "password": password}
	a := w.nobody().refused(402, "quota_exceeded", "POST", "/v1/auth/accept-invitation", accept)
	if a.text("limit") != "seats" || a.json["max"] != 1.0 {
		t.Errorf("refused: %s", a.body)
	}
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "bob@example.com", "password": password})
	w.operator().ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"plan": "growth"})
	w.signedIn(w.nobody().do("POST", "/v1/auth/accept-invitation", accept))
}
