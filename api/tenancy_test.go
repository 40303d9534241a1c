package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"outrider/api"
	"outrider/internal/identity"
)

// things are ids of everything that a tenant has, by the first segment of the path.
func things(c *client) map[string]string {
	c.t.Helper()
	lead := c.ok("POST", "/v1/leads", obj{"email": "secret@victim.test", "last_name": "Confidential", "tags": []string{"Confidential"}})
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Confidential", "steps": []obj{{"variants": []obj{{"subject": "Confidential", "body": "b"}}}}})
	enrolled := c.ok("POST", campaign.header.Get("Location")+"/enrollments", obj{"lead_ids": []string{lead.text("id")}})
	held := c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "confidential.test"}}})
	file := c.ok("POST", "/v1/imports", form("Email\nx@victim.test\n"), "Content-Type", formType, "Idempotency-Key", "imp")
	key := c.ok("POST", "/v1/api-keys", obj{"name": "Confidential", "scopes": []string{"leads:read"}})
	position := key.header.Get("Outrider-Position")
	for _, list := range []string{"leads", "campaigns", "suppressions", "imports"} {
		if len(c.ok("GET", "/v1/"+list, nil, "Outrider-Position", position).list("data")) == 0 {
			c.t.Fatalf("%s shows its owner nothing", list)
		}
	}
	_ = enrolled
	out := c.campaign()
	out.hours()
	l := out.sent("guest@confidential-guest.test", "https://confidential.example/", time.Hour)
	slot := slots(c.seen(200, "GET", l.book(), browser))[0]
	c.seen(200, "POST", l.book(), browser, "slot", slot, "name", "Confidential")
	meeting := c.ok("GET", "/v1/meetings", nil).list("data")[0].(map[string]any)["id"].(string)
	return map[string]string{"meetings": meeting, "organizations": c.org.String(), "leads": lead.text("id"), "campaigns": campaign.text("id"), "imports": file.text("id"),
		"suppressions": held.list("data")[0].(map[string]any)["id"].(string), "api-keys": key.text("id"), "operations": c.operationID(lead)}
}

// operationID finds the command of a write in the victim's own timeline of requests: any id that the tenant knows will do.
func (c *client) operationID(answer) string {
	c.t.Helper()
	return c.pending("op-key")
}

// valid bodies, so that nothing but the tenant is wrong.
func bodyFor(r api.Route) any {
	switch r.Method + " " + r.Path {
	case "POST /v1/campaigns/{id}/enrollments":
		return obj{"lead_ids": []string{"01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e5f"}}
	case "PATCH /v1/organizations/{id}", "PATCH /v1/campaigns/{id}":
		return obj{"name": "stolen"}
	case "PATCH /v1/leads/{id}":
		return obj{"city": "stolen"}
	}
	return nil
}

func TestNoRouteLeaksToAnotherTenant(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	victim, thief := w.tenant("growth"), w.tenant("enterprise")
	ids := things(victim)
	tried := 0
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Path
		if !strings.Contains(r.Path, "{id}") {
			continue
		}
		id := ids[strings.Split(r.Path, "/")[2]]
		if id == "" {
			t.Fatalf("%s: the test has no id for it", name)
		}
		a := thief.do(r.Method, strings.ReplaceAll(r.Path, "{id}", id), bodyFor(r))
		want := http.StatusNotFound
		if r.Allow.Platform && r.Allow.Scope == "" {
			want = http.StatusForbidden // for no tenant at all
		}
		if a.status != want || bytes.Contains(a.body, []byte("onfidential")) {
			t.Errorf("%s with another's id: got %d %s, want %d", name, a.status, a.body, want)
		}
		tried++
	}
	if tried < 19 {
		t.Errorf("tried %d routes only", tried)
	}
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "{id}") || r.Allow.Public || r.Path == "/v1/events" { // which TestWhatAStreamTells looks at
			continue
		}
		a := thief.do(r.Method, r.Path, nil)
		if bytes.Contains(a.body, []byte("onfidential")) || bytes.Contains(a.body, []byte(victim.org.String())) {
			t.Errorf("%s shows another's data: %s", r.Path, a.body)
		}
	}
	for _, path := range []string{"/v1/api-keys?organization_id=" + victim.org.String(), "/v1/operations/" + ids["operations"] + "?organization_id=" + victim.org.String()} {
		thief.refused(404, "not_found", "GET", path, nil)
	}
	thief.refused(404, "not_found", "POST", "/v1/api-keys", obj{"organization_id": victim.org, "name": "x", "scopes": []string{"leads:read"}})
	mine := thief.ok("POST", "/v1/campaigns", obj{"name": "mine"})
	thief.refused(404, "not_found", "POST", mine.header.Get("Location")+"/enrollments", obj{"lead_ids": []string{ids["leads"]}})
	if got := victim.ok("GET", "/v1/leads/"+ids["leads"], nil).text("last_name"); got != "Confidential" {
		t.Errorf("the victim's lead is %q now", got)
	}
}

func TestEveryRouteAsksForItsPermission(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	nobody := &client{world: w}
	keys := map[identity.Scope]*client{}
	for _, s := range []identity.Scope{identity.LeadsRead, identity.AuditRead} {
		keys[s] = c.with(string(s))
	}
	const id = "01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e5f"
	for _, r := range api.Routes() {
		if r.Allow.Public {
			continue
		}
		path := strings.ReplaceAll(r.Path, "{id}", id)
		a := nobody.refused(401, "unauthenticated", r.Method, path, nil)
		if a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without WWW-Authenticate", r.Path)
		}
		nobody.refused(401, "unauthenticated", r.Method, path, nil, "X-Api-Key", "ork_x")
		if r.Allow.AnyKey {
			continue
		}
		lacks := keys[identity.AuditRead]
		if r.Allow.Scope == identity.AuditRead {
			lacks = keys[identity.LeadsRead]
		}
		lacks.refused(403, "forbidden", r.Method, path, nil)
		if r.Allow.Scope == identity.LeadsRead {
			if a := keys[identity.LeadsRead].do(r.Method, path, nil); a.status == 403 {
				t.Errorf("%s %s: refused a key with the scope", r.Method, r.Path)
			}
		}
		if !r.Allow.Platform {
			w.operator().refused(403, "forbidden", r.Method, path, nil)
		}
	}
}
