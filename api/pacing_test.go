package api_test

import "testing"

// settle sets something, and shows it once it is to be seen, however long that takes on a busy machine.
func (c *client) settle(path string, body obj) answer {
	c.t.Helper()
	a := c.do("PUT", path, body)
	if a.status != 200 && a.status != 202 {
		c.t.Fatalf("PUT %s: %d %s", path, a.status, a.body)
	}
	got := c.until(path, func(answer) bool { return true }, "Outrider-Position", a.header.Get("Outrider-Position"))
	got.header = a.header
	return got
}

// TestSharedLimitsAreSetAndShown sets what mailboxes share, and finds it in what is shown and in why somebody waits.
func TestSharedLimitsAreSetAndShown(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	x := c.conversation()
	got := c.settle("/v1/pacing", obj{"organization": obj{"per_day": 1}, "providers": []obj{{"provider": "google", "per_hour": 2}, {"provider": "elsewhere", "domains": []string{"Mail.Example.com"}, "per_day": 9}}, "rotate": true})
	providers := got.list("providers")
	if got.json["organization"].(map[string]any)["per_day"] != 1.0 || len(providers) != 2 || providers[0].(map[string]any)["domains"] != 2.0 || providers[1].(map[string]any)["domains"] != 1.0 || got.json["rotate"] != true {
		t.Errorf("got %v", got.json)
	}
	kept := c.settle("/v1/pacing", obj{"organization": obj{"per_day": 1}, "providers": []obj{{"provider": "google", "domains": []string{"gmail.com"}}, {"provider": "elsewhere", "per_day": 8}}}).list("providers")
	if p := kept[1].(map[string]any); kept[0].(map[string]any)["domains"] != 1.0 || p["domains"] != 1.0 || p["per_day"] != 8.0 {
		t.Errorf("limits that are set without domains leave %v", kept)
	}
	kept = c.settle("/v1/pacing", obj{"organization": obj{"per_day": 1}, "providers": []obj{{"provider": "google"}, {"provider": "yahoo"}, {"provider": "elsewhere", "domains": []string{}}}}).list("providers")
	if kept[0].(map[string]any)["domains"] != 1.0 || kept[1].(map[string]any)["domains"].(float64) < 10 || kept[2].(map[string]any)["domains"] != 0.0 {
		t.Errorf("got %v", kept)
	}
	row := c.ok("GET", "/v1/mailboxes", nil, "Outrider-Position", got.header.Get("Outrider-Position")).list("data")[0].(map[string]any)
	if today := row["today"].(map[string]any); today["rule"] != "organization_cap" || today["text"] == "" {
		t.Errorf("the mailbox waits for %v", today)
	}
	c.ok("PUT", "/v1/mailboxes/"+x.mailbox+"/hours", obj{"windows": []obj{{"days": []int{1, 2}, "from": "06:00", "to": "08:00"}}})
	holidays := c.ok("PUT", "/v1/public-holidays", obj{"countries": []string{"DE"}})
	at := holidays.header.Get("Outrider-Position")
	if hours := c.ok("GET", "/v1/mailboxes/"+x.mailbox+"/hours", nil, "Outrider-Position", at).list("windows"); len(hours) != 1 {
		t.Errorf("got %v", hours)
	}
	heeded := 0
	for _, d := range c.ok("GET", "/v1/public-holidays", nil, "Outrider-Position", at).list("data") {
		if d := d.(map[string]any); d["heeded"] == true {
			heeded++
			if d["country"] != "DE" || len(d["next"].([]any)) != 3 {
				t.Errorf("got %v", d)
			}
		}
	}
	if heeded != 1 {
		t.Errorf("%d countries are heeded", heeded)
	}
	c.refused(422, "invalid", "PUT", "/v1/public-holidays", obj{"countries": []string{"XX"}})
}
