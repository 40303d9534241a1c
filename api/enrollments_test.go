package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// imported brings n leads with a tag into an organisation, as an import's chunks would.
func (c *client) imported(n int, tag string) (importID, position string) {
	c.t.Helper()
	id := es.NewID()
	c.submit(commands.RequestImport{ImportRef: events.ImportRef{ImportID: id}, FileName: "x.csv", Bytes: 1, Blob: "x", Mapping: map[string]string{"Email": "email"}, OnDuplicate: "skip", Source: events.SourceCSVUpload})
	h, err := c.cfg.Vault.Hasher(c.t.Context(), c.org)
	check(c.t, err)
	for chunk := 0; chunk*500 < n; chunk++ {
		rows := min(500, n-chunk*500)
		cmd := commands.ImportLeads{ImportID: id, Chunk: chunk, FirstRow: chunk*500 + 2, Rows: rows, OnDuplicate: "skip"}
		for i := range rows {
			address := fmt.Sprintf("%s-%d@example.com", tag, chunk*500+i)
			cmd.Items = append(cmd.Items, commands.LeadItem{LeadID: h.LeadID(address), AddressHash: h.AddressHash(address).String(), DomainHash: h.DomainHash("example.com").String(), FreeMail: true,
				Profile: events.Sealed{K: 1, C: []byte{1}}, Filled: []string{"email"}, Tags: []string{tag}, Source: events.SourceCSVUpload, Row: cmd.FirstRow + i})
		}
		_, position = c.submit(cmd)
	}
	c.ok("GET", "/v1/leads", nil, "Outrider-Position", position)
	return id.String(), position
}

func TestWhoIsEnrolledByAFilter(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serve(func(cfg *api.Config) {
		limited := cfg.Plans["enterprise"]
		limited.LeadsPerMonth = 2600
		cfg.Plans = map[string]events.Limits{"limited": limited}
	})
	c := w.tenant("limited")
	many, _ := c.imported(2510, "many")
	c.imported(200, "few")
	path := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).header.Get("Location")
	second := c.ok("POST", "/v1/campaigns", obj{"name": "Fall"})
	c.ok("GET", path, nil, "Outrider-Position", second.header.Get("Outrider-Position"))
	enroll := func(body obj, headers ...string) answer {
		t.Helper()
		return c.ok("POST", path+"/enrollments", body, headers...)
	}
	first := enroll(obj{"filter": obj{"import_id": many}}, "Idempotency-Key", "page")
	if first.json["enrolled"] != 2500.0 || first.json["refused_count"] != 0.0 || first.text("next_cursor") == "" {
		t.Fatalf("got %s", first.body)
	}
	if again := enroll(obj{"filter": obj{"import_id": many}}, "Idempotency-Key", "page"); string(again.body) != string(first.body) {
		t.Errorf("the repeat: %s", again.body)
	}
	c.refused(422, "idempotency_key_reused", "POST", path+"/enrollments", obj{"filter": obj{"tag": "few"}}, "Idempotency-Key", "page")
	c.refused(400, "malformed_request", "POST", path+"/enrollments", obj{"filter": obj{"tag": "few"}, "cursor": first.text("next_cursor")})
	rest := enroll(obj{"filter": obj{"import_id": many}, "cursor": first.text("next_cursor")})
	if rest.json["enrolled"] != 10.0 || rest.json["next_cursor"] != nil {
		t.Errorf("got %s", rest.body)
	}
	full := enroll(obj{"filter": obj{"tag": "few"}}) // 90 places are left
	if full.json["enrolled"] != 90.0 || full.json["refused_count"] != 110.0 || len(full.list("refused")) != 100 || full.list("refused")[0].(map[string]any)["code"] != "quota_exceeded" {
		t.Errorf("got %.300s", full.body)
	}
	if over := enroll(obj{"filter": obj{"all": true}}); over.json["already"].(float64) < 1 || over.json["enrolled"] != 0.0 {
		t.Errorf("got %.300s", over.body)
	}
	c.imported(1, "one")
	c.refused(402, "quota_exceeded", "POST", path+"/enrollments", obj{"filter": obj{"tag": "one"}})
	if none := enroll(obj{"filter": obj{"tag": "nobody"}}); none.json["enrolled"] != 0.0 || none.json["next_cursor"] != nil {
		t.Errorf("got %s", none.body)
	}
	if same := c.ok("POST", second.header.Get("Location")+"/enrollments", obj{"filter": obj{"import_id": many}}); same.json["enrolled"] != 2500.0 {
		t.Errorf("who counts already counts no more on another campaign: %s", same.body)
	}
	for name, body := range map[string]obj{
		"neither":               {"cursor": "x"},
		"both":                  {"lead_ids": []string{anID}, "filter": obj{"all": true}},
		"a cursor with ids":     {"lead_ids": []string{anID}, "cursor": "x"},
		"all, and a tag":        {"filter": obj{"all": true, "tag": "x"}},
		"not all":               {"filter": obj{"all": false}},
		"no filter":             {"filter": obj{}},
		"an unknown condition":  {"filter": obj{"name": "x"}},
		"not an import":         {"filter": obj{"import_id": "x"}},
		"more than 500 by name": {"lead_ids": strings.Split(strings.Repeat(anID+",", 500)+anID, ",")},
	} {
		if a := c.do("POST", path+"/enrollments", body); a.status != 422 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	c.refused(404, "not_found", "POST", "/v1/campaigns/"+anID+"/enrollments", obj{"filter": obj{"all": true}})
}

func TestEnrollmentsPauseAndStop(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	path := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).header.Get("Location")
	var leads []string
	for i := range 3 {
		leads = append(leads, c.ok("POST", "/v1/leads", obj{"email": fmt.Sprintf("l%d@example.com", i)}).text("id"))
	}
	c.ok("POST", path+"/enrollments", obj{"lead_ids": leads})
	at := c.ok("POST", path+"/enrollments/pause", obj{"lead_ids": leads[:2], "until": "2999-01-01T00:00:00Z"}).header.Get("Outrider-Position")
	list := func(state string) []any {
		t.Helper()
		return c.ok("GET", path+"/enrollments?state="+state, nil, "Outrider-Position", at).list("data")
	}
	paused := list("paused")
	if len(paused) != 2 || paused[0].(map[string]any)["reason"] != "manual" || paused[0].(map[string]any)["paused_until"] != "2999-01-01T00:00:00Z" || len(list("active")) != 1 {
		t.Errorf("got %v", paused)
	}
	at = c.ok("POST", path+"/enrollments/resume", obj{"lead_ids": leads[1:2]}).header.Get("Outrider-Position")
	if len(list("paused")) != 1 || len(list("active")) != 2 {
		t.Error("it wasn't resumed")
	}
	at = c.ok("POST", path+"/enrollments/stop", obj{"lead_ids": append([]string{anID}, leads...)}).header.Get("Outrider-Position")
	if stopped := list("stopped"); len(stopped) != 3 || stopped[0].(map[string]any)["reason"] != "manual" {
		t.Errorf("got %v", stopped)
	}
	c.ok("POST", path+"/enrollments/stop", obj{"lead_ids": leads[:1]}) // it is
	for _, action := range []string{"pause", "resume", "stop"} {
		c.refused(404, "not_found", "POST", path+"/enrollments/"+action, obj{"lead_ids": []string{uuid.NewString()}})
		c.refused(404, "not_found", "POST", "/v1/campaigns/"+anID+"/enrollments/"+action, obj{"lead_ids": leads})
		c.refused(422, "invalid", "POST", path+"/enrollments/"+action, obj{"lead_ids": []string{}})
	}
	c.refused(422, "invalid", "POST", path+"/enrollments/pause", obj{"lead_ids": leads, "until": "2001-01-01T00:00:00Z"})
	c.refused(400, "malformed_request", "GET", path+"/enrollments?state=asleep", nil)
}
