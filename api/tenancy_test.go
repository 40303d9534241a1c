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
	o := c.launched("none")
	message := c.message(o, "requested")
	c.draft(o, message)
	c.message(o, "scheduled")
	c.reply(o, message)
	lead := c.ok("POST", "/v1/leads", obj{"email": "secret@victim.test", "last_name": "Confidential", "tags": []string{"Confidential"}})
	held := c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "confidential.test"}}})
	file := c.ok("POST", "/v1/imports", form("Email\nx@victim.test\n"), "Content-Type", formType, "Idempotency-Key", "imp")
	key := c.ok("POST", "/v1/api-keys", obj{"name": "Confidential", "scopes": []string{"leads:read"}})
	position := key.header.Get("Outrider-Position")
	for _, list := range []string{"leads", "campaigns", "suppressions", "imports", "mailboxes", "messages", "inbox"} {
		if len(c.ok("GET", "/v1/"+list, nil, "Outrider-Position", position).list("data")) == 0 {
			c.t.Fatalf("%s shows its owner nothing", list)
		}
	}
	thread := c.ok("GET", "/v1/inbox", nil).list("data")[0].(map[string]any)["id"].(string)
	l := letter{&campaign{client: c, id: parsed(o.campaign), mailbox: parsed(o.mailbox)}, parsed(o.lead), parsed(message)}
	l.hours()
	c.seen(200, "POST", l.book(), browser, "slot", slots(c.seen(200, "GET", l.book(), browser))[0], "name", "Confidential")
	meeting := c.ok("GET", "/v1/meetings", nil).list("data")[0].(map[string]any)["id"].(string)
	export := c.ok("POST", "/v1/exports", obj{"kind": "leads"}).text("id")
	bulk := c.ok("POST", "/v1/leads/bulk", obj{"action": "tag", "tags": []string{"Confidential"}, "lead_ids": []string{o.lead}}).json["job"].(map[string]any)["id"].(string)
	return map[string]string{"exports": export, "leads/bulk": bulk, "meetings": meeting, "organizations": c.org.String(), "leads": o.lead, "campaigns": o.campaign, "imports": file.text("id"),
		"mailboxes": o.mailbox, "messages": message, "enrollments": o.enrollment, "inbox": thread,
		"members": c.join("confidential@victim.test", "member").person.String(), "invitations": c.ok("POST", "/v1/invitations", obj{"email": "confidential2@victim.test", "role": "member"}).text("id"), "auth/sessions": anID,
		"identity-links": c.operator().ok("POST", "/v1/identity-links", obj{"organization_id": c.org, "provider": "elsewhere", "external_id": "Confidential"}).text("id"),
		"suppressions":   held.list("data")[0].(map[string]any)["id"].(string), "api-keys": key.text("id"), "platform-keys": anID, "trace": key.header.Get("X-Request-Id"), "operations": c.operationID(lead)}
}

// operationID finds the command of a write in the victim's own timeline of requests: any id that the tenant knows will do.
func (c *client) operationID(answer) string {
	c.t.Helper()
	return c.pending("op-key")
}

// valid bodies, so that nothing but the tenant is wrong.
func bodyFor(r api.Route) any {
	switch r.Method + " " + r.Path {
	case "POST /v1/campaigns/{id}/enrollments", "POST /v1/campaigns/{id}/enrollments/pause", "POST /v1/campaigns/{id}/enrollments/resume", "POST /v1/campaigns/{id}/enrollments/stop":
		return obj{"lead_ids": []string{anID}}
	case "PUT /v1/campaigns/{id}/settings":
		return always()
	case "PUT /v1/campaigns/{id}/mailboxes":
		return obj{"mailbox_ids": []string{}}
	case "POST /v1/campaigns/{id}/preview":
		return obj{}
	case "PATCH /v1/mailboxes/{id}":
		return obj{"smtp": obj{"host": "stolen.example.com"}}
	case "POST /v1/api-keys/{id}/rotate":
		return obj{"overlap_minutes": 0}
	case "POST /v1/messages/{id}/resolve":
		return obj{"sent": false}
	case "PUT /v1/identity-links/{id}/joining":
		return obj{"role": "member"}
	case "PATCH /v1/members/{id}":
		return obj{"role": "member"}
	case "POST /v1/members/{id}/transfer-ownership":
		return obj{"password": password}
	case "PATCH /v1/organizations/{id}", "PATCH /v1/campaigns/{id}":
		return obj{"name": "stolen"}
	case "PATCH /v1/leads/{id}":
		return obj{"city": "stolen"}
	}
	return nil
}

func TestNoRouteLeaksToAnotherTenant(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	w.serveImports()
	victim, thief := w.tenant("growth"), w.tenant("enterprise")
	ids := things(victim)
	at := "?at=" + time.Now().UTC().Format(time.RFC3339)
	victim.until("/v1/trace/"+ids["trace"], func(answer) bool { return true })
	tried := 0
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Path
		if !strings.Contains(r.Path, "{id}") {
			continue
		}
		before, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/v1/"), "/{id}")
		id := ids[before]
		if id == "" {
			t.Fatalf("%s: the test has no id for it", name)
		}
		a := thief.do(r.Method, strings.ReplaceAll(r.Path, "{id}", id), bodyFor(r))
		want := http.StatusNotFound
		if r.Allow.Platform && r.Allow.Scope == "" || r.Allow.Person {
			want = http.StatusForbidden // for no tenant at all
		}
		if a.status != want || bytes.Contains(a.body, []byte("onfidential")) {
			t.Errorf("%s with another's id: got %d %s, want %d", name, a.status, a.body, want)
		}
		if op := w.operation(r.Method, r.Path); op.Parameters.GetByInAndName("query", "at") != nil { // the past is nobody else's either
			thief.refused(http.StatusNotFound, "not_found", r.Method, strings.ReplaceAll(r.Path, "{id}", id)+at, nil)
		}
		tried++
	}
	if tried < 42 {
		t.Errorf("tried %d routes only", tried)
	}
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "{id}") || r.Allow.Public || r.Path == "/v1/events" { // a stream has tests of its own
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
	path := mine.header.Get("Location")
	thief.refused(404, "not_found", "POST", path+"/enrollments", obj{"lead_ids": []string{ids["leads"]}})
	thief.refused(404, "not_found", "PUT", path+"/mailboxes", obj{"mailbox_ids": []string{ids["mailboxes"]}})
	at = mine.header.Get("Outrider-Position")
	thief.refused(404, "not_found", "POST", path+"/preview", obj{"lead_id": ids["leads"], "subject": "s", "body": "b"}, "Outrider-Position", at)
	if got := thief.ok("POST", path+"/enrollments", obj{"filter": obj{"all": true}}); got.json["enrolled"] != 0.0 {
		t.Errorf("a filter finds another's leads: %s", got.body)
	}
	for _, action := range []string{"approve", "reject"} {
		thief.refused(404, "not_found", "POST", "/v1/messages/"+action, obj{"message_ids": []string{ids["messages"]}})
		thief.ok("POST", "/v1/messages/"+action, obj{"message_ids": []string{ids["messages"], anID}}) // passes over what it doesn't find
	}
	for _, query := range []string{"campaign_id=" + ids["campaigns"], "lead_id=" + ids["leads"], "mailbox_id=" + ids["mailboxes"]} {
		for _, list := range []string{"messages", "inbox"} {
			if a := thief.ok("GET", "/v1/"+list+"?"+query, nil); len(a.list("data")) != 0 {
				t.Errorf("%s?%s shows another's: %s", list, query, a.body)
			}
		}
	}
	if got := victim.ok("GET", "/v1/mailboxes/"+ids["mailboxes"], nil); got.json["smtp"].(map[string]any)["host"] != "mail.example.com" || got.text("status") != "active" {
		t.Errorf("the victim's mailbox is %s now", got.body)
	}
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
	for _, s := range append(identity.OrganizationScopes(), identity.AuditRead) {
		keys[s] = c.with(string(s))
	}
	const id = anID
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
		if has := keys[r.Allow.Scope]; has != nil {
			if a := has.do(r.Method, path, nil); a.status == 403 {
				t.Errorf("%s %s: refused a key with the scope", r.Method, r.Path)
			}
		}
		if !r.Allow.Platform {
			w.operator().refused(403, "forbidden", r.Method, path, nil)
		}
	}
}
