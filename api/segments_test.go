package api_test

import (
	"testing"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	var ids []string
	for _, p := range []obj{{"email": "ann@one.test", "country": "Germany", "tags": []string{"warm"}}, {"email": "bob@two.test", "country": "germany"}, {"email": "cat@three.test", "country": "France", "tags": []string{"warm"}}} {
		ids = append(ids, c.ok("POST", "/v1/leads", p).text("id"))
	}
	made := c.ok("POST", "/v1/segments", obj{"name": " Germany ", "filter": obj{"country": "Germany"}})
	path := "/v1/segments/" + made.text("id")
	if made.status != 201 || made.text("name") != "Germany" || made.json["leads"] != 2.0 || made.json["filter"].(map[string]any)["country"] != "Germany" {
		t.Errorf("saved as %s", made.body)
	}
	c.refused(409, "already_exists", "POST", "/v1/segments", obj{"name": "GERMANY", "filter": obj{"tag": "x"}})
	c.refused(422, "invalid", "POST", "/v1/segments", obj{"name": "Nothing", "filter": obj{}})
	c.refused(422, "invalid", "POST", "/v1/segments", obj{"name": "Somebody", "filter": obj{"email": "ann@one.test"}})
	at := made.header.Get("Outrider-Position")
	listed := func(query string, want ...string) {
		t.Helper()
		got := map[string]bool{}
		page := c.ok("GET", "/v1/leads?include=total&"+query, nil, "Outrider-Position", at)
		for _, l := range page.list("data") {
			got[l.(map[string]any)["id"].(string)] = true
		}
		for _, id := range want {
			if !got[id] || len(got) != len(want) || page.json["total"] != float64(len(want)) {
				t.Errorf("%s lists %s", query, page.body)
			}
		}
	}
	listed("segment_id="+made.text("id"), ids[0], ids[1])
	listed("tag=warm&segment_id="+made.text("id"), ids[0])
	c.refused(404, "not_found", "GET", "/v1/leads?segment_id="+anID, nil)

	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "approval": "none"}).text("id")
	filter := obj{"segment_id": made.text("id")}
	if got := c.ok("POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"filter": filter}); got.json["enrolled"] != 2.0 {
		t.Errorf("enrolled %s", got.body)
	}
	c.refused(422, "invalid", "POST", "/v1/leads/bulk", obj{"action": "tag", "tags": []string{"x"}, "filter": obj{"all": true, "segment_id": made.text("id")}})

	// Who doesn't see countries doesn't learn them by a filter.
	blind := c.with("leads:read", "leads:write")
	blind.refused(403, "forbidden", "GET", "/v1/leads?segment_id="+made.text("id"), nil)
	blind.refused(403, "forbidden", "POST", "/v1/segments", obj{"name": "France", "filter": obj{"country": "France"}})
	if got := blind.ok("GET", path, nil); got.json["leads"] != nil || got.json["filter"].(map[string]any)["country"] == "Germany" {
		t.Errorf("who doesn't see people sees %s", got.body)
	}

	changed := c.ok("PUT", path, obj{"name": "Warm", "filter": obj{"tag": "warm"}}, "If-Match", made.header.Get("ETag"))
	at = changed.header.Get("Outrider-Position")
	if changed.json["version"] != 2.0 || changed.json["leads"] != 2.0 {
		t.Errorf("changed to %s", changed.body)
	}
	listed("segment_id="+made.text("id"), ids[0], ids[2])
	c.refused(412, "version_conflict", "PUT", path, obj{"name": "Warmer", "filter": obj{"tag": "warm"}}, "If-Match", made.header.Get("ETag"))
	if all := c.ok("GET", "/v1/segments", nil, "Outrider-Position", at).list("data"); len(all) != 1 {
		t.Errorf("there are %v", all)
	}
	at = c.ok("DELETE", path, nil).header.Get("Outrider-Position")
	c.refused(404, "not_found", "GET", path, nil, "Outrider-Position", at)
}
