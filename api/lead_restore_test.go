package api_test

import (
	"testing"
)

func TestALeadIsRemovedAndRestored(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@victim.test", "first_name": "Ann", "custom": obj{"seats": "12"}, "tags": []string{"fair"}, "time_zone": "Europe/Berlin"})
	path := "/v1/leads/" + lead.text("id")
	c.refused(409, "already_exists", "POST", path+"/restore", nil, "Outrider-Position", lead.header.Get("Outrider-Position"))
	c.refused(404, "not_found", "POST", "/v1/leads/"+anID+"/restore", nil)
	gone := c.ok("DELETE", path, nil, "If-Match", "*").header.Get("Outrider-Position")
	back := c.ok("POST", path+"/restore", nil, "Outrider-Position", gone)
	if back.status != 201 || back.text("id") != lead.text("id") || back.text("email") != "ann@victim.test" || back.text("first_name") != "Ann" || back.json["custom"].(map[string]any)["seats"] != "12" || back.list("tags")[0] != "fair" || back.text("time_zone") != "Europe/Berlin" || back.text("source") != lead.text("source") {
		t.Errorf("it came back as %s", back.body)
	}
	c.ok("DELETE", path, nil, "If-Match", "*")
	other := c.ok("POST", "/v1/leads", obj{"email": "ann@victim.test"})
	c.refused(409, "already_exists", "POST", path+"/restore", nil, "Outrider-Position", other.header.Get("Outrider-Position"))
	erased := c.ok("POST", "/v1/leads/"+other.text("id")+"/erase", nil).header.Get("Outrider-Position")
	c.refused(404, "not_found", "POST", path+"/restore", nil, "Outrider-Position", erased)
}

func TestABulkOperationIsTriedFirst(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	at := ""
	var ids []string
	for _, address := range []string{"ann@one.test", "bob@two.test", "cat@three.test"} {
		made := c.ok("POST", "/v1/leads", obj{"email": address, "tags": []string{"fair"}})
		ids, at = append(ids, made.text("id")), made.header.Get("Outrider-Position")
	}
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "approval": "none"}).text("id")
	at = c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "address", "value": "bob@two.test"}}}).header.Get("Outrider-Position")
	check := func(what string, body obj, done, unchanged float64, codes map[string]float64) {
		t.Helper()
		body["dry_run"] = true
		got := c.ok("POST", "/v1/leads/bulk", body, "Outrider-Position", at)
		if got.status != 200 || got.json["asked"] != done+unchanged+got.json["refused_count"].(float64) || got.json["done"] != done || got.json["unchanged"] != unchanged || len(got.json["refused_by_code"].(map[string]any)) != len(codes) {
			t.Errorf("%s: %s", what, got.body)
		}
		for code, n := range codes {
			if got.json["refused_by_code"].(map[string]any)[code] != n {
				t.Errorf("%s: %s", what, got.body)
			}
		}
	}
	all := obj{"all": true}
	check("a tag that all have", obj{"action": "tag", "tags": []string{"fair"}, "filter": all}, 0, 3, nil)
	check("another tag", obj{"action": "tag", "tags": []string{"warm"}, "lead_ids": append([]string{anID}, ids...)}, 3, 0, map[string]float64{"not_found": 1})
	check("people of whom one is suppressed", obj{"action": "enroll", "campaign_id": campaign, "filter": all}, 2, 0, map[string]float64{"suppressed": 1})
	check("addresses of which one is suppressed", obj{"action": "suppress", "filter": all}, 2, 1, nil)
	check("removal", obj{"action": "remove", "lead_ids": append([]string{anID}, ids...)}, 3, 0, map[string]float64{"not_found": 1})
	c.refused(404, "not_found", "POST", "/v1/leads/bulk", obj{"action": "enroll", "campaign_id": anID, "filter": all, "dry_run": true})
	c.with("leads:write").refused(403, "forbidden", "POST", "/v1/leads/bulk", obj{"action": "suppress", "lead_ids": ids, "dry_run": true})
	if got := c.ok("GET", "/v1/leads/bulk", nil).list("data"); len(got) != 0 {
		t.Errorf("something was done: %v", got)
	}

	at = c.ok("DELETE", "/v1/leads/"+ids[0], nil, "If-Match", "*").header.Get("Outrider-Position")
	at = c.ok("POST", "/v1/leads/"+ids[1]+"/erase", nil, "Outrider-Position", at).header.Get("Outrider-Position")
	check("who was removed, erased, there and nobody", obj{"action": "restore", "lead_ids": append([]string{anID}, ids...)}, 1, 0, map[string]float64{"not_found": 3})
	c.refused(422, "invalid", "POST", "/v1/leads/bulk", obj{"action": "restore", "filter": all})
	c.refused(422, "invalid", "POST", "/v1/leads/bulk", obj{"action": "tag", "tags": []string{"x"}, "removed_by": anID})
	c.refused(404, "not_found", "POST", "/v1/leads/bulk", obj{"action": "restore", "removed_by": anID})
}
