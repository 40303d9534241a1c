package api_test

import "testing"

// TestSharedLimitsAreSetAndShown sets what mailboxes share, and finds it in what is shown and in why somebody waits.
func TestSharedLimitsAreSetAndShown(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	x := c.conversation()
	set := c.ok("PUT", "/v1/pacing", obj{"organization": obj{"per_day": 1}, "providers": []obj{{"provider": "google", "per_hour": 2}, {"provider": "elsewhere", "domains": []string{"Mail.Example.com"}, "per_day": 9}}, "rotate": true})
	got := c.ok("GET", "/v1/pacing", nil, "Outrider-Position", set.header.Get("Outrider-Position"))
	providers := got.list("providers")
	if got.json["organization"].(map[string]any)["per_day"] != 1.0 || len(providers) != 2 || providers[0].(map[string]any)["domains"] != 2.0 || providers[1].(map[string]any)["domains"] != 1.0 || got.json["rotate"] != true {
		t.Errorf("got %v", got.json)
	}
	row := c.ok("GET", "/v1/mailboxes", nil, "Outrider-Position", set.header.Get("Outrider-Position")).list("data")[0].(map[string]any)
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
