package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestLeadFromCreationToErasure(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	made := c.ok("POST", "/v1/leads", obj{"email": " Ann@Example.com ", "first_name": "Ann", "custom": obj{"segment": "mid"}, "tags": []string{"vip", "vip", "new"}, "time_zone": "Europe/Berlin"})
	if made.status != http.StatusCreated || made.text("email") != "ann@example.com" || made.header.Get("ETag") != `"1"` || made.header.Get("Location") != "/v1/leads/"+made.text("id") {
		t.Fatalf("got %d %v %s", made.status, made.header, made.body)
	}
	path := made.header.Get("Location")
	read := c.ok("GET", path, nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	if string(read.body) != string(made.body) || read.header.Get("ETag") != `"1"` {
		t.Errorf("read\n%s\nwant what was answered at creation\n%s", read.body, made.body)
	}
	dup := c.refused(409, "already_exists", "POST", "/v1/leads", obj{"email": "ANN@example.com"})
	if dup.text("id") != made.text("id") {
		t.Errorf("got %s, want the id of the lead that has the address", dup.body)
	}
	edited := c.ok("PATCH", path, obj{"first_name": nil, "job_title": "CEO", "custom": obj{"segment": nil, "size": "9"}, "tags": nil}, "If-Match", `"1"`)
	if edited.json["first_name"] != nil || edited.text("job_title") != "CEO" || edited.header.Get("ETag") != `"2"` || len(edited.list("tags")) != 0 || edited.json["custom"].(map[string]any)["size"] != "9" ||
		edited.json["custom"].(map[string]any)["segment"] != nil {
		t.Errorf("got %s", edited.body)
	}
	stale := c.refused(412, "version_conflict", "PATCH", path, obj{"city": "Rome"}, "If-Match", `"1"`)
	if stale.json["expected"] != 1.0 || stale.json["actual"] != 2.0 {
		t.Errorf("got %s", stale.body)
	}
	c.refused(400, "malformed_request", "PATCH", path, obj{"city": "Rome"}, "If-Match", `W/"2"`)
	moved := c.ok("PATCH", path, obj{"email": "ann@example.org"}, "Content-Type", "application/merge-patch+json")
	if moved.text("email") != "ann@example.org" || moved.text("id") != made.text("id") {
		t.Errorf("got %s", moved.body)
	}
	story := c.ok("GET", path+"/timeline", nil, "Outrider-Position", moved.header.Get("Outrider-Position"))
	var types []string
	for _, e := range story.list("data") {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	if got := strings.Join(types, " "); got != "lead.created.v2 command.refused.v1 lead.updated.v2 command.refused.v1 lead.updated.v2" && got != "lead.created.v2 lead.updated.v2 command.refused.v1 lead.updated.v2" {
		t.Errorf("timeline: %s", got)
	}
	erased := c.ok("POST", path+"/erase", nil)
	after := c.ok("GET", path, nil, "Outrider-Position", erased.header.Get("Outrider-Position"))
	if strings.Contains(string(after.body), "example.org") || strings.Contains(string(after.body), "CEO") || after.text("erased_at") == "" {
		t.Errorf("after the erasure: %s", after.body)
	}
	c.refused(404, "not_found", "POST", path+"/erase", nil)
	c.refused(404, "not_found", "DELETE", path, nil)
}

func TestLeadPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	var position string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		tags := []string{"odd"}
		if name == "b" || name == "d" {
			tags = []string{"even"}
		}
		position = c.ok("POST", "/v1/leads", obj{"email": name + "@example.com", "tags": tags}).header.Get("Outrider-Position")
	}
	var seen []string
	query, cursor := "?limit=2", ""
	for {
		page := c.ok("GET", "/v1/leads"+query+cursor, nil, "Outrider-Position", position)
		for _, l := range page.list("data") {
			seen = append(seen, l.(map[string]any)["email"].(string)[:1])
		}
		next := page.text("next_cursor")
		if next == "" {
			break
		}
		cursor = "&cursor=" + next
		c.refused(400, "malformed_request", "GET", "/v1/leads?tag=odd"+cursor, nil)
		c.refused(400, "malformed_request", "GET", "/v1/campaigns?limit=2"+cursor, nil)
		other := next[:len(next)-1] + "A"
		if other != next {
			c.refused(400, "malformed_request", "GET", "/v1/leads?cursor="+other, nil)
		}
	}
	if got := strings.Join(seen, ""); got != "edcba" {
		t.Errorf("pages gave %q", got)
	}
	for query, want := range map[string]int{"tag=even": 2, "email=B@": 1, "source=crm": 0, "import_id=" + uuid.NewString(): 0, "email=b%25": 0} {
		if got := len(c.ok("GET", "/v1/leads?"+query, nil).list("data")); got != want {
			t.Errorf("%s: got %d leads, want %d", query, got, want)
		}
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "nope=1", "limit=1&limit=2", "source=moon", "import_id=1", "tag=%ff", "tag=%00", "cursor=!"} {
		c.refused(400, "malformed_request", "GET", "/v1/leads?"+query, nil)
	}
}
