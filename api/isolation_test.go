package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/api"
	"outrider/internal/identity"
)

// asker is somebody who tries every operation.
type asker struct {
	name     string
	c        *client
	person   *signedInMember  // nil = a key
	scopes   []identity.Scope // that it has
	platform bool
	gone     bool // it is nobody: its credential is worth nothing
	stranger bool // of another organisation: it asks for the victim's things by their ids
}

// may reports what the description says of who has a permission, and those that are needed besides.
func (a *asker) may(permissions, also []string) bool {
	for _, p := range also {
		if !slices.Contains(a.scopes, identity.Scope(p)) {
			return false
		}
	}
	return !a.gone && slices.ContainsFunc(permissions, func(p string) bool {
		return p == "any" || p == "person" && a.person != nil || a.platform && p == string(identity.PlatformAdmin) || !a.platform && slices.Contains(a.scopes, identity.Scope(p))
	})
}

// TestIsolation lets everybody ask for every operation of openapi.yaml: each is answered with what the table of permissions says, and
// with nothing of somebody else's. What is allowed is answered with the status of the operation's row (isolationRows).
func TestIsolation(t *testing.T) {
	t.Parallel()
	w := build(t)
	unlimited := *w.cfg.SignIn
	unlimited.TrialPlan = "enterprise"
	w.cfg.SignIn = &unlimited
	w.serveColumns()
	w.serveImports()
	victim := w.tenant("growth")
	ids := things(victim)
	victim.until("/v1/trace/"+ids["trace"], func(answer) bool { return true })
	rows := isolationRows()
	report := struct {
		Operations int `json:"operations"`
		Attempts   int `json:"attempts"`
		Leaks      int `json:"leaks"`
		Unexpected int `json:"unexpected"`
	}{}
	operations := w.operationsInOrder(rows)
	report.Operations = len(operations)
	for name := range rows {
		if !slices.Contains(operations, name) {
			t.Errorf("%s has a row and is no operation", name)
		}
	}
	askers := w.askers()
	for _, name := range operations {
		row, ok := rows[name]
		if !ok {
			t.Errorf("%s has no row: say in isolationRows how who may ask for it is answered", name)
			report.Unexpected++
		}
		method, path, _ := strings.Cut(name, " ")
		permissions, also := w.permissionsOf(method, path)
		for _, a := range append(slices.Clone(askers), w.keysBeside(permissions, also)...) {
			report.Attempts++
			want, code := row.expected(a, permissions, also)
			got := a.ask(method, path, row, ids)
			if got.status != want || code != "" && got.text("code") != code {
				report.Unexpected++
				t.Errorf("%s as %s: got %d %.120s, want %d %s", name, a.name, got.status, got.body, want, code)
			}
			if want == http.StatusForbidden && !a.platform && a.person == nil && permissions[0] != "person" && got.text("scope") == "" {
				report.Unexpected++
				t.Errorf("%s as %s: it doesn't name what is missing: %s", name, a.name, got.body)
			}
			if a.stranger && (bytes.Contains(got.body, []byte("onfidential")) || bytes.Contains(got.body, []byte(victim.org.String()))) {
				report.Leaks++
				t.Errorf("%s shows %s another's data: %.300s", name, a.name, got.body)
			}
		}
	}
	if got := victim.ok("GET", "/v1/mailboxes/"+ids["mailboxes"], nil); got.json["smtp"].(map[string]any)["host"] != "mail.example.com" || got.text("status") != "active" {
		report.Leaks++
		t.Errorf("the victim's mailbox is %s now", got.body)
	}
	if got := victim.ok("GET", "/v1/leads/"+ids["leads"], nil).text("last_name"); got != "Confidential" {
		report.Leaks++
		t.Errorf("the victim's lead is %q now", got)
	}
	line, err := json.Marshal(report)
	check(t, err)
	fmt.Fprintf(os.Stdout, "%s\n", line) // make test-isolation prints it
}

// operationsInOrder lists the operations of openapi.yaml, those last that end something for who asks.
func (w *world) operationsInOrder(rows map[string]isolationRow) (names []string) {
	for path, item := range w.spec.Paths.Map() {
		for method := range item.Operations() {
			names = append(names, method+" "+path)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if x, y := rows[a].last, rows[b].last; x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return names
}

// permissionsOf is what the description says who may: of names one is enough, of also all are needed.
func (w *world) permissionsOf(method, path string) (names, also []string) {
	op := w.spec.Paths.Value(path).GetOperation(method)
	list, _ := op.Extensions["x-permission"].([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	list, _ = op.Extensions["x-permission-also"].([]any)
	for _, name := range list {
		also = append(also, fmt.Sprint(name))
	}
	if len(names) == 0 {
		w.t.Fatalf("%s %s has no x-permission", method, path)
	}
	return names, also
}

// expected is the status, and the code of a problem if that follows from the table.
func (r isolationRow) expected(a *asker, permissions, also []string) (status int, code string) {
	switch {
	case permissions[0] == "public":
	case a.gone:
		return http.StatusUnauthorized, "unauthenticated"
	case !a.may(permissions, also):
		return http.StatusForbidden, "forbidden"
	}
	if status, ok := r.but[a.name]; ok {
		return status, ""
	}
	if a.platform && r.platform != 0 {
		return r.platform, ""
	}
	return r.status, ""
}

// ask sends a request for something that isn't there, or that is another's.
func (a *asker) ask(method, path string, row isolationRow, ids map[string]string) answer {
	c := *a.c
	if row.last > 0 && a.person != nil { // its session ends
		c = *c.signIn(a.name + "@example.com").client
	}
	id := anID
	if before, _, _ := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/{id}"); a.stranger && ids[before] != "" {
		id = ids[before]
	}
	path = strings.NewReplacer("{id}", id, "{token}", "no-token", "{n}", "1").Replace(path) + row.query
	headers := []string{"Idempotency-Key", uuid.NewString()}
	if a.name == "expired key" && row.status != 0 {
		return c.fromElsewhere(method, path, row.body)
	}
	got := c.whenVisible(method, path, row.body, headers...)
	for try := 0; got.status == http.StatusAccepted && row.but[a.name] != http.StatusAccepted && try < 100; try++ { // not decided yet
		got = c.whenVisible(method, path, row.body, headers...)
	}
	return got
}

// fromElsewhere asks from an address of its own each time, as few wrong keys of one are looked at.
func (c *client) fromElsewhere(method, path string, body any) answer {
	c.t.Helper()
	var req fasthttp.Request
	req.Header.SetMethod(method)
	req.SetRequestURI(c.url() + path)
	req.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		data, err := json.Marshal(body)
		check(c.t, err)
		req.Header.SetContentType("application/json")
		req.SetBody(data)
	}
	var ctx fasthttp.RequestCtx
	id := uuid.New()
	ctx.Init(&req, &net.TCPAddr{IP: net.IPv4(10, id[0], id[1], id[2])}, nil)
	c.servers[len(c.servers)-1].Handler()(&ctx)
	got := answer{status: ctx.Response.StatusCode(), body: ctx.Response.Body()}
	_ = json.Unmarshal(got.body, &got.json) // what is no JSON has no code
	return got
}

// askers is everybody whom the operations are tried with, besides the keys of keysBeside.
func (w *world) askers() []*asker {
	w.t.Helper()
	ann := w.signUp("owner@example.com")
	people := map[identity.Role]*signedInMember{identity.RoleOwner: ann, identity.RoleAdmin: ann.join("admin@example.com", "admin"), identity.RoleMember: ann.join("member@example.com", "member")}
	gone, homeless := ann.join("gone@example.com", "admin"), ann.join("homeless@example.com", "member")
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 5 })
	ann.ok("DELETE", "/v1/members/"+gone.person.String(), nil)
	ann.ok("DELETE", "/v1/members/"+homeless.person.String(), nil)
	homeless = w.signIn("homeless@example.com")
	thief := w.signUp("thief@example.com")
	all := identity.OrganizationScopes()
	_, expiredKey, err := w.cfg.Keys.Issue(w.t.Context(), identity.Issue{Org: ann.org, Name: "expired", Scopes: all, Expires: time.Now().Add(-time.Hour)})
	check(w.t, err)
	hourAgo, err := identity.NewSessions(w.db.Pools.Identity, w.cfg.SignIn.SigningKeys, base, identity.Options{Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	check(w.t, err)
	expired, err := hourAgo.Begin(w.t.Context(), ann.person, ann.org, identity.Device{})
	check(w.t, err)
	list := []*asker{
		{name: "nobody", c: w.nobody(), gone: true},
		{name: "no key", c: &client{world: w, key: "ork_x"}, gone: true},
		{name: "expired key", c: &client{world: w, key: expiredKey}, gone: true},
		{name: "expired token", c: &client{world: w, key: expired.Token}, gone: true},
		{name: "removed member", c: gone.client, gone: true},
		{name: "homeless", c: homeless.client, person: homeless},
		{name: "operator", c: w.operator(), platform: true},
		{name: "thief", c: thief.client, person: thief, scopes: identity.RoleOwner.Scopes(), stranger: true},
		{name: "thief's key", c: thief.withAll(), scopes: all, stranger: true},
	}
	for _, role := range identity.Roles() {
		list = append(list, &asker{name: string(role), c: people[role].client, person: people[role], scopes: role.Scopes()})
	}
	w.ours = ann.client
	return list
}

// withAll is the same tenant with a key for everything.
func (c *client) withAll() *client {
	c.t.Helper()
	var scopes []string
	for _, s := range identity.OrganizationScopes() {
		scopes = append(scopes, string(s))
	}
	return c.with(scopes...)
}

// keysBeside returns two keys for an operation that asks for a permission: one with nothing else, and one with everything else; and two for what it
// asks for besides.
func (w *world) keysBeside(permissions, also []string) (keys []*asker) {
	w.t.Helper()
	scope := identity.Scope(permissions[0])
	if !slices.Contains(identity.OrganizationScopes(), scope) {
		return nil
	}
	keys = []*asker{w.keyWith(scope), w.keyWithout(scope)}
	for _, name := range also {
		keys = append(keys, w.keyWith(scope, identity.Scope(name)), w.keyWithout(identity.Scope(name)))
	}
	return keys
}

func (w *world) keyWith(scopes ...identity.Scope) *asker {
	return w.keyCalled("key with", scopes, scopes)
}

func (w *world) keyWithout(scope identity.Scope) *asker {
	return w.keyCalled("key without", []identity.Scope{scope}, slices.DeleteFunc(identity.OrganizationScopes(), func(s identity.Scope) bool { return s == scope }))
}

// keyCalled makes a key once.
func (w *world) keyCalled(how string, named, scopes []identity.Scope) *asker {
	name := fmt.Sprint(how, " ", named)
	if w.beside == nil {
		w.beside = map[string]*asker{}
	}
	if w.beside[name] == nil {
		var texts []string
		for _, s := range scopes {
			texts = append(texts, string(s))
		}
		w.beside[name] = &asker{name: name, c: w.ours.with(texts...), scopes: scopes}
	}
	return w.beside[name]
}

// TestOthersThingsInBodies names another's things where no path does.
func TestOthersThingsInBodies(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	w.serveImports()
	victim, thief := w.tenant("growth"), w.tenant("enterprise")
	ids := things(victim)
	victim.until("/v1/trace/"+ids["trace"], func(answer) bool { return true })
	for _, r := range api.Routes() {
		if op := w.operation(r.Method, r.Path); op.Parameters.GetByInAndName("query", "at") != nil { // the past is nobody else's either
			before, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/v1/"), "/{id}")
			thief.refused(http.StatusNotFound, "not_found", r.Method, strings.ReplaceAll(r.Path, "{id}", ids[before])+"?at="+time.Now().UTC().Format(time.RFC3339), nil)
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
	at := mine.header.Get("Outrider-Position")
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
}
