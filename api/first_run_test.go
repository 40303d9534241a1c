package api_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outrider/internal/identity"
)

func TestTheLinkOfTheFirstRunSignsInOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	issue := func(lasts time.Duration) obj {
		token, err := w.cfg.SignIn.Links.Issue(t.Context(), identity.LinkFirstRun, ann.person.String(), identity.FirstRun{Org: ann.org}, lasts)
		check(t, err)
		return obj{"token": token}
	}
	link := issue(time.Minute)
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via"} {
		w.nobody().refused(403, "forbidden", "POST", "/v1/session/claim", link, header, "192.0.2.1")
	}
	w.nobody().refused(403, "forbidden", "POST", "/v1/session/claim", link, "Origin", "https://elsewhere.example.com")
	var signedIn atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if a := w.nobody().do("POST", "/v1/session/claim", link); a.status == 200 {
				signedIn.Add(1)
				if got := w.signedIn(a); got.person != ann.person || got.org != ann.org || a.text("role") != "owner" {
					t.Errorf("signed in as %s", a.body)
				}
			} else if a.status != 410 {
				t.Errorf("answered %d %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	if n := signedIn.Load(); n != 1 {
		t.Errorf("it signed in %d times", n)
	}
	w.nobody().refused(410, "link_invalid", "POST", "/v1/session/claim", issue(-time.Second))
	replaced := issue(time.Minute)
	issue(time.Minute)
	w.nobody().refused(410, "link_invalid", "POST", "/v1/session/claim", replaced)
	w.nobody().refused(410, "link_invalid", "POST", "/v1/session/claim", obj{"token": w.signUpToken("bob@example.com")}) // of another kind
}

func TestMeListsWhatOneCanGoTo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	ann.join("bob@example.com", "member")
	one := func(a answer) map[string]any {
		list := a.list("organizations")
		if len(list) != 1 {
			t.Fatalf("organisations of %s", a.body)
		}
		return list[0].(map[string]any)
	}
	me := ann.ok("GET", "/v1/me", nil)
	if of := one(me); of["id"] != ann.org.String() || of["slug"] != ann.ok("GET", "/v1/organizations/"+ann.org.String(), nil).text("slug") || of["role"] != "owner" || of["status"] != "active" {
		t.Errorf("it is %v", of)
	}
	user, _ := me.json["user"].(map[string]any)
	if user["id"] != ann.person.String() || user["name"] != "Ann" || user["email"] != "ann@example.com" || me.text("version") == "" || me.json["simulated"] != false || me.json["organization"].(map[string]any)["id"] != ann.org.String() {
		t.Errorf("me: %s", me.body)
	}
	key := ann.with("leads:read")
	if of := key.ok("GET", "/v1/me", nil); one(of)["id"] != ann.org.String() || one(of)["role"] != nil || of.json["user"] != nil {
		t.Errorf("of a key: %s", of.body)
	}
	own := &client{world: w, org: ann.org, key: ann.ok("POST", "/v1/api-keys", obj{"name": "own", "scopes": []string{"leads:read"}, "owner": "person"}).text("token")}
	if of := own.ok("GET", "/v1/me", nil); of.json["user"].(map[string]any)["email"] != "ann@example.com" {
		t.Errorf("of a key of hers: %s", of.body)
	}
	if of := w.operator().ok("GET", "/v1/me", nil); len(of.list("organizations")) != 0 || of.json["organization"] != nil {
		t.Errorf("of the operator: %s", of.body)
	}
	ann.ok("DELETE", "/v1/organizations/"+ann.org.String(), nil)
	w.operator().until("/v1/organizations/"+ann.org.String(), func(a answer) bool { return a.text("erase_at") != "" })
	if of := one(w.signIn("ann@example.com").ok("GET", "/v1/me", nil)); of["status"] != "deleted" || of["erase_at"] == nil {
		t.Errorf("deleted it is %v", of)
	}
	if a := w.signIn("bob@example.com").ok("GET", "/v1/me", nil); len(a.list("organizations")) != 0 { // he can't restore it
		t.Errorf("bob has %s", a.body)
	}
}
