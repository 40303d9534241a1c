package api_test

import (
	"net/http"
	"strings"
	"testing"

	"outrider/api"
	"outrider/internal/identity"
)

func TestPlatformKeysAreIssuedListedAndRevoked(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	op := w.operator()
	issued := op.ok("POST", "/v1/platform-keys", obj{"name": "On call"})
	second := &client{world: w, key: issued.text("token")}
	if !strings.HasPrefix(second.key, "orp_") {
		t.Fatalf("got %s", issued.body)
	}
	second.ok("GET", "/v1/organizations", nil)
	op.refused(422, "invalid", "POST", "/v1/platform-keys", obj{"name": "late", "expires_at": "2001-01-01T00:00:00Z"})
	list := second.ok("GET", "/v1/platform-keys", nil)
	if got := list.list("data"); len(got) != 2 || got[1].(map[string]any)["id"] != issued.text("id") || strings.Contains(string(list.body), second.key) {
		t.Fatalf("got %s", list.body)
	}
	op.ok("DELETE", "/v1/platform-keys/"+issued.text("id"), nil)
	second.refused(401, "unauthenticated", "GET", "/v1/organizations", nil)
	op.refused(404, "not_found", "DELETE", "/v1/platform-keys/"+anID, nil)
	tenant := w.tenant("growth")
	tenant.refused(403, "forbidden", "POST", "/v1/platform-keys", obj{"name": "x"})
	own := tenant.ok("GET", "/v1/api-keys", nil).list("data")[0].(map[string]any)["id"].(string)
	op.refused(404, "not_found", "DELETE", "/v1/platform-keys/"+own, nil) // it is an organisation's
}

func TestKeysOfASuspendedOrganisationReadAndStop(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("scale") // more requests a minute than there are operations
	if err := w.cfg.Keys.SetAccess(t.Context(), c.org, identity.AccessRead, 100); err != nil {
		t.Fatal(err)
	}
	may := map[string]bool{"DELETE /v1/organizations/{id}": true, "PATCH /v1/roles/{id}": true, "DELETE /v1/roles/{id}": true, "PATCH /v1/api-keys/{id}": true, "DELETE /v1/api-keys/{id}": true, "DELETE /v1/inbox/replies/{id}": true, "POST /v1/inbox/replies/{id}/resolve": true, "POST /v1/api-keys/{id}/rotate": true, "DELETE /v1/exports/{id}": true, "DELETE /v1/webhooks/{id}": true, "POST /v1/webhooks/{id}/rotate-secret": true, "DELETE /v1/hooks/{id}": true, "DELETE /v1/integrations/{id}": true, "POST /v1/integrations/{id}/pause": true, "PATCH /v1/members/{id}": true, "DELETE /v1/members/{id}": true, "POST /v1/members/{id}/transfer-ownership": true, "DELETE /v1/invitations/{id}": true, "DELETE /v1/identity-links/{id}": true,
		"POST /v1/leads/{id}/erase": true, "POST /v1/suppressions": true, "POST /v1/campaigns/{id}/preview": true, "POST /v1/analytics/query": true,
		"POST /v1/billing/checkout": true, "POST /v1/billing/portal": true, "POST /v1/billing/preview": true, "PUT /v1/billing/subscription": true, "DELETE /v1/billing/subscription": true, "POST /v1/billing/subscription/resume": true,
		"POST /v1/campaigns/{id}/pause": true, "POST /v1/campaigns/{id}/complete": true, "POST /v1/campaigns/{id}/enrollments/pause": true, "POST /v1/campaigns/{id}/enrollments/stop": true,
		"POST /v1/mailboxes/{id}/pause": true, "POST /v1/messages/reject": true, "POST /v1/messages/{id}/resolve": true, "POST /v1/meetings/{id}/cancel": true}
	for _, r := range api.Routes() {
		if r.Allow.Public || r.Allow.Scope == "" || r.Path == "/v1/events" {
			continue
		}
		a := c.do(r.Method, strings.NewReplacer("{id}", anID, "{n}", "1").Replace(r.Path), isolationRows()[r.Method+" "+r.Path].body)
		if stopped := a.status == http.StatusForbidden && a.text("code") == "organization_suspended"; stopped != (r.Method != http.MethodGet && !may[r.Method+" "+r.Path]) {
			t.Errorf("%s %s: %d %s", r.Method, r.Path, a.status, a.body)
		}
	}
	if err := w.cfg.Keys.SetAccess(t.Context(), c.org, identity.AccessNone, 101); err != nil {
		t.Fatal(err)
	}
	c.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
}
