package api_test

import "testing"

// TestResearchIsAskedForAndShown asks for the site of a lead's company, and finds that where it is shown.
func TestResearchIsAskedForAndShown(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("growth")
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.example"})
	at := lead.header.Get("Outrider-Position")
	if all := c.ok("GET", "/v1/leads/"+lead.text("id")+"/research", nil, "Outrider-Position", at); len(all.list("data")) != 0 || all.text("company_id") == "" {
		t.Errorf("before anybody asks: %v", all.json)
	}
	for range 2 { // the second changes nothing
		c.ok("POST", "/v1/leads/"+lead.text("id")+"/research", nil, "Outrider-Position", at)
	}
	shown := c.until("/v1/leads/"+lead.text("id")+"/research", func(a answer) bool { return len(a.list("data")) > 0 })
	if all := shown.list("data"); len(all) != 1 || all[0].(map[string]any)["state"] != "requested" || all[0].(map[string]any)["cause"] != "asked" {
		t.Errorf("got %v", all)
	}
	free := c.ok("POST", "/v1/leads", obj{"email": "ann@gmail.com"})
	c.refused(422, "invalid", "POST", "/v1/leads/"+free.text("id")+"/research", nil)
	if set := c.ok("GET", "/v1/research/settings", nil); set.json["pages_a_site"] != 6.0 || set.json["off"] != false {
		t.Errorf("by default: %v", set.json)
	}
	if set := c.settle("/v1/research/settings", obj{"off": true, "pages_a_site": 3, "pages_per_day": 10, "keep_days": 0}); set.json["off"] != true || set.json["pages_a_site"] != 3.0 {
		t.Errorf("set: %v", set.json)
	}
	other := c.ok("POST", "/v1/leads", obj{"email": "ben@other.example"})
	c.refused(422, "invalid", "POST", "/v1/leads/"+other.text("id")+"/research", nil)
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"})
	path := "/v1/campaigns/" + campaign.text("id") + "/research"
	if set := c.ok("GET", path, nil, "Outrider-Position", campaign.header.Get("Outrider-Position")); set.json["on"] != false || set.json["wait_minutes"] != 60.0 {
		t.Errorf("by default: %v", set.json)
	}
	if set := c.settle(path, obj{"on": true, "wait_minutes": 15, "pages_per_day": 40}); set.json["on"] != true || set.json["wait_minutes"] != 15.0 {
		t.Errorf("set: %v", set.json)
	}
	c.refused(422, "invalid", "PUT", path, obj{"on": true, "wait_minutes": 1441, "pages_per_day": 0})
}
