package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"outrider/api"
	"outrider/internal/identity"
)

func TestOrganizationsAndTheirKeys(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, op := w.tenant("starter"), w.operator()
	path := "/v1/organizations/" + c.org.String()
	mine := c.ok("GET", path, nil)
	if mine.header.Get("ETag") != `"1"` || mine.text("plan") != "starter" || mine.json["limits"].(map[string]any)["leads_per_month"] != 500.0 {
		t.Errorf("got %s", mine.body)
	}
	op.refused(409, "already_exists", "POST", "/v1/organizations", obj{"slug": mine.text("slug"), "name": "again"})
	op.refused(422, "invalid", "POST", "/v1/organizations", obj{"slug": "admin", "name": "x"})
	op.refused(422, "invalid", "POST", "/v1/organizations", obj{"slug": "some-one", "name": "x", "plan": "free"})
	renamed := c.ok("PATCH", path, obj{"name": "Renamed"}, "If-Match", `"1"`)
	if renamed.text("name") != "Renamed" || renamed.header.Get("ETag") != `"2"` {
		t.Errorf("got %s", renamed.body)
	}
	c.refused(412, "version_conflict", "PATCH", path, obj{"name": "x"}, "If-Match", `"1"`)
	grown := op.ok("PATCH", path, obj{"plan": "growth", "name": "Grown"})
	if grown.text("plan") != "growth" || grown.text("name") != "Grown" || grown.header.Get("ETag") != `"4"` {
		t.Errorf("got %s", grown.body)
	}
	found := map[string]bool{}
	other := w.tenant("scale")
	for cursor := ""; ; {
		page := op.ok("GET", "/v1/organizations?limit=1"+cursor, nil)
		for _, o := range page.list("data") {
			found[o.(map[string]any)["id"].(string)] = true
		}
		if page.text("next_cursor") == "" {
			break
		}
		cursor = "&cursor=" + page.text("next_cursor")
	}
	if !found[c.org.String()] {
		t.Errorf("the list lacks %s: %v", c.org, found)
	}
	_ = other

	narrow := c.with("leads:read", "keys:manage")
	narrow.refused(403, "forbidden", "POST", "/v1/api-keys", obj{"name": "wider", "scopes": []string{"leads:erase"}})
	narrow.refused(403, "forbidden", "POST", "/v1/leads", obj{"email": "a@example.com"})
	keys := c.ok("GET", "/v1/api-keys", nil)
	if len(keys.list("data")) != 2 || strings.Contains(string(keys.body), "token") {
		t.Errorf("got %s", keys.body)
	}
	id := keys.list("data")[1].(map[string]any)["id"].(string)
	c.ok("DELETE", "/v1/api-keys/"+id, nil)
	narrow.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
	c.ok("DELETE", "/v1/api-keys/"+id, nil)

	op.ok("PATCH", path, obj{"status": "suspended", "status_reason": "unpaid"})
	c.refused(403, "organization_suspended", "POST", "/v1/leads", obj{"email": "a@example.com"})
	c.ok("GET", "/v1/leads", nil)
	if got := op.ok("PATCH", path, obj{"status": "active"}); got.text("status") != "active" {
		t.Errorf("got %s", got.body)
	}
	op.ok("DELETE", path, nil)
	c.refused(401, "unauthenticated", "POST", "/v1/leads", obj{"email": "a@example.com"})
	op.refused(404, "organization_unknown", "POST", "/v1/api-keys", obj{"organization_id": anID, "name": "x", "scopes": []string{"leads:read"}})
}

func TestPlansLimitRequests(t *testing.T) {
	t.Parallel()
	w := build(t)
	began := time.Now().AddDate(0, -2, 0)
	var hours atomic.Int64
	w.serve(func(c *api.Config) {
		c.Now = func() time.Time { return began.Add(time.Duration(hours.Add(1)) * time.Hour) } // an organisation's time gives no tokens
		slow := c.Plans["enterprise"]
		slow.APIRequestsPerMinute = 2
		c.Plans = map[string]eventsLimits{"slow": slow, "starter": c.Plans["starter"], "enterprise": c.Plans["enterprise"]}
	})
	c := w.tenant("slow")
	refused := 0
	var last answer
	for range 20 {
		if last = c.do("GET", "/v1/plans", nil); last.status == http.StatusTooManyRequests {
			refused++
		}
	}
	wait, err := strconv.Atoi(last.header.Get("Retry-After"))
	if err != nil || refused < 10 || wait < 1 || wait > 30 || last.text("code") != "rate_limited" || last.header.Get("RateLimit-Policy") != `"plan";q=2;w=60;counted=process` ||
		last.header.Get("RateLimit") != `"plan";r=0;t=`+last.header.Get("Retry-After") {
		t.Errorf("refused %d of 20, then %v %s", refused, last.header, last.body)
	}
	w.tenant("starter").ok("GET", "/v1/plans", nil)
	free := w.tenant("enterprise")
	for range 70 {
		free.ok("GET", "/v1/plans", nil)
	}
}

func TestQuotaAndEnrollments(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serve(func(c *api.Config) {
		tiny := c.Plans["enterprise"]
		tiny.LeadsPerMonth = 3
		c.Plans = map[string]eventsLimits{"tiny": tiny}
	})
	c := w.tenant("tiny")
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "time_zone": "Europe/Rome", "start_date": "2026-03-01"})
	path := campaign.header.Get("Location")
	ids := make([]string, 5)
	for i := range ids {
		ids[i] = c.ok("POST", "/v1/leads", obj{"email": fmt.Sprintf("l%d@example.com", i)}).text("id")
	}
	held := c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "address", "value": "L0@example.com"}}})
	c.refused(409, "suppressed", "POST", path+"/enrollments", obj{"lead_ids": ids[:1]})
	c.refused(404, "not_found", "POST", path+"/enrollments", obj{"lead_ids": []string{anID}})
	one := c.ok("POST", path+"/enrollments", obj{"lead_ids": ids[1:2]})
	again := c.ok("POST", path+"/enrollments", obj{"lead_ids": ids[1:2]})
	if one.json["enrolled"] != 1.0 || again.json["already"] != 1.0 {
		t.Errorf("got %s, %s", one.body, again.body)
	}
	batch := c.ok("POST", path+"/enrollments", obj{"lead_ids": append([]string{anID}, ids...)})
	if batch.json["enrolled"] != 2.0 || batch.json["already"] != 1.0 || len(batch.list("refused")) != 3 {
		t.Errorf("got %s", batch.body)
	}
	full := c.refused(402, "quota_exceeded", "POST", path+"/enrollments", obj{"lead_ids": ids[4:]})
	if full.text("limit") != "leads_per_month" || full.json["used"] != 3.0 || full.json["max"] != 3.0 || full.text("plan") != "tiny" {
		t.Errorf("got %s", full.body)
	}
	position := full.header.Get("Outrider-Position")
	if got := c.ok("GET", path+"/enrollments?limit=2", nil, "Outrider-Position", position); len(got.list("data")) != 2 || got.text("next_cursor") == "" {
		t.Errorf("got %s", got.body)
	}
	usage := c.ok("GET", "/v1/usage", nil, "Outrider-Position", position)
	if usage.json["leads_processed"] != 3.0 || usage.text("plan") != "tiny" {
		t.Errorf("got %s", usage.body)
	}
	c.refused(409, "in_use", "DELETE", path, nil)

	for query, want := range map[string]int{"": 1, "?value=l0@EXAMPLE.com": 1, "?value=l1@example.com": 0, "?kind=domain": 0, "?value=nonsense": 0} {
		if got := c.ok("GET", "/v1/suppressions"+query, nil); len(got.list("data")) != want {
			t.Errorf("suppressions%s: %s", query, got.body)
		}
	}
	id := held.list("data")[0].(map[string]any)["id"].(string)
	c.ok("DELETE", "/v1/suppressions/"+id, nil)
	c.refused(404, "not_found", "DELETE", "/v1/suppressions/"+id, nil)
}

func TestCampaignEdits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": []obj{{"delay_days": 2, "variants": []obj{{"subject": "s", "body": "b", "weight": 0}}}}})
	path := made.header.Get("Location")
	read := c.ok("GET", path, nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	if string(read.body) != string(made.body) {
		t.Errorf("read\n%s\nwant what was answered at creation\n%s", read.body, made.body)
	}
	steps := made.list("steps")
	steps = append(steps, obj{"variants": []obj{{"subject": "again", "body": "b"}}})
	edited := c.ok("PATCH", path, obj{"name": "Summer", "steps": steps}, "If-Match", `"1"`)
	if edited.text("name") != "Summer" || len(edited.list("steps")) != 2 || edited.header.Get("ETag") != `"3"` {
		t.Errorf("got %s", edited.body)
	}
	c.refused(412, "version_conflict", "DELETE", path, nil, "If-Match", `"2"`)
	gone := c.ok("DELETE", path, nil, "If-Match", `"3"`)
	c.refused(404, "not_found", "GET", path, nil, "Outrider-Position", gone.header.Get("Outrider-Position"))
}

func TestASlugIsRenamedAndTheOldOneLeadsToIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := &clock{}
	w.serve(func(cfg *api.Config) {
		cfg.Slugs = identity.NewSlugs(w.db.Pools.Identity, func() time.Time { return now.now() })
	})
	ann := w.signUp("ann@example.com")
	eve := w.signUp("eve@example.com")
	path := "/v1/organizations/" + ann.org.String()
	before := ann.until(path, func(a answer) bool { return a.status == 200 }).text("slug")
	find := func(c *client, slug string) answer {
		return c.whenVisible("GET", "/v1/organizations/by-slug/"+slug, nil)
	}
	theirs := eve.until("/v1/organizations/"+eve.org.String(), func(a answer) bool { return a.status == 200 }).text("slug")
	ann.refused(409, "already_exists", "PATCH", path, obj{"slug": theirs})
	ann.refused(422, "invalid", "PATCH", path, obj{"slug": "www"})
	if a := ann.ok("PATCH", path, obj{"slug": "annas"}); a.text("slug") != "annas" {
		t.Errorf("it is %s", a.body)
	}
	ann.ok("PATCH", path, obj{"slug": "annas"}) // nothing to do
	if a := find(ann.client, "annas"); a.status != 200 || a.text("id") != ann.org.String() || a.text("role") != "owner" || a.list("previous_slugs")[0] != before {
		t.Errorf("found %d %s", a.status, a.body)
	}
	old := w.follow(ann.client, "/v1/organizations/by-slug/"+before)
	if old.status != 308 || old.header.Get("Location") != "/v1/organizations/by-slug/annas" {
		t.Errorf("the old one is answered %d %v", old.status, old.header)
	}
	for _, slug := range []string{"annas", before, "nobodys"} {
		if a := w.follow(eve.client, "/v1/organizations/by-slug/"+slug); a.status != 404 {
			t.Errorf("eve finds %s: %d", slug, a.status)
		}
	}
	eve.refused(409, "already_exists", "PATCH", "/v1/organizations/"+eve.org.String(), obj{"slug": before})
	now.forward(31 * 24 * time.Hour)
	if a := w.follow(ann.client, "/v1/organizations/by-slug/"+before); a.status != 404 {
		t.Errorf("after a month the old one is answered %d", a.status)
	}
	eve.ok("PATCH", "/v1/organizations/"+eve.org.String(), obj{"slug": before})
	if a := w.follow(eve.client, "/v1/organizations/by-slug/"+before); a.text("id") != eve.org.String() {
		t.Errorf("it is eve's now, but %d %s", a.status, a.body)
	}
	eve.ok("PATCH", "/v1/organizations/"+eve.org.String(), obj{"slug": theirs}) // and back
	if a := find(eve.client, theirs); a.status != 200 {
		t.Errorf("back it is %d %s", a.status, a.body)
	}
}

// follow asks without following where an answer leads to.
func (w *world) follow(c *client, path string) (a answer) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url()+path, nil)
	check(w.t, err)
	req.Header.Set("Authorization", "Bearer "+c.key)
	resp, err := http.DefaultTransport.RoundTrip(req)
	check(w.t, err)
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, err = io.ReadAll(resp.Body)
	check(w.t, err)
	_ = json.Unmarshal(a.body, &a.json) // a redirect has none
	return a
}
