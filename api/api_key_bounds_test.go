package api_test

import (
	"strings"
	"testing"
	"time"
)

func TestAKeyHasALimitAndNetworksThatChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.tenant("scale")
	issued := ann.ok("POST", "/v1/api-keys", obj{"name": "few", "scopes": []string{"leads:read"}, "requests_per_minute": 2})
	few, path := &client{world: w, org: ann.org, key: issued.text("token")}, "/v1/api-keys/"+issued.text("id")
	if issued.json["requests_per_minute"] != 2.0 {
		t.Errorf("issued as %s", issued.body)
	}
	first := few.ok("GET", "/v1/me", nil)
	if policies := strings.Join(first.header.Values("RateLimit-Policy"), ", "); !strings.Contains(policies, `"key";q=2;w=60`) || !strings.Contains(policies, `"plan"`) {
		t.Errorf("the policies are %s", policies)
	}
	few.ok("GET", "/v1/me", nil)
	a := few.refused(429, "rate_limited", "GET", "/v1/me", nil)
	if a.header.Get("Retry-After") == "" || !strings.Contains(a.text("detail"), "the key allows 2 requests a minute") {
		t.Errorf("refused as %v %s", a.header, a.body)
	}
	ann.ok("GET", "/v1/me", nil) // others go on

	if got := ann.ok("PATCH", path, obj{"requests_per_minute": nil, "allowed_networks": []string{"192.0.2.0/24"}}); got.json["requests_per_minute"] != nil || len(got.list("allowed_networks")) != 1 {
		t.Errorf("changed to %s", got.body)
	}
	few.refused(403, "address_not_allowed", "GET", "/v1/me", nil)
	ann.refused(422, "invalid", "PATCH", path, obj{"allowed_networks": []string{"nowhere"}})
	ann.ok("PATCH", path, obj{"allowed_networks": []string{}})
	few.ok("GET", "/v1/me", nil)
	var changed int
	for _, e := range w.eventsOf(ann.org) {
		if e.Type == "api_key.networks_changed.v1" {
			changed++
		}
	}
	if changed != 2 {
		t.Errorf("the history has %d changes", changed)
	}
	ann.with("leads:read", "keys:manage").refused(403, "forbidden", "PATCH", "/v1/api-keys/"+ann.ok("POST", "/v1/api-keys", obj{"name": "more", "scopes": []string{"leads:write"}}).text("id"), obj{"requests_per_minute": 1})

	made := w.operator().ok("POST", "/v1/platform-keys", obj{"name": "on call"})
	old := &client{world: w, key: made.text("token")}
	rotated := w.operator().ok("POST", "/v1/platform-keys/"+made.text("id")+"/rotate", obj{"overlap_minutes": 0})
	(&client{world: w, key: rotated.text("token")}).ok("GET", "/v1/organizations", nil)
	for late := time.Now().Add(5 * time.Minute); old.do("GET", "/v1/organizations", nil).status != 401; {
		if time.Now().After(late) {
			t.Fatal("the secret before is still good")
		}
	}
}
